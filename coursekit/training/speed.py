"""How the device computes: what a recipe asks for and a GPU can do, and what came of it."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from coursekit.training.recipe import Recipe


def helps(device: torch.device) -> bool:
    """Say whether bfloat16, another memory order and compiling are worth it: on NVIDIA's GPUs.

    A CPU computes bfloat16 slower than float32, unless it is a server's newest, and compiling takes
    it longer than a small training.
    """
    return device.type == "cuda"


class Speed:
    """What a run uses, and how to switch it on.

    Args:
        recipe: what is asked for.
        parameter: of the model; it says where the model is, and that its numbers are float32: others are
            left alone.

    Attributes:
        bf16, channels_last: whether they are used.
        compile: "no", or the mode in which the model is compiled.
    """

    def __init__(self, recipe: Recipe, parameter: nn.Parameter) -> None:
        self.device = parameter.device
        useful = helps(self.device) and parameter.dtype == torch.float32
        self.bf16 = recipe.bf16 and useful
        self.channels_last = recipe.channels_last and useful
        self.compile = recipe.compile if useful else "no"
        self.dtype, self.seed = parameter.dtype, recipe.seed

    def used(self) -> dict[str, Any]:
        """Return what the run uses in words, for its record."""
        cuda = self.device.type == "cuda"
        return {
            "device": torch.cuda.get_device_name(self.device) if cuda else self.device.type,
            "precision": str(torch.bfloat16 if self.bf16 else self.dtype).removeprefix("torch."),
            "channels_last": self.channels_last,
            "compile": self.compile,
            "torch": str(torch.__version__),
        }

    def form(self) -> dict[str, Any]:
        """Return the form of the batches that the model takes."""
        return {"device": self.device, "dtype": self.dtype, "channels_last": self.channels_last}

    def wrap(self, model: nn.Module) -> nn.Module:
        """Return what to call for scores while training: the model itself, or compiled.

        It has the model's own parameters. Testing calls the model: few images, not worth compiling.
        """
        if self.channels_last:
            for parameter in model.parameters():
                if parameter.ndim == 4:
                    parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
        if self.compile == "no":
            return model
        compiled: Any = torch.compile(model, mode=self.compile)
        return compiled

    def autocast(self) -> AbstractContextManager[None]:
        """Compute in bfloat16 what is safe in it, in the block: convolutions and products, no sums."""
        if not self.bf16:
            return nullcontext()
        return torch.autocast(self.device.type, torch.bfloat16)

    @contextmanager
    def set_up(self) -> Iterator[None]:
        """Seed torch's random numbers and let cuDNN try its algorithms; undo both behind the block.

        The memory that a GPU's tensors took at most is counted from here on.
        """
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.device)
        before = torch.backends.cudnn.benchmark
        with torch.random.fork_rng(_gpus(self.device)):
            torch.manual_seed(self.seed)
            torch.backends.cudnn.benchmark = before or helps(self.device)
            try:
                yield
            finally:
                torch.backends.cudnn.benchmark = before

    def prepare(self, model: nn.Module, called: nn.Module, x: Tensor, labels: Tensor) -> float:
        """Compile and choose algorithms on a batch before the clock runs; return the seconds it took.

        Args:
            model: whose state stays as it is.
            called: what :meth:`wrap` returned.
            x: a batch like all others.
            labels: its classes.
        """
        if not helps(self.device):
            return 0.0
        start = time.perf_counter()
        model.train()
        for _ in range(
            3
        ):  # a captured graph is recorded in the second call and replayed in the third
            trial_step(model, called, x, labels, self)
        self.wait()
        return time.perf_counter() - start

    def wait(self) -> None:
        """Return when the device has done all that it was given: before reading a clock."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)


def trial_step(
    model: nn.Module, called: nn.Module, x: Tensor, labels: Tensor, speed: Speed
) -> None:
    """Compute scores, loss and gradients, and leave the model and all random numbers as they were."""
    buffers = {name: buffer.clone() for name, buffer in model.named_buffers()}
    try:
        with torch.random.fork_rng(_gpus(x.device)):
            with speed.autocast():
                loss = cross_entropy(called(x), labels)
            loss.backward()
    finally:
        model.zero_grad(set_to_none=True)
        with torch.no_grad():
            for name, buffer in model.named_buffers():
                buffer.copy_(buffers[name])


def _gpus(device: torch.device) -> list[torch.device]:
    """Return the GPUs whose random numbers a run on a device uses."""
    return [device] if device.type == "cuda" else []


class Told:
    """Numbers on their way from the device to Python, which goes on meanwhile.

    Asking a GPU for a number waits until it has done everything before. So ask right after the forward
    pass, hand the backward pass over, and read then: the GPU has work while Python waits, and no
    update was made yet in case that the number is bad news.

    Args:
        numbers: tensors of one number.
    """

    def __init__(self, *numbers: Tensor) -> None:
        late = numbers[0].is_cuda
        self._numbers = [number.detach().to("cpu", non_blocking=late) for number in numbers]
        self._arrived = torch.cuda.Event() if late else None
        if self._arrived is not None:
            self._arrived.record(torch.cuda.current_stream(numbers[0].device))

    def read(self) -> list[float]:
        """Wait until they are here, and return them."""
        if self._arrived is not None:
            self._arrived.synchronize()
        return [number.item() for number in self._numbers]
