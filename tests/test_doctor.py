"""The doctor notices what is wrong and says what to do; every check is made to fail once."""

import io
import re
import sys
from html.parser import HTMLParser
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from rich.console import Console

from coursekit import doctor
from coursekit.doctor import Diagnosis, Row

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("Python", "packages", "device", "threads", "memory", "digits", "photograph", "course")


def verdicts(rows: list[Row]) -> dict[str, str]:
    return {row.name: row.verdict for row in rows}


def course(folder: Path, *dependencies: str, pins: str = "", python: str = ">=3.11") -> Path:
    listed = ", ".join(f'"{one}"' for one in dependencies)
    (folder / "pyproject.toml").write_text(
        f'[project]\nrequires-python = "{python}"\ndependencies = [{listed}]\n'
    )
    (folder / "constraints.txt").write_text(f"# pins\n\n{pins}\n")
    return folder


def test_this_environment_is_in_order() -> None:
    found = doctor.doctor()
    assert found.ok, str(found)
    assert set(NAMES) <= {row.name for row in found.rows}
    assert re.search(r"digits +1797 × 8 × 8", str(found))


def test_without_a_checkout_the_installed_package_says_what_it_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nowhere() -> Path:
        raise doctor.CourseNotFoundError("no checkout")

    monkeypatch.setattr(doctor, "course_root", nowhere)
    rows = {row.name: row for row in doctor.diagnose().rows}
    assert rows["course"].verdict == "bad"
    assert "clone the course" in rows["course"].advice
    assert rows["packages"].verdict == "ok"
    assert int(rows["packages"].value.split()[0]) >= 10


def test_missing_and_old_packages_are_bad_and_named(tmp_path: Path) -> None:
    root = course(tmp_path, "numpy>=99", "no-such-package>=1", "rich>=1")
    rows = {row.name: row for row in doctor._packages(root)}
    assert rows["no-such-package"].value == "not installed"
    assert rows["numpy"].value == f"{metadata.version('numpy')}, needed >=99"
    assert "make lab" in rows["numpy"].advice
    assert verdicts(list(rows.values())) == {
        "packages": "ok",
        "numpy": "bad",
        "no-such-package": "bad",
    }
    assert rows["packages"].value == "1 of 3 as required"


def test_other_versions_than_the_tested_are_worth_a_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = doctor._packages(course(tmp_path, "numpy>=1", pins="numpy==1.2.3"))
    assert "(tested: 1.2.3)" in rows[-1].value
    assert rows[-1].verdict == "warn"
    monkeypatch.setattr(metadata, "version", lambda name: "1.2.3+cpu")
    assert doctor._packages(tmp_path)[-1].verdict == "ok"


def test_wrong_python_is_bad(tmp_path: Path) -> None:
    (row,) = doctor._python(course(tmp_path, python=">=99"))
    assert row.verdict == "bad"
    assert "needs Python >=99" in row.advice


def fake_torch(cuda: int = 0, mps: bool = False) -> SimpleNamespace:
    return SimpleNamespace(
        cuda=SimpleNamespace(
            is_available=lambda: cuda > 0,
            device_count=lambda: cuda,
            get_device_name=lambda index: "Fast GPU",
        ),
        backends=SimpleNamespace(mps=SimpleNamespace(is_available=lambda: mps)),
    )


def test_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    assert doctor._device(fake_torch()).value.startswith("cpu")
    assert doctor._device(fake_torch()).verdict == "ok"
    assert doctor._device(fake_torch(cuda=1)).value == "cuda (Fast GPU)"
    assert doctor._device(fake_torch(cuda=3)).value == "cuda (Fast GPU and 2 more)"
    assert doctor._device(fake_torch(mps=True)).value == "mps (Apple GPU)"
    monkeypatch.setattr(doctor.shutil, "which", lambda name: "/usr/bin/nvidia-smi")
    assert doctor._device(fake_torch()).verdict == "warn"


def test_torch_that_does_not_load_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    (row,) = doctor._torch()
    assert row.verdict == "bad"
    assert "does not load" in row.value


def test_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_cores", lambda: 4)
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    assert doctor._threads(8).verdict == "warn"
    assert "OMP_NUM_THREADS=8" in doctor._threads(4).value
    assert doctor._threads(4).verdict == "ok"


def test_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    for free, verdict in ((10**9, "warn"), (8 * 10**9, "ok")):
        memory = SimpleNamespace(available=free, total=16 * 10**9)
        monkeypatch.setattr(psutil, "virtual_memory", lambda memory=memory: memory)
        assert doctor._memory().verdict == verdict


def test_data_that_does_not_load_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(*arguments: object) -> object:
        raise ValueError("bad magic")

    monkeypatch.setattr("sklearn.datasets.load_digits", damaged)
    assert verdicts(doctor._data()) == {"digits": "bad", "photograph": "ok"}
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    assert verdicts(doctor._data()) == {"data": "bad"}


def test_working_copy(tmp_path: Path) -> None:
    assert verdicts(doctor._folders(tmp_path)) == {"course": "ok", "your work": "warn"}
    (tmp_path / "work").mkdir()
    assert verdicts(doctor._folders(tmp_path)) == {"course": "ok", "your work": "ok"}


@pytest.mark.parametrize(("free", "verdict"), [(10**8, "bad"), (5 * 10**8, "warn"), (10**10, "ok")])
def test_disk(monkeypatch: pytest.MonkeyPatch, free: int, verdict: str) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda folder: SimpleNamespace(free=free))
    assert doctor._disk(Path()).verdict == verdict


EXAMPLE = Diagnosis(
    (Row("Python", "3.11 [a/b] <x>"), Row("disk", "0 GB", "bad", "make room & try again"))
)


def test_every_row_that_is_not_ok_says_what_to_do() -> None:
    source = Path(doctor.__file__).read_text(encoding="utf-8")
    assert not re.findall(r'"(?:bad|warn)"\)', source), "a verdict without advice"


def test_plain_text_is_a_table() -> None:
    lines = str(EXAMPLE).splitlines()
    assert lines[0].split() == ["What", "Found", "Verdict", "What", "to", "do"]
    assert lines[2].endswith("bad      make room & try again")
    assert lines[3] == "1 of 2 needs mending."
    assert lines[1].index("ok") == lines[2].index("bad") == lines[0].index("Verdict")


def test_terminal_shows_text_as_it_is() -> None:
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(EXAMPLE)
    text = console.export_text()
    assert "3.11 [a/b] <x>" in text
    assert "make room & try again" in text


class Cells(HTMLParser):
    """Collects the cells of a table and their scopes."""

    def __init__(self) -> None:
        super().__init__()
        self.scopes: list[str | None] = []
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "th":
            self.scopes.append(dict(attrs)["scope"])

    def handle_data(self, data: str) -> None:
        self.text += data + "|"


def test_jupyter_shows_an_accessible_table_in_every_theme() -> None:
    page = EXAMPLE._repr_html_()
    cells = Cells()
    cells.feed(page)
    assert cells.scopes == ["col"] * 4 + ["row"] * 2
    assert "caption" in cells.tags
    assert "x" not in cells.tags, "text is escaped"
    assert "3.11 [a/b] <x>" in cells.text
    assert "|bad|" in cells.text, "a word, not only a color"
    assert "color" not in page, "no color that a dark theme would hide"
