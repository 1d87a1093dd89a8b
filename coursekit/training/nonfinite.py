"""When the loss is NaN or infinite: where it began, and what to do."""

import math

import torch
from torch import Tensor, nn

from coursekit.errors import CourseError
from coursekit.training.history import History


class NonFiniteLossError(CourseError):
    """The loss became NaN or infinite, and training stopped before that step's update.

    Attributes:
        step: which, counted from 0.
        layer: name of the first module whose output is not finite, "" for the loss itself.
        history: the run up to the step before.
    """

    def __init__(self, text: str, step: int, layer: str, history: History) -> None:
        super().__init__(text)
        self.step, self.layer, self.history = step, layer, history


def stop(model: nn.Module, x: Tensor, loss: float, rate: float, history: History) -> None:
    """Raise, with the step, the layer and advice.

    Args:
        model: in the state that gave the loss.
        x: the batch that gave it.
        loss: NaN or infinite.
        rate: learning rate of this step, which is not taken.
        history: the run up to the step before.

    Raises:
        NonFiniteLossError: always.
    """
    step = len(history.losses)
    name, module = first_nonfinite(model, x)
    if module is None:
        where = "The scores of the last layer are finite, but so large that the loss is not."
    else:
        where = (
            f"The first numbers that are not finite come out of layer {name!r} "
            f"({type(module).__name__}), {_weights(module)}."
        )
    if step == 0:
        advice = (
            "No step was taken yet, so it is not the learning rate: look at the initial weights and "
            "at what this layer computes (a logarithm or a root of 0, a division by 0)."
        )
    else:
        advice = (
            f"Most often the steps are too long: try a learning rate of {rate / 10:.2g} instead of "
            f"{rate:.2g}, or a warm-up."
        )
    raise NonFiniteLossError(
        f"The loss is {loss} at step {step} (the first is 0). {where} {advice}", step, name, history
    )


@torch.no_grad()
def first_nonfinite(model: nn.Module, x: Tensor) -> tuple[str, nn.Module | None]:
    """Return name and module of the first layer, in the order of computing, with a non-finite output.

    Layers are modules without modules inside. Where all outputs are finite, it is ("", None).
    """
    found: list[tuple[str, nn.Module]] = []
    layers = [(n, m) for n, m in model.named_modules() if not any(True for _ in m.children())]
    names = {module: name for name, module in layers}

    def look(module: nn.Module, inputs: object, output: object) -> None:
        if not found and isinstance(output, Tensor) and not output.isfinite().all():
            found.append((names[module], module))

    handles = [module.register_forward_hook(look) for module in names]
    try:
        model(x)
    finally:
        for handle in handles:
            handle.remove()
    return found[0] if found else ("", None)


def _weights(module: nn.Module) -> str:
    """Say in half a sentence how large a layer's own parameters are."""
    parameters = list(module.parameters(recurse=False))
    if not parameters:
        return "which has no weights"
    largest = max(p.detach().abs().max().item() for p in parameters)  # NaN if one is NaN
    if math.isfinite(largest):
        return f"whose weights are finite, at most {largest:.2g} in size"
    return "whose weights are not finite since the step before"
