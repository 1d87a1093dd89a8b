"""The command line: a thin command for each thing a person does with the course."""

import errno
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from coursekit import data_command, train_command
from coursekit.chapters import CHAPTERS
from coursekit.errors import CourseError
from coursekit.paths import CourseNotFoundError

# what the disk or the file system refuses is nothing that a traceback would explain
REFUSALS = {
    errno.ENOSPC: "the disk is full: make room and try again",
    errno.EDQUOT: "your share of the disk is used up: make room and try again",
    errno.EACCES: "this user has no permission: change the owner or the permissions and try again",
    errno.EPERM: "this user has no permission: change the owner or the permissions and try again",
    errno.EROFS: "the file system is read-only: copy the course to one that you can write to",
}


class Audience(StrEnum):
    """Who a lecture copy is for."""

    lecturer = "lecturer"
    students = "students"


class Commands(TyperGroup):
    """The group of commands, with one sentence instead of a traceback where the user can act."""

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except (CourseError, CourseNotFoundError) as error:
            _refuse(str(error), 1)
        except KeyboardInterrupt as error:
            _refuse(str(error) or "Stopped.", 130)
        except OSError as error:
            if error.errno not in REFUSALS:
                raise
            _refuse(f"{error.filename or 'A file'}: {REFUSALS[error.errno]}.", 1)


def _refuse(sentence: str, status: int) -> None:
    print(sentence, file=sys.stderr)
    raise typer.Exit(status)


app = typer.Typer(
    cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
app.add_typer(data_command.app, name="data")
app.command()(train_command.train)


@app.callback()
def root() -> None:
    """A course on convolutional networks."""


@app.command()
def lab(
    port: Annotated[int | None, typer.Option(help="Port to listen on, instead of 8888.")] = None,
    browser: Annotated[
        bool | None,
        typer.Option(help="Open a browser, or only print the address. Default: where it can."),
    ] = None,
) -> None:
    """Open the course in JupyterLab."""
    from coursekit.lab import open_lab

    raise typer.Exit(open_lab(port, browser))


@app.command()
def live(
    chapter: Annotated[
        int, typer.Argument(help="Number of the chapter.", min=1, max=len(CHAPTERS))
    ],
    audience: Annotated[
        Audience, typer.Option("--for", help="Whose copy: with speaker notes, or without.")
    ] = Audience.lecturer,
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Begin anew; a copy that was typed in gets another name."),
    ] = False,
    open_it: Annotated[
        bool, typer.Option("--open/--no-open", help="Open JupyterLab, or only write the copy.")
    ] = True,
    size: Annotated[int, typer.Option(help="Of letters, in pixels.")] = 22,
    dark: Annotated[bool, typer.Option("--dark", help="Light letters on a dark ground.")] = False,
    port: Annotated[int | None, typer.Option(help="Port to listen on, instead of 8888.")] = None,
    browser: Annotated[
        bool | None,
        typer.Option(help="Open a browser, or only print the address. Default: where it can."),
    ] = None,
) -> None:
    """Code a chapter live: its notebook with gaps, and what fills them one keystroke away."""
    from coursekit.chapters import chapter as find
    from coursekit.live.command import Stage
    from coursekit.live.command import live as perform

    stage = Stage(port, browser, size, dark) if open_it else None
    raise typer.Exit(perform(find(chapter), audience.value, fresh, stage))


@app.command()
def share(
    chapter: Annotated[
        int, typer.Argument(help="Number of the chapter.", min=1, max=len(CHAPTERS))
    ],
    port: Annotated[int | None, typer.Option(help="Port to listen on, instead of 8900.")] = None,
    address: Annotated[
        str, typer.Option(help="Of this machine, to listen on. Default: all it has.")
    ] = "",
) -> None:
    """Let a room follow your lecture copy in any browser, read-only."""
    from coursekit.live.sharing import share as show

    raise typer.Exit(show(chapter, port, address))


@app.command()
def update() -> None:
    """Bring new text and exercises into work/, and keep every answer."""
    from coursekit.paths import course_root
    from coursekit.study import working_copy

    report = str(working_copy.update(course_root()))
    print(report or "Your working copy in work/ is up to date.")


@app.command()
def doctor() -> None:
    """Check what the course needs on this machine."""
    from rich.console import Console

    from coursekit.doctor import diagnose

    diagnosis = diagnose()
    Console().print(diagnosis)
    raise typer.Exit(0 if diagnosis.ok else 1)


@app.command()
def progress() -> None:
    """Show which exercises are done."""
    from coursekit.paths import course_root, working_copy
    from coursekit.study.progress import progress as so_far

    if working_copy() is None and (course_root() / "work").is_dir():
        os.chdir(
            course_root() / "work"
        )  # typed in the folder of the course, beside the working copy
    print(so_far())


@app.command()
def release(
    chapters: Annotated[
        list[int] | None,
        typer.Argument(
            metavar="[CHAPTER]...", help="Numbers; default: all.", min=1, max=len(CHAPTERS)
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing, say whether exercises/ is up to date.")
    ] = False,
    to: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Make a folder for students instead, free of solutions."),
    ] = None,
) -> None:
    """Make exercises/ from solutions/, or a folder to hand to students."""
    if to is not None and check:
        raise CourseError(
            "--check looks at exercises/ and writes nothing, --to writes a folder for students: give one of them."
        )
    if to is not None:
        from coursekit.study.bundle import bundle

        report = bundle(chapters or None, to)
    else:
        from coursekit.study.release import release as make

        report = make(chapters or None, check)
    print(report)
    raise typer.Exit(0 if report.ok else 1)


@app.command()
def slides(
    chapter: Annotated[
        int, typer.Argument(help="Number of the chapter.", min=1, max=len(CHAPTERS))
    ],
    to: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The file to write. Default: one in work/live/."),
    ] = None,
) -> None:
    """Make an offline deck of slides from a chapter, one HTML file for any browser."""
    from coursekit.chapters import chapter as find
    from coursekit.live.deck import write_deck

    print(f"Wrote {write_deck(find(chapter), to)}: open it in a browser; S shows the notes.")


@app.command()
def execute(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]...", help="Notebooks; default: all.")
    ] = None,
) -> None:
    """Execute notebooks from a fresh kernel and keep their outputs."""
    from coursekit.execution import execute_all

    for line in execute_all(paths or None):
        print(line, flush=True)


@app.command()
def grade(
    submissions: Annotated[
        Path, typer.Argument(help="Folder with one folder or one notebook for each student.")
    ],
    chapter: Annotated[int, typer.Option(help="Number of the chapter.", min=1, max=len(CHAPTERS))],
    out: Annotated[
        Path, typer.Option(help="Folder for the results; an earlier run in it goes on.")
    ],
    seed: Annotated[
        int | None, typer.Option(help="Of the inputs. Default: drawn for the run.", min=0)
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(help="Submissions at a time. Default: one a core.", min=1)
    ] = None,
    limit_seconds: Annotated[
        float | None,
        typer.Option(help="Time for one cell, or for all calls of one task. Default: 30.", min=0.5),
    ] = None,
    limit_memory: Annotated[
        int | None, typer.Option(help="Memory of one submission in MB. Default: 2048.", min=256)
    ] = None,
    students: Annotated[
        Path | None,
        typer.Option(help="List of names, one a line or a CSV: who handed in nothing is missing."),
    ] = None,
    scheduler: Annotated[
        str, typer.Option(help="Address of a Dask scheduler to grade on its workers.")
    ] = "",
    again: Annotated[
        bool,
        typer.Option("--again", help="Grade everything anew; points given by hand stay."),
    ] = False,
    unsafe: Annotated[
        bool, typer.Option("--unsafe", help="Run submissions as yourself, without a sandbox.")
    ] = False,
) -> None:
    """Grade a folder of submissions."""
    from coursekit.chapters import chapter as find
    from coursekit.grading import command
    from coursekit.grading.folder import read_students
    from coursekit.grading.grading import Wish

    names = read_students(students) if students else ()
    at_once = jobs or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else "1")
    wish = Wish(
        submissions,
        out,
        find(chapter),
        seed,
        limit_seconds,
        limit_memory,
        names,
        at_once,
        scheduler,
        again,
        unsafe,
    )
    raise typer.Exit(command.grade(wish))


@app.command()
def points(
    results: Annotated[Path, typer.Argument(help="Folder of results that `grade` made.")],
    sheet: Annotated[Path, typer.Argument(help="to_read.csv with points and comments filled in.")],
) -> None:
    """Take in the points that a person gave to written answers."""
    from coursekit.grading.command import take_points

    print(take_points(results, sheet))


def main() -> None:
    """Run the command line."""
    app()
