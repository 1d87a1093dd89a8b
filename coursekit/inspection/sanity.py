"""A sanity check for maps: a picture of what the net has learned must change when the weights do."""

import copy
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from coursekit.errors import CourseError
from coursekit.inspection.layers import run
from coursekit.inspection.scores import Target, found_classes
from coursekit.inspection.smoothgrad import Method
from coursekit.inspection.undisturbed import check_images, undisturbed


class Randomized(NamedTuple):
    """A map after the weights of a layer, and of all above it, were drawn anew."""

    layer: str
    correlation: float  # of ranks with the map of the trained model, the mean over the images


def randomization(
    model: nn.Module,
    images: Float[Tensor, "N C H W"],
    method: Method,
    target: Target = None,
    *,
    seed: int,
    absolute: bool = True,
) -> list[Randomized]:
    """Return how much a map still resembles that of the trained model, layer by layer from the top down.

    In a copy of the model the parameters of one layer after the other are replaced by normal random
    numbers of the same mean and spread; running averages stay. A map that keeps its ranks shows the image, not
    what the net has learned.

    Args:
        model: from images to scores; it comes back as it was.
        images: normalized as the model was trained.
        method: makes maps from (model, images, classes): saliency, guided_backpropagation, or a function
            that wraps another.
        target: class, one for all or (N,); None for the one that the trained model finds.
        seed: of the weights.
        absolute: compare without signs, as the maps are mostly shown.

    Returns:
        One entry for each layer with parameters of its own, the last one to run first.

    Raises:
        CourseError: the images do not fit the model, or it has no parameters.

    Source: Adebayo et al. 2018, Sanity checks for saliency maps, section 3 (cascading randomization).
    """
    check_images(model, images)
    generator = torch.Generator().manual_seed(seed)
    with undisturbed(model):
        classes = found_classes(model, images, target)
        changed = copy.deepcopy(model)
        order = _order(changed, images)
    if not order:
        raise CourseError("The model has no parameters: there is nothing to draw anew.")
    before = method(model, images, classes)
    steps, done = [], set[nn.Parameter]()
    for name, module in order:
        own = list(module.parameters(recurse=False))
        for parameter in own:
            if parameter not in done:
                _draw(parameter, generator)
        done |= set(own)
        after = method(changed, images, classes)
        pairs = zip(before, after, strict=True)
        same = [rank_correlation(*(m.abs() if absolute else m for m in pair)) for pair in pairs]
        steps.append(Randomized(name, float(np.mean(same))))
    return steps


def rank_correlation(a: Float[Tensor, "..."], b: Float[Tensor, "..."]) -> float:
    """Return Spearman's rank correlation of two maps, −1 to 1; equal values share the mean of their ranks.

    A map that is the same everywhere has no order: the result is then 0.

    Raises:
        CourseError: the maps have different shapes.
    """
    from scipy.stats import rankdata

    if a.shape != b.shape:
        raise CourseError(
            f"The maps have shapes {tuple(a.shape)} and {tuple(b.shape)}, expected the same."
        )
    ranks = [rankdata(m.detach().cpu().numpy(), axis=None) for m in (a, b)]
    x, y = (r - r.mean() for r in ranks)
    size = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / size) if size > 0 else 0.0


def _order(model: nn.Module, images: Tensor) -> list[tuple[str, nn.Module]]:
    """Return the modules with parameters of their own that run, the last one to start first."""
    order: dict[str, nn.Module] = {}
    handles = []

    def note(module: nn.Module, name: str) -> None:
        order.pop(name, None)  # of several runs, the last one counts
        order[name] = module

    try:
        for name, module in model.named_modules():
            if next(module.parameters(recurse=False), None) is not None:
                hook = lambda m, args, name=name or "(model)": note(m, name)  # noqa: E731
                handles.append(module.register_forward_pre_hook(hook))
        with torch.no_grad():
            run(model, images[:1], [])
    finally:
        for handle in handles:
            handle.remove()
    return list(reversed(order.items()))


@torch.no_grad()
def _draw(parameter: nn.Parameter, generator: torch.Generator) -> None:
    drawn = torch.randn(parameter.shape, generator=generator, dtype=parameter.dtype)
    std, mean = parameter.std(correction=0), parameter.mean()
    parameter.copy_(mean + std * drawn.to(parameter.device))
