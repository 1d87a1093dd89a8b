"""Make the folder that a teacher hands to students: exercises, chapters, data, how to submit."""

import os
import re
import tempfile
from pathlib import Path
from posixpath import dirname, join, normpath
from string import Template
from urllib.parse import unquote

from nbformat import NotebookNode

from coursekit import __version__
from coursekit.chapters import Chapter
from coursekit.errors import CourseError
from coursekit.files import atomic_write, remove_leftovers
from coursekit.notebooks import parse, to_text
from coursekit.paths import course_root
from coursekit.study.leaks import secrets
from coursekit.study.release import ReleaseError, ReleaseReport, make_exercises, refuse_leaks
from coursekit.study.task import ANSWER_SECONDS
from coursekit.study.working_copy.course_files import hide_answers, is_byproduct

HOW_TO = "HOW_TO_SUBMIT.md"


_COURSE = ("solutions", "exercises", "notebooks", "coursekit")
_FOLDERS = ("exercises", "notebooks")
_LINK = re.compile(r"\]\((?!\w+:|#)([^)\s#]+)")


def bundle(chapters: list[int] | None, to: Path) -> ReleaseReport:
    """Write what students get for some chapters into a folder, or finish what a killed run began.

    The folder mirrors the course, so that links between notebooks hold: exercises/ made from
    solutions/ by nbgrader's converter, notebooks/ without outputs as in a working copy, data that a
    notebook names, and a page on how to submit. No file is overwritten; a page on how to submit that
    the teacher edited counts as it stands. Every file in exercises/ and notebooks/ of the folder is
    searched for solutions before anything is written, earlier releases included.

    Args:
        chapters: numbers of chapters; all that have solutions if None.
        to: the folder, made if missing.

    Returns:
        A report, always ok.

    Raises:
        ReleaseError: a chapter has no solutions or no notebook, nbgrader refuses a notebook, or a file
            for students gives away a solution.
        CourseError: the folder is none, lies in the course, holds a file of the same name with other
            content, or could not be written.
    """
    root = course_root()
    _refuse_place(root, to)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        wanted = make_exercises(root, chapters, made)
        files = {
            f"exercises/{path.relative_to(made).as_posix()}": path.read_bytes()
            for path in sorted(made.rglob("*"))
            if path.is_file()
        }
    for one in wanted:
        files[one.notebook] = _chapter(root, one)
    files |= _data(root, files)
    notes = _lost_links(files, to)
    page = Template(Path(__file__).with_name("how_to_submit.md").read_text("utf-8"))
    files[HOW_TO] = page.substitute(version=__version__, seconds=f"{ANSWER_SECONDS:g}").encode()
    before = {name: _content(to, name) for name in files}
    if before[HOW_TO] not in (None, files[HOW_TO]):
        files[HOW_TO] = before[HOW_TO] or b""
        notes.append(f"{to / HOW_TO} was edited and stays as it is.")
    for name in files:
        remove_leftovers(to / name)
    hidden = secrets(root)
    refuse_leaks(files, hidden)
    refuse_leaks(_others(to, files), hidden, folder=to)
    for name, content in before.items():
        if content not in (None, files[name]):
            raise CourseError(
                f"{to / name} exists with other content: somebody edited it, or it is of another version "
                "of the course. Nothing was written. Move it away, or choose another folder."
            )
    return _write(to, {name: data for name, data in files.items() if before[name] is None}, notes)


def _refuse_place(root: Path, to: Path) -> None:
    """Raise CourseError where a bundle cannot go."""
    if os.path.lexists(to) and not to.is_dir():
        raise CourseError(f"{to} is a file or leads nowhere: give --to a folder, new or existing.")
    place, course = to.resolve(), root.resolve()
    inside = [name for name in _COURSE if place.is_relative_to(course / name)]
    if inside or place == course:
        where = f"lies in {inside[0]}/ of the course" if inside else "is the course itself"
        raise CourseError(
            f"{to} {where}: choose a folder of its own, for example {root.parent / 'students'}."
        )


def _chapter(root: Path, one: Chapter) -> bytes:
    """Return a chapter as a learner gets it."""
    try:
        data = (root / one.notebook).read_bytes()
    except FileNotFoundError as error:
        raise ReleaseError(
            f"chapter {one.number} has no notebook: {one.notebook} is missing"
        ) from error
    notebook = parse(data, one.notebook)[0]
    hide_answers(notebook)
    return to_text(notebook).encode()


def _data(root: Path, files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files beside the chapters whose names occur in a notebook of the bundle.

    The names and not the paths, for code may put a path together. What lies beside the solutions
    nbgrader brings along by itself.
    """
    text = "\n".join(cell.source for _, notebook in _notebooks(files) for cell in notebook.cells)
    beside = [
        path
        for path in sorted((root / "notebooks").rglob("*"))
        if path.suffix != ".ipynb" and path.is_file() and not is_byproduct(path.relative_to(root))
    ]
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in beside if path.name in text
    }


def _lost_links(files: dict[str, bytes], to: Path) -> list[str]:
    """Return a sentence for each link that leads out of the bundle."""
    found = []
    for name, notebook in _notebooks(files):
        prose = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
        for link in sorted(set(_LINK.findall("\n".join(prose)))):
            target = normpath(join(dirname(name), unquote(link)))
            if target not in files and not (to / target).exists():
                found.append(
                    f"{name} links to {target}, which is not in {to}: release that chapter to the same "
                    "folder, or take the link out."
                )
    return found


def _notebooks(files: dict[str, bytes]) -> list[tuple[str, NotebookNode]]:
    return [(name, parse(data, name)[0]) for name, data in files.items() if name.endswith(".ipynb")]


def _content(to: Path, name: str) -> bytes | None:
    """Return what a file of the folder holds, None if it does not exist.

    Raises:
        CourseError: something that is no file is in its place, or in the place of its folder.
    """
    path = to / name
    way = [path, *(to / parent for parent in Path(name).parents)]
    for one in way:
        if os.path.lexists(one) and not one.resolve().is_relative_to(to.resolve()):
            raise CourseError(f"{one} leads out of {to}: move the link away, then try again.")
        if os.path.lexists(one) and not (one.is_file() if one == path else one.is_dir()):
            kind = "file" if one == path else "folder"
            raise CourseError(f"{one} is in the way of a {kind}: move it away, then try again.")
    return path.read_bytes() if path.exists() else None


def _others(to: Path, files: dict[str, bytes]) -> dict[str, bytes]:
    """Return what else the students would find in the folders of this release."""
    paths = [path for folder in _FOLDERS for path in sorted((to / folder).rglob("*"))]
    names = {path.relative_to(to).as_posix(): path for path in paths if path.is_file()}
    return {name: path.read_bytes() for name, path in names.items() if name not in files}


def _write(to: Path, files: dict[str, bytes], notes: list[str]) -> ReleaseReport:
    lines = []
    for name, data in files.items():
        try:
            atomic_write(to / name, data)
        except OSError as error:
            raise CourseError(
                f"{to / name} could not be written: {error.strerror or error}. Mend that or make room, then "
                "give the same command again; it continues where it stopped."
            ) from error
        lines.append(f"Wrote {to / name}.")
    return ReleaseReport((*(lines or [f"{to} is up to date."]), *notes), True)
