"""Check what the course needs on this machine, and say what to do about what is missing."""

import html
import os
import shutil
import sys
import tomllib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from coursekit.markup import with_code
from coursekit.paths import CourseNotFoundError, course_root

if TYPE_CHECKING:
    from rich.table import Table

Verdict = Literal["ok", "warn", "bad"]
WORDS: dict[Verdict, str] = {"ok": "ok", "warn": "look", "bad": "bad"}
COLORS: dict[Verdict, str] = {"ok": "green", "warn": "yellow", "bad": "red"}
HEADINGS = ("What", "Found", "Verdict", "What to do")
GIGABYTE = 10**9
INSTALL = "run `make lab` again, or `pip install -c constraints.txt -e .` in the course's folder"


@dataclass(frozen=True)
class Row:
    """One thing that was looked at."""

    name: str
    value: str
    verdict: Verdict = "ok"
    advice: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """All that was looked at, as a table in a terminal, in Jupyter and in plain text."""

    rows: tuple[Row, ...]

    @property
    def ok(self) -> bool:
        """Is nothing bad?"""
        return all(row.verdict != "bad" for row in self.rows)

    @property
    def summary(self) -> str:
        """The outcome in one sentence."""
        bad = sum(row.verdict == "bad" for row in self.rows)
        if bad:
            return f"{bad} of {len(self.rows)} {'need' if bad > 1 else 'needs'} mending."
        return "Everything that the course needs is here."

    def __str__(self) -> str:
        cells = [HEADINGS[:3], *((r.name, r.value, WORDS[r.verdict]) for r in self.rows)]
        widths = [max(len(line[column]) for line in cells) for column in range(3)]
        lines = []
        for line, advice in zip(cells, [HEADINGS[3], *(r.advice for r in self.rows)], strict=True):
            padded = (text.ljust(width) for text, width in zip(line, widths, strict=True))
            lines.append("  ".join([*padded, advice]).rstrip())
        return "\n".join([*lines, self.summary])

    def __rich__(self) -> "Table":
        from rich.table import Table
        from rich.text import Text

        table = Table(title="The course on this machine", caption=self.summary, box=None)
        for heading in HEADINGS:
            table.add_column(heading)
        for row in self.rows:
            verdict = Text(WORDS[row.verdict], style=COLORS[row.verdict])
            # Text, not markup: a path may hold square brackets
            table.add_row(row.name, Text(row.value), verdict, Text(row.advice))
        return table

    def _repr_html_(self) -> str:
        # no colors of its own, so that it reads in every theme; the verdict is a word, not a color
        cell = "text-align: left; vertical-align: top;"
        head = "".join(f'<th scope="col" style="{cell}">{name}</th>' for name in HEADINGS)
        body = []
        for row in self.rows:
            word = WORDS[row.verdict]
            marked = word if row.verdict == "ok" else f"<strong>{word}</strong>"
            found, advice = html.escape(row.value), with_code(row.advice)
            body.append(
                f'<tr><th scope="row" style="{cell}">{html.escape(row.name)}</th>'
                f'<td style="{cell}">{found}</td><td style="{cell}">{marked}</td>'
                f'<td style="{cell}">{advice}</td></tr>'
            )
        return (
            f'<table><caption style="text-align: left;">{html.escape(self.summary)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
        )


def doctor() -> Diagnosis:
    """Check what the course needs: end a cell with it to see the table."""
    return diagnose()


def diagnose() -> Diagnosis:
    """Look at everything that the course needs on this machine."""
    root = _root()
    return Diagnosis(
        (
            *_python(root),
            *_packages(root),
            *_torch(),
            _memory(),
            *_data(),
            *_folders(root),
            _disk(root or Path.cwd()),
        )
    )


def _root() -> Path | None:
    try:
        return course_root()
    except CourseNotFoundError:
        return None


# -- Python and packages ---------------------------------------------------------------------------


def _python(root: Path | None) -> list[Row]:
    found = ".".join(str(part) for part in sys.version_info[:3])
    needed = SpecifierSet(_required_python(root))
    if found in needed:
        return [Row("Python", f"{found} ({sys.prefix})")]
    return [
        Row(
            "Python",
            f"{found} ({sys.prefix})",
            "bad",
            f"the course needs Python {needed}: install one and run `make clean lab PYTHON=...`",
        )
    ]


def _required_python(root: Path | None) -> str:
    if root is not None:
        return str(_project(root)["requires-python"])
    return str(metadata.metadata("coursekit")["Requires-Python"])


def _packages(root: Path | None) -> list[Row]:
    """One row for all packages that are as required, one for each that is not."""
    rows, fine, other = [], 0, []
    tested = _tested_versions(root)
    for requirement in _requirements(root):
        try:
            found = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            rows.append(Row(requirement.name, "not installed", "bad", INSTALL))
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            needed = f"{found}, needed {requirement.specifier}"
            rows.append(Row(requirement.name, needed, "bad", INSTALL))
            continue
        fine += 1
        pinned = tested.get(requirement.name)
        if pinned and found.split("+")[0] != pinned:  # torch marks its builds: 2.13.0+cpu
            other.append(f"{requirement.name} {found} (tested: {pinned})")
    rows.insert(0, Row("packages", f"{fine} of {fine + len(rows)} as required"))
    if other:
        advice = "should work; for the tested versions " + INSTALL
        rows.append(Row("versions", ", ".join(other), "warn", advice))
    elif tested:
        rows.append(Row("versions", "those that the tests ran with"))
    return rows


def _requirements(root: Path | None) -> list[Requirement]:
    """What the package needs: as the checkout says, else as the installed package says."""
    if root is not None:
        return [Requirement(text) for text in _project(root)["dependencies"]]
    listed = [Requirement(text) for text in metadata.requires("coursekit") or []]
    return [one for one in listed if one.marker is None or one.marker.evaluate({"extra": ""})]


def _project(root: Path) -> dict:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert isinstance(project, dict)
    return project


def _tested_versions(root: Path | None) -> dict[str, str]:
    versions = {}
    path = root / "constraints.txt" if root is not None else None
    if path is None or not path.exists():
        return {}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            pin = Requirement(line.partition("#")[0])
        except InvalidRequirement:
            continue  # a comment or an empty line
        versions[pin.name] = str(pin.specifier).removeprefix("==")
    return versions


# -- the machine -----------------------------------------------------------------------------------


def _torch() -> list[Row]:
    """The device and the threads that torch will use."""
    try:
        import torch
    except (ImportError, OSError) as error:  # OSError: a library of the system is missing
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return [Row("device", f"torch does not load: {reason}", "bad", INSTALL)]
    return [_device(torch), _threads(torch.get_num_threads())]


def _device(torch: object) -> Row:
    cuda, backends = torch.cuda, torch.backends  # type: ignore[attr-defined]
    if cuda.is_available():
        count = cuda.device_count()
        more = f" and {count - 1} more" if count > 1 else ""
        return Row("device", f"cuda ({cuda.get_device_name(0)}{more})")
    if backends.mps.is_available():
        return Row("device", "mps (Apple GPU)")
    if shutil.which("nvidia-smi"):
        advice = "there is an NVIDIA GPU, but this torch cannot use it: see README.md, A GPU"
        return Row("device", "cpu", "warn", advice)
    return Row("device", "cpu (enough for all chapters; 13 is faster on a GPU)")


def _threads(used: int) -> Row:
    cores = _cores()
    limit = os.environ.get("OMP_NUM_THREADS")
    value = f"{used} for torch on {cores} cores" + (f", OMP_NUM_THREADS={limit}" if limit else "")
    if used > cores:
        advice = f"more threads than cores slow each other down: set OMP_NUM_THREADS={cores}"
        return Row("threads", value, "warn", advice)
    return Row("threads", value)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # a container may have fewer than the machine
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> Row:
    import psutil

    memory = psutil.virtual_memory()
    value = f"{memory.available / GIGABYTE:.1f} GB free of {memory.total / GIGABYTE:.1f} GB"
    if memory.available < 2 * GIGABYTE:
        advice = "chapters that train need about 2 GB: close other programs and notebooks"
        return Row("memory", value, "warn", advice)
    return Row("memory", value)


# -- the course ------------------------------------------------------------------------------------


def _data() -> list[Row]:
    """The data that the first chapters use, loaded for real."""
    try:
        from sklearn.datasets import load_digits, load_sample_image
    except (ImportError, OSError) as error:
        return [Row("data", f"scikit-learn does not load: {error}", "bad", INSTALL)]
    rows = []
    for name, load in (
        ("digits", lambda: load_digits().images),
        ("photograph", lambda: load_sample_image("china.jpg")),
    ):
        try:
            shape = " × ".join(str(n) for n in load().shape)
            rows.append(Row(name, f"{shape} numbers, with scikit-learn"))
        except Exception as error:  # whatever a damaged file makes scikit-learn raise
            rows.append(Row(name, f"does not load: {error}", "bad", INSTALL))
    return rows


def _folders(root: Path | None) -> list[Row]:
    if root is None:
        advice = "go to the folder that holds notebooks/, or clone the course, and try again"
        return [Row("course", "not found", "bad", advice)]
    rows = [Row("course", str(root))]
    if (root / "work").is_dir():
        rows.append(Row("your work", str(root / "work")))
    else:
        rows.append(
            Row("your work", "not there yet", "warn", "run `make lab` or `coursekit update`")
        )
    return rows


def _disk(folder: Path) -> Row:
    free = shutil.disk_usage(folder).free
    value = f"{free / GIGABYTE:.1f} GB free"
    if free < 0.2 * GIGABYTE:
        return Row("disk", value, "bad", "notebooks may fail to save: make room")
    if free < GIGABYTE:
        return Row("disk", value, "warn", "make room before you fetch data or train")
    return Row("disk", value)
