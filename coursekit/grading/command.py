"""What `coursekit grade` and `coursekit points` print: a progress bar, and what came of it in a few lines."""

import sys
import time
from collections import Counter
from pathlib import Path

from coursekit.grading.grading import Outcome, Wish, grade_folder
from coursekit.grading.reports import export
from coursekit.grading.result import GRADED, STATES, TO_READ
from coursekit.grading.store import Store

NEEDS_A_PERSON = 3  # the exit status where not every submission could be graded
_LINE_SECONDS = 10.0


class Bar:
    """A progress bar on a terminal, plain lines now and then elsewhere."""

    def __init__(self) -> None:
        from tqdm import tqdm

        self._bar = tqdm(unit="submission", disable=None, leave=False, file=sys.stderr)
        self._said = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Show how many are done."""
        self._bar.total = total
        self._bar.update(done - self._bar.n)
        if self._bar.disable and time.monotonic() > self._said + _LINE_SECONDS:
            self._said = time.monotonic()
            print(f"{done} of {total} submissions", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Clear the line."""
        self._bar.close()


def grade(wish: Wish) -> int:
    """Grade a folder, say what came of it, and return the exit status."""
    if wish.unsafe:
        print(
            "Without a sandbox: submissions run as you and can read and change whatever you can.",
            file=sys.stderr,
        )
    bar = Bar()
    try:
        outcome = grade_folder(wish, bar)
    except KeyboardInterrupt:
        bar.close()
        print(
            "Stopped. What was graded is kept; the same command goes on with the rest.",
            file=sys.stderr,
        )
        return 130
    finally:
        bar.close()
    print(said(wish.out, outcome))
    return 0 if outcome.ok else NEEDS_A_PERSON


def said(out: Path, outcome: Outcome) -> str:
    """Return what the command says in the end.

    Args:
        out: folder of the results, as the teacher called it.
        outcome: of the run.
    """
    states = Counter(one.state for one in outcome.results)
    counts = ", ".join(f"{states[state]} {state}" for state in STATES if states[state])
    lines = [f"{len(outcome.results)} submissions: {counts}."]
    if outcome.kept:
        lines.append(f"{outcome.kept} of them had been graded before and have not changed since.")
    if outcome.gone:
        lines.append(
            f"{outcome.gone} results are of submissions that are not in the folder any more; they stay."
        )
    others = [one for one in outcome.results if one.state != GRADED]
    lines += [f"  {one.student}: {one.state}. {one.reason}" for one in others[:10]]
    if len(others) > 10:
        lines.append(f"  and {len(others) - 10} more, see the summary")
    lines.append(f"Read {out / 'summary.html'} first; the scores are in {out / 'scores.csv'}.")
    if any(task.points is None for one in outcome.results for task in one.tasks):
        sheet = out / "to_read.csv"
        lines.append(
            f"Written answers wait for a person: fill in {sheet}, then `coursekit points {out} FILE.csv`."
        )
    return "\n".join(lines)


def take_points(results: Path, sheet: Path) -> str:
    """Take in the points of a sheet and say what came of it."""
    given = export.take_points(results, sheet)
    written = [task for one in Store(results).all() for task in one.tasks if task.state == TO_READ]
    return f"{given} of {len(written)} written answers have points. Wrote {results / 'scores.csv'} and the pages anew."
