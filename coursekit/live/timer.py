"""A presenter's clock: where the lecture is, and where the plan wants it to be."""

import threading
import time
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import ipywidgets

from coursekit.errors import CourseError
from coursekit.live.script import Section

_EVERY_SECONDS = 1.0
_ON_TIME_MINUTES = 1.0  # nobody is late by less


class Timer:
    """A clock that runs until it is stopped.

    Args:
        sections: of the chapter, with their minutes.
        start: minutes and, after a colon, seconds that have passed already; empty for none.
        clock: seconds, ever growing.

    Raises:
        CourseError: ``start`` is no time.
    """

    def __init__(
        self,
        sections: Sequence[Section],
        start: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sections, self._clock, self._here = sections, clock, 0
        self._began = clock() - _seconds(start)
        self.view: Any = ipywidgets.HTML(self.html())
        self._over = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def at(self, section: int) -> None:
        """Say which section the lecture has reached."""
        self._here = section
        self.view.value = self.html()

    def stop(self) -> None:
        """Stop the clock; what it shows stays."""
        self._over.set()

    def html(self) -> str:
        """What the clock shows now."""
        passed = (self._clock() - self._began) / 60
        section = self._sections[self._here]
        begin = sum(one.minutes for one in self._sections[: self._here])
        end, total = begin + section.minutes, sum(one.minutes for one in self._sections)
        return (
            '<div role="timer" style="font-size:1.4em;line-height:1.5">'
            f"<strong>{_clock(passed)}</strong> of {_clock(total)} · {escape(section.title)}, "
            f"planned {_clock(begin)} to {_clock(end)} · <strong>{_verdict(passed, begin, end)}</strong></div>"
        )

    def _run(self) -> None:
        while not self._over.wait(_EVERY_SECONDS):
            self.view.value = self.html()


def _verdict(passed: float, begin: float, end: float) -> str:
    if passed > end + _ON_TIME_MINUTES:
        return f"{passed - end:.0f} min late"
    if passed < begin - _ON_TIME_MINUTES:
        return f"{begin - passed:.0f} min early"
    return "on time"


def _clock(minutes: float) -> str:
    seconds = int(minutes * 60)
    return f"{seconds // 60}:{seconds % 60:02d}"


def _seconds(text: str) -> float:
    minutes, _, seconds = text.partition(":")
    if not text:
        return 0.0
    if not minutes.isdigit() or (seconds and not seconds.isdigit()):
        raise CourseError(
            f"`%timer {text}` is no time: give the minutes that have passed already, for example `%timer 10` or "
            "`%timer 10:30`."
        )
    return 60.0 * int(minutes) + int(seconds or 0)
