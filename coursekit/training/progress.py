"""How far a run is: a bar on a terminal, plain lines elsewhere, nothing in the first two seconds."""

import sys
import time

from tqdm import tqdm

from coursekit.training.history import Epoch

SECONDS = 2.0  # what is shorter needs no words, and lines come no faster than this


class Progress:
    """Tells a person how far a run is.

    Args:
        done: steps that are done already.
        total: steps of the run.
        epochs: of the run.
        show: False keeps quiet.
    """

    def __init__(self, done: int, total: int, epochs: int, show: bool) -> None:
        terminal = sys.stderr.isatty()
        self._lines = show and not terminal
        self._epochs = epochs
        self._said = time.monotonic()
        self._bar = tqdm(
            initial=done,
            total=total,
            unit="step",
            delay=SECONDS,
            leave=False,
            disable=not (show and terminal),
        )

    def step(self, epoch: int, loss: float, accuracy: float) -> None:
        """Show a step: the epoch from 1 on, the step's loss in nats, the epoch's accuracy so far."""
        self._bar.set_description(f"epoch {epoch} of {self._epochs}", refresh=False)
        self._bar.set_postfix_str(f"loss {loss:.3f}, accuracy {accuracy:.1%}", refresh=False)
        self._bar.update()

    def epoch(self, epoch: Epoch) -> None:
        """Print a line at the end of an epoch, unless the last one was a moment ago."""
        if self._lines and time.monotonic() >= self._said + SECONDS:
            self._said = time.monotonic()
            print(
                f"epoch {epoch.number} of {self._epochs}: loss {epoch.loss:.3f}, accuracy "
                f"{epoch.accuracy:.1%}; test loss {epoch.test_loss:.3f}, accuracy "
                f"{epoch.test_accuracy:.1%}; {epoch.seconds:.1f} s",
                flush=True,
            )

    def close(self) -> None:
        """Clear the bar."""
        self._bar.close()
