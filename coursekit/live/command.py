"""``coursekit live 03``: make the lecture copy, run the chapter once in the background, open JupyterLab."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from coursekit.chapters import Chapter
from coursekit.lab import Visit, open_lab
from coursekit.live.lecture import LECTURER, make_copy
from coursekit.live.prepare import is_prepared
from coursekit.live.request import FOLDER
from coursekit.live.room import USUAL_SIZE, make_room, without_slides
from coursekit.paths import MARKER, course_root


@dataclass(frozen=True)
class Stage:
    """How a lecture copy is opened.

    Args:
        port: as in ``coursekit lab``.
        browser: as in ``coursekit lab``.
        size: of letters, in pixels.
        dark: light letters on a dark ground.
    """

    port: int | None = None
    browser: bool | None = None
    size: int = USUAL_SIZE
    dark: bool = False


def live(chapter: Chapter, audience: str, fresh: bool, stage: Stage | None) -> int:
    """Make a lecture copy and open it; return the exit status.

    Args:
        chapter: which.
        audience: ``"lecturer"`` or ``"students"``.
        fresh: begin anew, and give a copy that was typed in another name.
        stage: to open it on; None only writes it.
    """
    root = course_root()
    work = root / "work"
    if stage is None:
        print(make_copy(chapter, root, work, audience, fresh).sentence)
        return 0
    room = make_room(work / MARKER / "live" / "room", stage.size, stage.dark)
    made = make_copy(chapter, root, work, audience, fresh)
    print(made.sentence, flush=True)
    if missing := without_slides():
        print(missing, flush=True)
    with _preparing(chapter, audience == LECTURER):
        visit = Visit(f"{FOLDER}/{made.path.name}", room)
        return open_lab(stage.port, stage.browser, visit)


@contextmanager
def _preparing(chapter: Chapter, wanted: bool) -> Iterator[None]:
    if not wanted or is_prepared(chapter.number):
        yield
        return
    print("Running the chapter once in the background, for %catchup.", flush=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "coursekit.live.prepare", str(chapter.number)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()
