"""The command line: a thin command for each thing a person does with the course."""

import errno
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

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


class Commands(TyperGroup):
    """The group of commands, with one sentence instead of a traceback where the user can act."""

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except (CourseError, CourseNotFoundError) as error:
            _refuse(str(error), 1)
        except KeyboardInterrupt:
            _refuse("Stopped.", 130)
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
) -> None:
    """Make exercises/ from solutions/."""
    from coursekit.study.release import release as make

    report = make(chapters or None, check)
    print(report)
    raise typer.Exit(0 if report.ok else 1)


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


def main() -> None:
    """Run the command line."""
    app()
