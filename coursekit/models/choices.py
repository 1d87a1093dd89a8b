"""What all networks here ask of their arguments, and the weights that they start from."""

from collections.abc import Iterable
from typing import Any

from torch import nn

from coursekit.errors import CourseError


def at_least(name: str, value: Any, least: int) -> int:
    """Return a whole number of at least ``least``.

    Raises:
        CourseError: it is none, or smaller.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise CourseError(f"{name} is {value!r}, expected a whole number of at least {least}.")
    return value


def one_of(name: str, value: Any, options: Iterable[Any]) -> None:
    """Do nothing where a value is one of the options.

    Raises:
        CourseError: it is none of them.
    """
    options = tuple(options)
    if value not in options:
        *most, last = (repr(option) for option in options)
        raise CourseError(f"{name} is {value!r}, expected {', '.join(most)} or {last}.")


def he_normal(model: nn.Module) -> None:
    r"""Draw the weights of all convolutions and linear layers anew, and set their biases to 0.

    .. math:: w \sim \mathcal{N}(0, 2 / n), \quad n = C/G \cdot F_h F_w

    The last linear layer, behind which no ReLU halves anything, gets 1/n. ``torch.manual_seed``
    before says which random numbers are drawn.

    Source: He et al. 2015, Delving deep into rectifiers, section 2.2.
    """
    layers = [m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    for layer in layers:
        halved = 1 if layer is layers[-1] else 2
        nn.init.normal_(layer.weight, std=(halved / layer.weight[0].numel()) ** 0.5)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
