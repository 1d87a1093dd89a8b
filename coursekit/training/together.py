"""Several processes that train one model together, on the GPUs of one machine or of several.

torchrun starts them, one for each GPU, and torch's DistributedDataParallel does the work: every
process has the whole model and all images, computes the gradient of its part of each batch, and steps
by the mean of all gradients, so that the weights stay equal everywhere. ``recipe.batch_size`` counts
the images of all processes; so a recipe means the same on one GPU and on eight::

    with together() as device:  # started by: torchrun --standalone --nproc-per-node 2 script.py
        history = train(resnet9().to(device), cifar10(), recipe, folder="run")

Two things are not as in a single process. Batch normalization takes mean and variance of the process's
own part, as in Goyal et al. 2017, Accurate, large minibatch SGD, section 2.3: keep 32 images or more in
each part. (``torch.nn.SyncBatchNorm.convert_sync_batchnorm(model)`` before training takes them of the
whole batch, on GPUs only, and waits for all processes in every layer.) And each process draws its own
random numbers for dropout. Tested and stored is the model of process 0 with its running averages.
"""

import copy
import os
import signal
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from coursekit.errors import CourseError

Value = TypeVar("Value")


@contextmanager
def together(device: str | None = None) -> Iterator[torch.device]:
    """Join the processes that torchrun started, and give the block the device of this one.

    Where torchrun started none, the block has the device that was asked for, and nothing else happens.

    Args:
        device: "cpu" or "cuda"; None takes a GPU where there is one.

    Raises:
        CourseError: there is no such device, or there are fewer GPUs than processes.
        ProcessEndedError: another process ended, which this one cannot go on without.
    """
    kind = _kind(device)
    if not dist.is_torchelastic_launched():
        yield torch.device(kind)
        return
    chosen = torch.device(kind)
    if kind == "cuda":
        number, count = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
        if number >= count:
            started = os.environ["LOCAL_WORLD_SIZE"]
            raise CourseError(
                f"torchrun started {started} processes on this machine, which has {count} GPU"
                f"{'s' * (count != 1)}: give it --nproc-per-node {count}."
            )
        chosen = torch.device(kind, number)
        torch.cuda.set_device(chosen)
    if dist.is_initialized():  # inside of another such block
        yield chosen
        return
    dist.init_process_group("nccl" if kind == "cuda" else "gloo")
    try:
        with _told_to_end(), warnings.catch_warnings():
            # of kernels for one channel, whose memory orders are all the same
            warnings.filterwarnings("ignore", "Grad strides do not match bucket view")
            yield chosen
    except RuntimeError as error:
        if not _of_another(error):
            raise
        raise ProcessEndedError from error
    finally:
        dist.destroy_process_group()


class ProcessEndedError(CourseError):
    """Another process of the run is gone."""

    def __init__(self) -> None:
        super().__init__(
            "Another process of this run ended, and this one cannot go on without it; what the other one "
            "said stands above, unless it was killed. The same command goes on from the last checkpoint."
        )


@dataclass(frozen=True)
class Group:
    """The processes that train together; one of its own where there are no others.

    Args:
        number: of this process, from 0 on.
        count: of all processes.
    """

    number: int = 0
    count: int = 1

    @classmethod
    def here(cls, batch_size: int) -> "Group":
        """Return the group that this process belongs to.

        Args:
            batch_size: images of a batch of all processes.

        Raises:
            CourseError: they cannot share such a batch, or were not joined by :func:`together`.
        """
        if not dist.is_initialized():
            if dist.is_torchelastic_launched():
                raise CourseError(
                    f"torchrun started {os.environ['WORLD_SIZE']} processes, and each would train a model of "
                    "its own. Write `with together() as device:` around, and put the model on that device."
                )
            return cls()
        group = cls(dist.get_rank(), dist.get_world_size())
        if batch_size % group.count:
            less = batch_size - batch_size % group.count
            nearest = f"{less} or {less + group.count}" if less else f"{group.count}"
            raise CourseError(
                f"batch_size is {batch_size}, which {group.count} processes cannot share in equal parts: "
                f"expected {nearest}, for instance."
            )
        return group

    @property
    def first(self) -> bool:
        """Is this the process that tests, shows, logs and stores?"""
        return self.number == 0

    def wrap(self, model: nn.Module) -> nn.Module:
        """Return what to call for scores, so that gradients become means over all processes.

        From here on the model has the weights of process 0.
        """
        if self.count == 1:
            return model
        return DistributedDataParallel(model)

    def alone(self, model: nn.Module) -> nn.Module:
        """Return a model like this one whose gradients no other process waits for."""
        return model if self.count == 1 else copy.deepcopy(model)

    def seed(self, seed: int) -> None:
        """Let every process but the first, which keeps its own, draw random numbers of its own."""
        if self.number:
            torch.manual_seed(seed + self.number)

    def total(self, *numbers: Tensor) -> list[Tensor]:
        """Return sums over all processes of tensors of one number each."""
        if self.count == 1:
            return list(numbers)
        both = torch.stack([number.detach().float() for number in numbers])
        dist.all_reduce(both)
        return list(both)

    def whole(self, part: Tensor) -> Tensor:
        """Return a batch of which each process has a part of the same size."""
        if self.count == 1:
            return part
        part = part.contiguous()
        parts = [torch.empty_like(part) for _ in range(self.count)]
        dist.all_gather(parts, part)
        return torch.cat(parts)

    def share(self, model: nn.Module) -> None:
        """Give every process the model of process 0: since the last step they differ in running averages."""
        if self.count > 1:
            for value in model.state_dict().values():
                dist.broadcast(value, src=0)

    def agreed(self, value: Value) -> Value:
        """Return the value of process 0."""
        if self.count == 1:
            return value
        values: list[Any] = [value]
        dist.broadcast_object_list(values)
        found: Value = values[0]
        return found

    def all(self, value: Value) -> list[Value]:
        """Return the values of all processes, in their order."""
        if self.count == 1:
            return [value]
        values: list[Any] = [None] * self.count
        dist.all_gather_object(values, value)
        return values


def _kind(device: str | None) -> str:
    """Return "cpu" or "cuda".

    Raises:
        CourseError: it is neither, or not here.
    """
    if device is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device not in ("cpu", "cuda"):
        raise CourseError(f"device is {device!r}, expected 'cpu' or 'cuda'.")
    if device == "cuda" and not torch.cuda.is_available():
        raise CourseError(
            "torch finds no GPU here: `coursekit doctor` says more. Without one, device 'cpu' does it, slowly."
        )
    return device


def _of_another(error: RuntimeError) -> bool:
    """Does an error say that another process is gone? Only NCCL's has a class of its own."""
    return isinstance(error, dist.DistError) or "gloo" in str(error)


@contextmanager
def _told_to_end() -> Iterator[None]:
    """Let torchrun, which ends all processes when one has ended, be understood while the block runs."""

    def end(*_: object) -> None:
        raise ProcessEndedError

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears signals
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
