"""Filters as images: what the weights of a convolution look like."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from coursekit.errors import CourseError
from coursekit.inspection.layers import split_name
from coursekit.inspection.undisturbed import check_model

Scale = Literal["each", "all"]


def filters(
    model: nn.Module, layer: str, *, scale: Scale = "each"
) -> Float[Tensor, "K C height width"]:
    r"""Return the filters of a convolution as images: 0 is black, 1 white, and no weight a gray of 0.5.

    .. math:: \text{image} = \tfrac12 + w / (2 \max |w|)

    With C = 1 or 3, as in the first layer, each is a picture in gray or in color. Deeper filters look at
    feature maps and have no colors: show their channels side by side, each as a gray image.

    Args:
        model: any.
        layer: name of a ``nn.Conv2d``.
        scale: take the largest weight of "each" filter, or of "all": then weak filters look pale.

    Raises:
        CourseError: there is no such layer or scale, or the layer is no 2D convolution.

    Source: Krizhevsky et al. 2012, Figure 3; Louppe lecture 5, "Under the hood".
    """
    check_model(model)
    if scale not in ("each", "all"):
        raise CourseError(f"scale is {scale!r}, expected 'each' or 'all'.")
    module = model.get_submodule(split_name(model, layer)[0])
    if not isinstance(module, nn.Conv2d):
        there = [name for name, m in model.named_modules() if isinstance(m, nn.Conv2d)]
        raise CourseError(
            f"Layer {layer!r} is a {type(module).__name__}, expected a Conv2d: {', '.join(there) or 'it has none'}."
        )
    weights = module.weight.detach()
    size = weights.abs()
    largest = size.amax((1, 2, 3), keepdim=True) if scale == "each" else size.max()
    return 0.5 + weights / (2 * torch.where(largest > 0, largest, 1.0))
