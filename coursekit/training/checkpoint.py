"""A run's folder: a checkpoint from which a killed run goes on to the same weights, and its log.

Both are written whole or not at all, at the end of every epoch::

    FOLDER/checkpoint.pt    model, its average, optimizer, random numbers, history
    FOLDER/log.jsonl        the recipe and what the run uses, then a line for each epoch

Schedule and alternating flips are functions of step and epoch, which the history has.
"""

import io
import pickle
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from coursekit.data import Images
from coursekit.errors import CourseError
from coursekit.files import atomic_write, remove_leftovers
from coursekit.lock import BusyError, locked
from coursekit.training.averaging import Average
from coursekit.training.checks import first_parameter
from coursekit.training.history import History
from coursekit.training.results import json_line
from coursekit.training.together import Group

FORMAT = 3  # of the checkpoint; another number where an older one cannot be read any more
CHECKPOINT, LOG, LOCK = "checkpoint.pt", "log.jsonl", "lock"


@contextmanager
def run_folder(folder: Path | str | None) -> Iterator[Path | None]:
    """Make the folder of a run and keep other runs out of it while the block runs; None stays None.

    Raises:
        CourseError: another run is using it, or it cannot be made.
    """
    if folder is None:
        yield None
        return
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CourseError(f"The folder {path} cannot be made: {error.strerror}.") from error
    try:
        with locked(path / LOCK, 0.0):
            for name in (CHECKPOINT, LOG):
                remove_leftovers(path / name)
            yield path
    except BusyError:
        raise CourseError(
            f"Another run is using {path}. Wait until it ends, or give this one a folder of its own."
        ) from None


def fingerprint(data: Images) -> str:
    """Return a short text that tells sets of images apart."""
    sums = (zlib.crc32(np.ascontiguousarray(array).data) for array in data)
    return " ".join(f"{value:08x}" for value in sums)


class Checkpoint:
    """What is stored between epochs of one run.

    Args:
        folder: of the run; None in all processes but the first, which stores for all.
        data: fingerprint of the images.
        model: whose weights and buffers are stored and restored in place.
        optimizer: likewise.
        generator: of the order of the images and of their changes, likewise; and torch's own random
            numbers.
        average: of the weights, likewise, if the run keeps one.
        group: of processes that train together.
    """

    def __init__(
        self,
        folder: Path | None,
        data: str,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        generator: torch.Generator,
        average: Average | None = None,
        group: Group | None = None,
    ) -> None:
        self.folder, self.data = folder, data
        self.model, self.optimizer, self.generator = model, optimizer, generator
        self.average, self.group = average, group or Group()

    def save(self, history: History) -> None:
        """Replace the stored state by the present one; all processes take part."""
        random = self.group.all(_random_numbers(self.model))
        if self.folder is None:
            return
        state = {
            "format": FORMAT,
            "data": self.data,
            "history": history.to_plain(),
            "model": self.model.state_dict(),
            "average": None if self.average is None else self.average.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "order": self.generator.get_state(),
            "random": random,
        }
        atomic_write(self.folder / CHECKPOINT, tensor_bytes(state))
        atomic_write(self.folder / LOG, _log(history))  # from the history: no line twice or missing

    def resume(self, history: History) -> History:
        """Bring everything to the stored state, and return its history; the given one if none is.

        Args:
            history: of the run that begins, with nothing in it but its recipe.

        Raises:
            CourseError: what is stored is damaged, or of another recipe, model or data.
        """
        state = self.group.agreed(self._stored(history))
        if state is None:
            return history
        self.model.load_state_dict(state["model"])
        if self.average is not None:
            self.average.model.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_state(state["order"])
        if self.group.number < len(state["random"]):  # it may have been fewer processes
            _draw_on(self.model, state["random"][self.group.number])
        return History.from_plain(state["history"])

    def _stored(self, history: History) -> dict[str, Any] | None:
        """Return the stored state if there is one and it is of this run; for the first process."""
        if self.folder is None or not (path := self.folder / CHECKPOINT).exists():
            return None
        state = _load(path)
        stored = History.from_plain(state["history"])
        other = _differences(asdict(stored.recipe), asdict(history.recipe))
        if state["data"] != self.data:
            other.append("the images")
        wanted = {name: tuple(v.shape) for name, v in self.model.state_dict().items()}
        if {name: tuple(v.shape) for name, v in state["model"].items()} != wanted:
            other.append("the model")
        if other:
            raise CourseError(
                f"{path} is of another run: {', '.join(other)} differ. Give this run another folder, "
                "or delete that file to begin anew."
            )
        return state


def _random_numbers(model: nn.Module) -> list[Tensor]:
    """Return the state of torch's random numbers, on the CPU and on the model's GPU."""
    device = first_parameter(model).device
    on_gpu = [torch.cuda.get_rng_state(device)] if device.type == "cuda" else []
    return [torch.get_rng_state(), *on_gpu]


def _draw_on(model: nn.Module, state: list[Tensor]) -> None:
    """Go on with these random numbers, on the CPU and, if it is one, on the model's GPU."""
    torch.set_rng_state(state[0])
    device = first_parameter(model).device
    if device.type == "cuda" and len(state) > 1:
        torch.cuda.set_rng_state(state[1], device)


def tensor_bytes(state: Mapping[str, Any]) -> bytes:
    """Return what torch.save would write into a file."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()


def _load(path: Path) -> dict[str, Any]:
    """Read a checkpoint without running code from it, whoever wrote it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, OSError, EOFError, KeyError, ValueError) as error:
        raise CourseError(
            f"{path} is damaged or no checkpoint. Delete it to begin the run anew."
        ) from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise CourseError(
            f"{path} was not written by this version of the course. Delete it to begin the run anew."
        )
    return state


def _differences(stored: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    return [
        f"{name} ({stored[name]!r} there, {value!r} here)"
        for name, value in wanted.items()
        if stored[name] != value
    ]


def _log(history: History) -> str:
    head = {"recipe": asdict(history.recipe), "used": history.used}
    lines = [head, *map(asdict, history.epochs)]
    return "".join(json_line(line) + "\n" for line in lines)
