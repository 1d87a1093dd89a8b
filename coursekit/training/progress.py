"""How far a run is: a bar on a terminal, plain lines elsewhere, nothing in the first two seconds."""

import math
import sys
import time

import torch
from tqdm import tqdm

from coursekit.training.history import Epoch
from coursekit.training.memory import memory_used

SECONDS = 2.0  # what is shorter needs no words, and lines come no faster than this


class Progress:
    """Tells a person how far a run is.

    Args:
        done: steps that are done already.
        each: steps of an epoch.
        epochs: of the run.
        show: False keeps quiet.
        device: whose memory to tell.
    """

    def __init__(self, done: int, each: int, epochs: int, show: bool, device: torch.device) -> None:
        terminal = sys.stderr.isatty()
        self._done, self._each, self._device = done, each, device
        self._memory, self._measured = 0, -math.inf
        self._lines = show and not terminal
        self._epochs = epochs
        self._said = time.monotonic()
        self._bar = tqdm(
            initial=done,
            total=each * epochs,
            unit="step",
            delay=SECONDS,
            leave=False,
            disable=not (show and terminal),
        )

    def step(self, loss: float, accuracy: float, pace: float) -> None:
        """Show a step.

        Args:
            loss: of the step, in nats.
            accuracy: of the epoch so far, 0 to 1.
            pace: of the epoch so far, in images per second.
        """
        epoch = self._done // self._each + 1
        self._done += 1
        if self._bar.disable:
            return
        if time.monotonic() >= self._measured + 1:  # asking takes longer than some steps
            self._memory, self._measured = memory_used(self._device), time.monotonic()
        self._bar.set_description(f"epoch {epoch} of {self._epochs}", refresh=False)
        self._bar.set_postfix_str(
            f"loss {loss:.3f}, accuracy {accuracy:.1%}, {_costs(pace, self._memory)}", refresh=False
        )
        self._bar.update()

    def epoch(self, epoch: Epoch) -> None:
        """Print a line at the end of an epoch, unless the last one was a moment ago."""
        if self._lines and time.monotonic() >= self._said + SECONDS:
            self._said = time.monotonic()
            print(
                f"epoch {epoch.number} of {self._epochs}: loss {epoch.loss:.3f}, accuracy "
                f"{epoch.accuracy:.1%}; test loss {epoch.test_loss:.3f}, accuracy "
                f"{epoch.test_accuracy:.1%}; {epoch.seconds:.1f} s, "
                f"{_costs(epoch.images_per_second, epoch.memory)}",
                flush=True,
            )

    def close(self) -> None:
        """Clear the bar."""
        self._bar.close()


def _costs(pace: float, memory: int) -> str:
    return f"{pace:,.0f} images/s, {memory / 1e9:.1f} GB"
