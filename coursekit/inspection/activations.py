"""Activations by name: what the layers of a model answer to some images."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from coursekit.inspection.layers import run
from coursekit.inspection.undisturbed import check_images, undisturbed


def activations(
    model: nn.Module, images: Float[Tensor, "N C H W"], names: Sequence[str] | None = None
) -> dict[str, Float[Tensor, "N K *places"]]:
    """Return what comes out of layers, by their names.

    A layer that runs several times, as a ReLU that a model uses again and again, is called "relu" for its first run,
    "relu#2" for the second. What a later layer does in place does not show.

    Args:
        model: any; it comes back as it was.
        images: normalized as the model was trained.
        names: of layers, as in ``model.get_submodule``; None for all that hold no others. Given names need not be in
            order, and what comes behind the last of them does not run: images of any size will do that fit so far.

    Returns:
        A tensor for each name, outside of torch's graph; (N, K, H', W') for a convolution, (N, K) for a linear layer.

    Raises:
        CourseError: there is no such layer (the message has those with a name like it), it does not run, or
            the images do not fit.
    """
    check_images(model, images)
    with undisturbed(model), torch.no_grad():
        found = run(model, images, names, whole=names is None)
    return {name: tensor.detach() for name, tensor in found.layers.items()}
