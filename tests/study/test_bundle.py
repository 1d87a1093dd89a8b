"""The folder that students get: whole, linked, without a line of a solution, and safe to write again."""

import base64
import errno
import gzip
import html
import io
import json
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from coursekit import cli, paths
from coursekit.chapters import CHAPTERS
from coursekit.errors import CourseError
from coursekit.files import atomic_write
from coursekit.grading.conversation import Limits
from coursekit.notebooks import read, write
from coursekit.study import bundle as module
from coursekit.study.bundle import HOW_TO, bundle
from coursekit.study.leaks import SHORT, leaks, secrets
from coursekit.study.release import ReleaseError
from coursekit.study.tasks import chapter_tasks
from coursekit.study.working_copy.course_files import course_files

FIRST, SECOND = CHAPTERS[:2]
ROOT = paths.course_root()
LINE = "y[i] = x[i : i + len(w)] @ w"  # of the solution of task 1.2
SENTENCE = "It hurts when the place itself matters"  # where one in the solution of task 1.7 begins


def without_the_last_paragraph(cell) -> None:
    cell.source, _, last = cell.source.rpartition("\n\n")
    assert CHAPTERS[-1].slug in last


@pytest.fixture
def course(tmp_path, monkeypatch) -> Path:
    """Two chapters with what belongs to them, to be spoiled by a test."""
    root = tmp_path / "course"
    for one in (FIRST, SECOND):
        for name in (one.solutions, one.notebook):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
        # every chapter links to its rows in the last one, which is not of this course
        change(root / one.notebook, "results", without_the_last_paragraph)
    monkeypatch.setattr(module, "course_root", lambda: root)
    return root


@pytest.fixture
def to(tmp_path) -> Path:
    return tmp_path / "students"


@pytest.fixture(scope="module")
def hidden():
    return secrets(ROOT)


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder, hidden ones included."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def change(path: Path, cell_id: str, spoil) -> None:
    notebook = read(path)
    spoil(next(cell for cell in notebook.cells if cell.id == cell_id))
    write(notebook, path)


# what a bundle holds


def test_a_bundle_of_every_chapter_is_what_learners_get(to):
    bundle(None, to)
    with_solutions = [one for one in CHAPTERS if (ROOT / one.solutions).is_file()]
    wanted = {name for one in with_solutions for name in (one.exercises, one.notebook)}
    given = {file.name: file.data for file in course_files(ROOT) if file.name in wanted}
    found = contents(to)
    assert found.pop(HOW_TO)
    assert found == given
    for one in with_solutions:
        assert found[one.exercises] == (ROOT / one.exercises).read_bytes()
        assert b'"outputs": [],' in found[one.notebook]
        assert not any(cell.get("outputs") for cell in read(to / one.notebook).cells)


def test_every_relative_link_leads_to_a_file(course, to):
    bundle([1, 2], to)
    seen = 0
    for path in to.rglob("*.ipynb"):
        for cell in read(path).cells:
            for link in re.findall(r"\]\(([^):]+\.ipynb)\)", cell.source):
                assert (path.parent / link).is_file()
                seen += 1
    assert seen == 4


def test_the_page_says_what_a_student_must_know(course, to):
    bundle([1], to)
    page = " ".join((to / HOW_TO).read_text("utf-8").split())
    for words in (
        "coursekit-0.1.0-py3-none-any.whl",
        "YOUR CODE HERE",
        "Keep the name of each function",
        "Restart Kernel and Run All Cells",
        "The name of the file does not matter",
        "calls `coursekit.reference` scores zero",
        "calls torch where the task asks for NumPy",
        "grading draws others",
        f"may take {module.ANSWER_SECONDS:g} seconds",
        "read by a person",
    ):
        assert words in page
    assert "$" not in page
    assert Limits().seconds == module.ANSWER_SECONDS


def test_data_comes_along_where_a_notebook_names_it(course, to):
    for name in ("data/named.csv", "data/other.csv", "data/.ipynb_checkpoints/named.csv"):
        (course / "notebooks" / name).parent.mkdir(parents=True, exist_ok=True)
        (course / "notebooks" / name).write_text("1,2\n")
    shutil.copy(course / "notebooks/data/named.csv", course / "solutions" / FIRST.folder / "b.csv")

    def load(cell):
        cell.source += '\npath = Path("data") / "named.csv"'

    change(course / FIRST.notebook, "build-the-matrix", load)
    bundle([1], to)
    found = {name for name in contents(to) if name.endswith(".csv")}
    assert found == {"notebooks/data/named.csv", f"exercises/{FIRST.folder}/b.csv"}


def test_a_link_out_of_the_bundle_is_named_until_the_chapter_is_there(course, to):
    def link(cell):
        cell.source += f" See [chapter 02]({SECOND.folder}.ipynb), [more](https://x.org/a.ipynb)."

    change(course / FIRST.notebook, "results", link)
    said = str(bundle([1], to))
    assert f"{FIRST.notebook} links to {SECOND.notebook}, which is not in {to}" in said
    assert "x.org" not in said
    bundle([2], to)
    assert str(bundle([1], to)) == f"{to} is up to date."


# where it goes, and what is there already


def test_again_changes_nothing_and_another_chapter_is_added(course, to):
    said = str(bundle([1], to))
    assert f"Wrote {to / FIRST.exercises}." in said
    times = {path: path.stat().st_mtime_ns for path in to.rglob("*")}
    assert str(bundle([1], to)) == f"{to} is up to date."
    assert {path: path.stat().st_mtime_ns for path in to.rglob("*")} == times
    assert f"Wrote {to / SECOND.notebook}." in str(bundle(None, to))
    assert len(contents(to)) == 5


def test_what_somebody_edited_is_never_overwritten(course, to):
    bundle([1], to)
    (to / FIRST.notebook).write_text("{}")
    (to / FIRST.exercises).unlink()
    before = contents(to)
    with pytest.raises(CourseError, match="exists with other content: somebody edited it"):
        bundle([1, 2], to)
    assert contents(to) == before


def test_an_edited_page_stays_and_is_said(course, to):
    to.mkdir()
    (to / HOW_TO).write_text("Upload to room 5.")
    assert f"{to / HOW_TO} was edited and stays as it is." in str(bundle([1], to))
    assert (to / HOW_TO).read_text() == "Upload to room 5."


def test_solutions_that_somebody_added_are_refused(course, to):
    to.mkdir()
    (to / HOW_TO).write_text(f"Hint: `{LINE}`")
    with pytest.raises(ReleaseError, match=f"{HOW_TO} contains a line of the solution of task 1.2"):
        bundle([1], to)
    assert list(contents(to)) == [HOW_TO]
    (to / HOW_TO).unlink()
    for name in ("exercises/old.ipynb", "notebooks/.ipynb_checkpoints/old-checkpoint.ipynb"):
        (to / name).parent.mkdir(parents=True)
        shutil.copy(course / SECOND.solutions, to / name)
        with pytest.raises(ReleaseError, match=f"of {to / name} contains .* out of {to / name}"):
            bundle([1], to)
        (to / name).unlink()


@pytest.mark.parametrize("inside", ["", "solutions", "notebooks/new", "exercises/a/b", "coursekit"])
def test_a_bundle_cannot_go_into_the_course(course, inside):
    before = contents(course)
    with pytest.raises(CourseError, match=r"lies in \w+/ of the course|is the course itself"):
        bundle([1], course / inside)
    assert contents(course) == before


def test_what_is_no_folder_is_refused(course, to):
    to.write_text("a file")
    with pytest.raises(CourseError, match="give --to a folder, new or existing"):
        bundle([1], to)
    to.unlink()
    to.symlink_to("nowhere")
    with pytest.raises(CourseError, match="give --to a folder, new or existing"):
        bundle([1], to)


def in_the_way_of_a_folder(course, to):
    (to / "exercises").write_text("x")


def in_the_way_of_a_file(course, to):
    (to / FIRST.exercises).mkdir(parents=True)


def a_link_into_the_course(course, to):
    (course / "exercises").mkdir()
    (to / "exercises").symlink_to(course / "exercises")


def a_link_to_nothing(course, to):
    (to / "notebooks").mkdir()
    (to / FIRST.notebook).symlink_to("nothing.ipynb")


@pytest.mark.parametrize(
    ("put", "said"),
    [
        (in_the_way_of_a_folder, "exercises is in the way of a folder"),
        (in_the_way_of_a_file, r"convolution_1d\.ipynb is in the way of a file"),
        (a_link_into_the_course, "exercises leads out of"),
        (a_link_to_nothing, r"01_convolution_1d\.ipynb is in the way of a file"),
    ],
)
def test_what_is_in_the_way_is_named(course, to, put, said):
    to.mkdir()
    put(course, to)
    before = contents(to), contents(course)
    with pytest.raises(CourseError, match=said):
        bundle([1], to)
    assert (contents(to), contents(course)) == before


def test_a_chapter_without_solutions_or_notebook_is_named(course, to):
    with pytest.raises(ReleaseError, match="chapter 7 has no solutions: solutions/07_init"):
        bundle([1, 7], to)
    (course / FIRST.notebook).unlink()
    with pytest.raises(ReleaseError, match="chapter 1 has no notebook: notebooks/01_conv"):
        bundle([1], to)
    assert not to.exists()


def test_a_full_disk_is_one_sentence_and_the_next_run_continues(course, to, monkeypatch):
    def full(path, content):
        if path.name == HOW_TO:
            raise OSError(errno.ENOSPC, "No space left on device")
        atomic_write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(module, "atomic_write", full)
        with pytest.raises(CourseError, match="could not be written: No space left on device"):
            bundle([1], to)
    assert str(bundle([1], to)) == f"Wrote {to / HOW_TO}."


def test_a_killed_run_leaves_whole_files_and_the_next_one_continues(course, to):
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom coursekit.study import bundle\n"
        "synced = []\n"
        "def die(handle):\n"
        "    synced.append(handle)\n"
        "    if len(synced) == 2:\n        os.kill(os.getpid(), signal.SIGKILL)\n"
        "os.fsync = die\n"
        "bundle.course_root = lambda: Path(sys.argv[1])\n"
        "bundle.bundle([1], Path(sys.argv[2]))"
    )
    done = subprocess.run([sys.executable, "-c", code, course, to], capture_output=True)
    assert done.returncode == -signal.SIGKILL
    left = contents(to)
    assert len(left) == 2  # one file whole, one under its temporary name
    bundle([1], to)
    bundle([1], whole := to.with_name("whole"))
    assert contents(to) == contents(whole)


# the command


def test_the_command_hands_over_its_options(monkeypatch):
    seen = []

    def make(chapters, to):
        seen.append((chapters, to))
        return module.ReleaseReport(("Wrote it.",), True)

    monkeypatch.setattr(module, "bundle", make)
    result = CliRunner().invoke(cli.app, ["release", "1", "3", "--to", "x/y"])
    assert (result.exit_code, result.stdout) == (0, "Wrote it.\n")
    CliRunner().invoke(cli.app, ["release", "--to", "z"])
    assert seen == [([1, 3], Path("x/y")), (None, Path("z"))]


def test_to_and_check_together_are_one_sentence(to):
    result = CliRunner().invoke(cli.app, ["release", "1", "--to", str(to), "--check"])
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "give one of them" in result.stderr
    assert not to.exists()


# nothing is given away

HIDING_IN_EXERCISES = {
    "text": lambda cell: cell.update(source=cell.source + f"\n\n{LINE}"),
    "spread out": lambda cell: cell.update(source=cell.source + "\ny[i]=\n  x[i:i+len(w)]@w"),
    "metadata": lambda cell: cell.metadata.update(note={"was": ["deep", {LINE: 1}]}),
    "attachment": lambda cell: cell.update(
        attachments={"a.txt": {"text/plain": base64.b64encode(LINE.encode()).decode()}}
    ),
    "words": lambda cell: cell.update(source=cell.source + f"\n\n{SENTENCE} or"),
}


@pytest.mark.parametrize("where", HIDING_IN_EXERCISES)
def test_solutions_in_the_exercises_are_refused(course, to, where):
    if where == "words":  # the whole sentence, from the solution itself
        text = next(one.text for one in secrets(course) if one.text.startswith(SENTENCE))
        spoil = lambda cell: cell.update(source=cell.source + f"\n\n{text}")  # noqa: E731
    else:
        spoil = HIDING_IN_EXERCISES[where]
    change(course / FIRST.solutions, "exercises-title", spoil)
    with pytest.raises(
        ReleaseError,
        match=r"cell exercises-title of exercises/01_convolution_1d/convolution_1d\.ipynb.* contains "
        r"a line of the solution of task 1\.[27].*: take it out of solutions/01_convolution_1d/",
    ):
        bundle([1], to)
    assert not to.exists()


def test_code_in_the_code_of_an_exercise_is_refused(course, to):
    def paste(cell):
        cell.source += f"\n{LINE}"

    change(course / FIRST.solutions, "imports-and-seed", paste)
    with pytest.raises(ReleaseError, match=r"cell imports-and-seed of exercises/.* task 1\.2"):
        bundle([1], to)


def test_solutions_in_a_file_beside_the_exercises_are_refused(course, to):
    with zipfile.ZipFile(course / "solutions" / FIRST.folder / "data.npz", "w") as archive:
        archive.writestr("notes.txt", f"    {LINE}\n")
    with pytest.raises(ReleaseError, match=r"data\.npz contains a line of the solution"):
        bundle([1], to)


def test_outputs_of_a_solved_notebook_do_not_get_out(course, to):
    def ran(cell):
        cell.outputs = [nbformat.v4.new_output("stream", text=LINE)]

    change(course / FIRST.solutions, "task-1-2-check", ran)
    change(course / FIRST.notebook, "build-the-matrix", ran)
    bundle([1], to)
    assert LINE not in (to / FIRST.exercises).read_text("utf-8")
    assert LINE not in (to / FIRST.notebook).read_text("utf-8")


@pytest.mark.parametrize(
    ("cell_id", "spoil"),
    [
        ("results", lambda cell: cell.update(source=cell.source + f"\n\n    {LINE}")),
        ("results", lambda cell: cell.metadata.update(note=LINE)),
        ("build-the-matrix", lambda cell: cell.metadata.update(note=LINE)),
        (
            "build-the-matrix",
            lambda cell: cell.update(source=cell.source + "\n# make room for one output a place"),
        ),
    ],
    ids=["prose", "metadata", "metadata of code", "comment in code"],
)
def test_solutions_in_a_chapter_are_refused(course, to, cell_id, spoil):
    change(course / FIRST.notebook, cell_id, spoil)
    with pytest.raises(
        ReleaseError, match=rf"cell {cell_id} of {FIRST.notebook}.* the solution of task 1\.2"
    ):
        bundle([1], to)


def test_code_that_a_chapter_teaches_may_stand_in_its_code(course, to):
    change(
        course / FIRST.notebook,
        "build-the-matrix",
        lambda cell: cell.update(source=cell.source + f"\n{LINE}"),
    )
    assert bundle([1], to).ok


def test_a_solution_pasted_whole_into_a_chapter_is_always_seen(hidden):
    for one in CHAPTERS:
        for task in chapter_tasks(one):
            words = [
                secret
                for secret in hidden
                if secret.owner == f"the solution of task {task.id}" and secret.kind == "words"
            ]
            assert any(len(secret.squeezed) >= SHORT for secret in words), task.id


def in_base64(data: bytes) -> str:
    return base64.b64encode(b"some bytes before " + data).decode()


def as_zip(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.txt", data)
    return buffer.getvalue()


CODE = "if t * (w @ x) <= 0:"  # of the solution of task 5.2
WRAPPED = {
    "plain": f"a\n        {CODE}\n",
    "a comment": f"# {CODE}",
    "other spaces": "if t*(w@x)<=0 :",
    "within a line": f"try ``{CODE} w = w`` and see",
    "HTML": f"<pre>{html.escape(CODE)}</pre>",
    "colored HTML": html.escape(CODE).replace("w", "<span class='n'>w</span>"),
    "an address": "data:text/plain,if%20t%20*%20(w%20@%20x)%20%3C=%200:",
    "JSON in a string": json.dumps({"cell": [{"source": f'a "b"\n{CODE}'}]}),
    "base64": in_base64(CODE.encode()),
    "base64 in lines": base64.encodebytes(b"x" * 50 + CODE.encode() + b"y" * 50).decode(),
    "base64 in base64": in_base64(in_base64(CODE.encode()).encode()),
    "zip in base64": base64.b64encode(as_zip(CODE.encode())).decode(),
    "gzip in base64": base64.b64encode(gzip.compress(CODE.encode())).decode(),
    "a picture's comment": base64.b64encode(b"\x89PNG\xff\xfe" + CODE.encode()).decode(),
}


@pytest.mark.parametrize("wrapping", WRAPPED)
@pytest.mark.parametrize("place", ["metadata", "cell metadata", "output", "source", "file"])
def test_a_line_is_found_however_it_is_wrapped(hidden, wrapping, place):
    text = WRAPPED[wrapping]
    cell = nbformat.v4.new_code_cell("1 + 1", id="a-cell")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    if place == "metadata":
        notebook.metadata["note"] = text
    elif place == "cell metadata":
        cell.metadata["note"] = {"deep": [text]}
    elif place == "output":
        data = {"text/plain": "2", "text/html": text}
        cell.outputs = [nbformat.v4.new_output("display_data", data)]
    elif place == "source":
        cell.source = text
    data = text.encode() if place == "file" else nbformat.writes(notebook).encode()
    name = "notes.md" if place == "file" else "exercises/a.ipynb"
    found = {(leak.secret.owner, leak.place) for leak in leaks(name, data, hidden)}
    where = {
        "metadata": f"the metadata of {name}",
        "cell metadata": f"cell a-cell of {name} (metadata)",
        "output": f"cell a-cell of {name} (outputs)",
        "source": f"cell a-cell of {name}",
        "file": name,
    }[place]
    assert found == {("the solution of task 5.2", where)}


@pytest.mark.parametrize(
    "data",
    [gzip.compress(CODE.encode()), as_zip(as_zip(CODE.encode())), CODE.encode("utf-16")],
    ids=["gzip", "zip in zip", "UTF-16"],
)
def test_a_line_is_found_in_files_of_other_kinds(hidden, data):
    assert [leak.secret.text for leak in leaks("data.bin", data, hidden)] == [CODE]


def test_a_step_of_the_plan_is_found_in_prose(hidden):
    found = leaks("a.md", b"First, make room for one output a place.", hidden)
    owners = {leak.secret.owner for leak in found}
    assert owners == {"the solution of task 1.2", "the solution of task 2.2"}


def test_a_line_is_found_in_the_name_of_a_file(hidden):
    name = "return np.sum(np.all(a <= 0, axis=0)).txt"
    assert [leak.place for leak in leaks(name, b"", hidden)] == [f"the name of {name}"]


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("The answer is `return W - F + 1`.", "1.1"),
        ("Then dx = dy @ w.", "6.3"),
        ("    return dx, dw", "1.6"),
        ("# forward", "6.2"),
        (json.dumps(["in\n    return dx, dw\nJSON"]), "1.6"),
    ],
)
def test_short_lines_are_found_where_they_stand_for_themselves(hidden, text, task):
    owners = {leak.secret.owner for leak in leaks("a.md", text.encode(), hidden)}
    assert f"the solution of task {task}" in owners


@pytest.mark.parametrize(
    "text",
    [
        "There are (W - F + 2P) // S + 1 places; return W - F + 10 or return W - F + 1 * 3.",
        "Functions return y, and forward is a word.",
        "adx = dy @ w",
    ],
)
def test_short_lines_are_not_found_in_something_longer(hidden, text):
    assert not list(leaks("a.md", text.encode(), hidden))


def test_the_reference_is_found_but_not_what_every_program_shares(hidden):
    source = (ROOT / "coursekit/reference/convolution1d.py").read_text("utf-8")
    line = "raise ValueError("
    assert line in source  # as a check that this test looks at the right file
    owners = {leak.secret.owner for leak in leaks("a.py", source.encode(), hidden)}
    assert "coursekit/reference/convolution1d.py" in owners
    harmless = b"import numpy as np\ndef linear_backward(dy, x, w):\n    return out\n"
    assert not list(leaks("a.py", harmless, hidden))
