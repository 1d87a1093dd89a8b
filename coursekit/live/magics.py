"""The magics of a lecture: %reveal, %peek, %diff, %catchup, %timer and %lecture."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coursekit.errors import CourseError
from coursekit.live.request import (
    Request,
    current,
    in_lecture_copy,
    only_our_magic,
    session_chapter,
)

if TYPE_CHECKING:
    from coursekit.live.randomness import Randomness
    from coursekit.live.script import Part, Script
    from coursekit.live.timer import Timer

_KEY = "_coursekit_lecture"  # where a kernel keeps its lecture
_NAMES = ("reveal", "peek", "diff", "catchup", "timer", "lecture")


@dataclass
class Lecture:
    """What a kernel knows about the lecture that it serves.

    Args:
        shell: of the kernel.
        script: of the chapter, None until it is known which.
        randomness: of the chapter, None until it is needed.
        timer: that runs, None if none does.
        begun: whether a cell has run.
        busy: whether references run on behalf of a cell.
    """

    shell: Any
    script: Script | None = None
    randomness: Randomness | None = None
    timer: Timer | None = None
    begun: bool = False
    busy: bool = False

    # -- which chapter, which cell

    def need_script(self, request: Request) -> Script:
        """Return the script of the chapter that is being taught.

        Raises:
            CourseError: it is not known which, or it cannot be read.
        """
        from coursekit.live.script import chapter_with_cell, read_script

        if self.script is None:
            chapter = session_chapter() or chapter_with_cell(request.cell)
            if chapter is None:
                raise CourseError(
                    "which chapter is this? The name of the notebook does not say. Say it once in a cell, "
                    "for example `%lecture 1`, then try again."
                )
            self.script = read_script(chapter)
        return self.script

    def find(self, request: Request, number: str) -> tuple[Script, Part]:
        """Return the script and the part that is meant.

        Raises:
            CourseError: there is no such cell.
        """
        script = self.need_script(request)
        if number:
            return script, script.numbered(int(number))
        part = script.part(request.cell)
        if part is not None:
            return script, part
        if request.prompted:
            return script, script.numbered(
                request.prompted
            )  # a copy of a cell still has its prompt
        what = (
            "this cell is none of the chapter's: was it added or copied?"
            if request.cell
            else "this program does not say which cell it runs."
        )
        raise CourseError(
            f"{what} Give the number that the cell has in the chapter, for example `%reveal 3`; "
            f"chapter {script.chapter.number:02d} has the cells [1] to [{len(script.parts)}]."
        )

    # -- what the magics do

    def reveal(self, line: str) -> None:
        """Put the reference into this cell; ``next line`` only its next line."""
        from coursekit.live.comparing import with_next_line
        from coursekit.live.keeping import as_comments, keep

        words = line.split()
        number = words[0] if words and words[0].isdigit() else ""
        rest = " ".join(words[1:] if number else words)
        if rest not in ("", "next line", "next"):
            raise CourseError(
                f"`%reveal {line}` is not understood. Give nothing, `next line`, or the number of a cell."
            )
        request = current(self.shell)
        script, part = self.find(request, number)
        typed = request.typed
        if rest:
            longer = with_next_line(typed, part.source)
            if longer is None:
                print("Every line of the reference is there; `%diff` shows what else differs.")
            self._replace(request, longer if longer is not None else request.cell_text)
            return
        text = part.source
        if typed.strip() and typed.rstrip() != part.source.rstrip():
            kept = keep(script.chapter, part.name, typed)
            if kept is None:
                text = f"{text}\n\n{as_comments(typed)}"
            else:
                print(f"What you typed is kept in {kept.name}, in {kept.parent}.")
        self._replace(request, text)

    def peek(self, line: str) -> None:
        """Show the reference and leave the cell as it is."""
        from IPython.display import Code, display

        request = current(self.shell)
        _, part = self.find(request, _number("peek", line))
        display(Code(part.source, language="python"))
        self._replace(request, request.cell_text)

    def diff(self, line: str) -> None:
        """Show how what was typed differs from the reference."""
        from IPython.display import display

        from coursekit.live.comparing import compare

        request = current(self.shell)
        _, part = self.find(request, _number("diff", line))
        display(compare(request.typed, part.source))
        self._replace(request, request.cell_text)

    def catchup(self, line: str) -> None:
        """Run the references of all cells above this one."""
        from IPython.display import display

        from coursekit.live.catchup import catch_up

        request = current(self.shell)
        script, part = self.find(request, _number("catchup", line))
        randomness = self._know_randomness(script)
        status = display({"text/plain": "Catching up."}, raw=True, display_id=True)

        def say(sentence: str) -> None:
            status.update({"text/plain": sentence}, raw=True)

        self.busy = True
        try:
            catch_up(self.shell, script, part, randomness, say)
            say(_caught_up(part))
        finally:
            self.busy = False
            self._replace(request, request.cell_text)

    def lecture(self, line: str) -> None:
        """Say which chapter this is, where the notebook's name does not."""
        from coursekit.chapters import CHAPTERS, chapter
        from coursekit.live.script import read_script

        if not line.isdigit() or not 1 <= int(line) <= len(CHAPTERS):
            raise CourseError(
                f"`%lecture {line}` names no chapter: give a number from 1 to {len(CHAPTERS)}, for example "
                "`%lecture 3`."
            )
        self.script = read_script(chapter(int(line)))
        print(f"Chapter {int(line):02d}: {self.script.chapter.title}.")

    def show_timer(self, line: str) -> None:
        """Show the time and the plan."""
        from IPython.display import display

        from coursekit.live.timer import Timer

        script = self.need_script(current(self.shell))
        if self.timer is not None:
            self.timer.stop()
        self.timer = Timer(script.sections, line)
        display(self.timer.view)

    # -- behind the scenes

    def before_cell(self, _info: Any) -> None:
        """Give the random numbers the state that they have in the chapter, and the timer the place."""
        if self.busy:
            return
        if not self.begun:
            self.begun = True
            if in_lecture_copy():
                with suppress(CourseError):  # said when it matters: when a magic is used
                    self._know_randomness(self.need_script(current(self.shell)))
        cell = current(self.shell).cell
        if self.randomness is not None:
            self.randomness.put_back(cell, self.shell.user_ns)
        if self.timer is not None and self.script is not None and cell in self.script.cells:
            self.timer.at(self.script.cells[cell])

    def _know_randomness(self, script: Script) -> Randomness:
        from coursekit.live.randomness import Randomness
        from coursekit.live.snapshots import load_randomness

        if self.randomness is None:
            self.randomness = Randomness()
            load_randomness(script, self.randomness)
        return self.randomness

    def _replace(self, request: Request, text: str) -> None:
        if not request.cell and text != request.cell_text:
            print(text)  # a program that does not say which cell it runs may be unable to fill it
        self.shell.set_next_input(text, replace=True)


def _number(magic: str, line: str) -> str:
    if line and not line.isdigit():
        raise CourseError(
            f"`%{magic} {line}` is not understood. Give nothing, or the number of a cell, for example `%{magic} 3`."
        )
    return line


def _caught_up(part: Part) -> str:
    before = part.number - 1
    if before == 0:
        return "This is the first cell: the kernel is empty, as it should be."
    return f"Caught up: cells [1] to [{before}] have run. Go on with this one."


def install(shell: Any) -> None:
    """Add the magics to a kernel; a second time changes nothing."""
    if getattr(shell, _KEY, None) is not None:
        return
    lecture = Lecture(shell)
    setattr(shell, _KEY, lecture)
    for name in _NAMES:
        shell.register_magic_function(_polite(lecture, name), "line", name)
    shell.input_transformers_cleanup.append(only_our_magic)
    shell.events.register("pre_run_cell", lecture.before_cell)


def remove(shell: Any) -> None:
    """Take the magics out of a kernel."""
    lecture = getattr(shell, _KEY, None)
    if lecture is None:
        return
    setattr(shell, _KEY, None)
    for name in _NAMES:
        shell.magics_manager.magics["line"].pop(name, None)
    shell.input_transformers_cleanup.remove(only_our_magic)
    shell.events.unregister("pre_run_cell", lecture.before_cell)
    if lecture.timer is not None:
        lecture.timer.stop()


def _polite(lecture: Lecture, name: str) -> Any:
    """Return a magic that says in one sentence what is wrong, and gives back what stood in the cell."""
    method = getattr(lecture, "show_timer" if name == "timer" else name)

    def magic(line: str) -> None:
        try:
            method(line.strip())
        except (CourseError, OSError) as error:
            print(f"%{name}: {error}", file=sys.stderr)
            request = current(lecture.shell)
            if request.cell and request.cell_text != request.code:
                lecture.shell.set_next_input(request.cell_text, replace=True)

    magic.__doc__ = method.__doc__
    magic.__name__ = name
    return magic
