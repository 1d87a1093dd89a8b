"""Gradient ascent on an image: where it starts, how far it steps, and within which bounds."""

from collections.abc import Callable
from math import ceil

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import conv2d, pad

from coursekit.errors import CourseError
from coursekit.inspection.undisturbed import gradient

Bound = float | Float[Tensor, " C"] | None


def noise(
    shape: tuple[int, ...],
    *,
    seed: int,
    scale: float = 0.1,
    like: Tensor | None = None,
) -> Float[Tensor, "..."]:
    """Return normal random numbers to start from: gray with a little noise, for normalized images.

    Args:
        shape: of the result.
        seed: of the numbers, which are the same on every device.
        scale: their standard deviation.
        like: a tensor with the dtype and the device of the result.
    """
    drawn = scale * torch.randn(shape, generator=torch.Generator().manual_seed(seed))
    return drawn if like is None else drawn.to(like)


def limits(
    mean: Float[Tensor, " C"], std: Float[Tensor, " C"], *, levels: float = 255.0
) -> tuple[Float[Tensor, " C"], Float[Tensor, " C"]]:
    """Return what black and white are, normalized: the bounds of what an image can hold.

    Args:
        mean: of each channel, in gray levels, as ``coursekit.training.channel_statistics`` returns it.
        std: of each channel, in gray levels.
        levels: of white.
    """
    return (-mean / std).float(), ((levels - mean) / std).float()


def within(x: Float[Tensor, "N C H W"], low: Bound, high: Bound) -> Float[Tensor, "N C H W"]:
    """Return images whose values are within bounds, each a number or one for every channel."""
    low, high = (as_bound(name, b, x) for name, b in (("low", low), ("high", high)))
    if low is not None and high is not None and (low > high).any():
        raise CourseError("low is above high, expected the value of black, then that of white.")
    x = x if low is None else torch.maximum(x, low)
    return x if high is None else torch.minimum(x, high)


def as_bound(name: str, bound: Bound, x: Float[Tensor, "N C H W"]) -> Tensor | None:
    """Return a number, or one for every channel, so that it goes with images.

    Raises:
        CourseError: it is something else.
    """
    if bound is None:
        return None
    values = torch.as_tensor(bound).to(x)
    if values.ndim > 1 or values.numel() not in (1, x.shape[1]) or values.isnan().any():
        raise CourseError(
            f"{name} has shape {tuple(values.shape)}, expected a number or one for each of {x.shape[1]} channels."
        )
    return values.reshape(-1, 1, 1)


def unit_step(g: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C H W"]:
    r"""Return the direction of a gradient, with a root mean square of 1 for each image.

    .. math:: g / \sqrt{\text{mean}(g^2)}

    So a rate says how far a pixel moves on average, whatever the scale of the scores. A gradient of 0 stays 0.
    """
    # scaled first: squares of very small numbers would be 0
    largest = g.abs().amax((1, 2, 3), keepdim=True)
    g = g / torch.where(largest > 0, largest, 1.0)
    size = g.square().mean((1, 2, 3), keepdim=True).sqrt()
    return g / torch.where(size > 0, size, 1.0)


def blurred(x: Float[Tensor, "N C H W"], sigma: float) -> Float[Tensor, "N C H W"]:
    """Return images blurred by a Gaussian of sigma pixels; beyond the border, its pixels go on."""
    if sigma <= 0:
        return x
    radius = ceil(3 * sigma)
    t = torch.arange(-radius, radius + 1, dtype=x.dtype, device=x.device)
    kernel = torch.exp(-(t**2) / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).expand(x.shape[1], 1, -1)
    x = pad(x, (radius,) * 4, mode="replicate")
    x = conv2d(x, kernel[:, :, None, :], groups=x.shape[1])
    return conv2d(x, kernel[:, :, :, None], groups=x.shape[1])


def moved_gradient(
    answer: Callable[[Tensor], Tensor],
    x: Float[Tensor, "N C H W"],
    jitter: int,
    generator: torch.Generator,
) -> tuple[float, Float[Tensor, "N C H W"]]:
    """Return an answer to an image moved by a random offset, and its gradient, moved back."""
    by = (0, 0)
    if jitter:
        rows, columns = torch.randint(-jitter, jitter + 1, (2,), generator=generator).tolist()
        by = (rows, columns)
    moved = x.roll(by, (2, 3)).detach().requires_grad_()
    value = answer(moved)
    return value.item(), gradient(value, moved).roll((-by[0], -by[1]), (2, 3))
