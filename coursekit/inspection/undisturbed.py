"""To look at a model must not change it."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float
from torch import Tensor, nn

from coursekit.errors import CourseError


@contextmanager
def undisturbed(model: nn.Module) -> Iterator[None]:
    """Put all modules into testing mode for a while, with gradients on, and leave no trace of it.

    Afterwards every module is in the mode that it had, also when the block ends with an error, and torch's random
    numbers go on where they were, whatever the model drew. The weights get no gradients, for all that is asked for
    here is the gradient of something at an image or at an activation.
    """
    modes = {module: module.training for module in model.modules()}
    here = {p.device for p in model.parameters() if p.device.type == "cuda"}
    with torch.random.fork_rng(devices=list(here)), torch.enable_grad():
        model.eval()
        try:
            yield
        finally:
            for module, training in modes.items():
                module.training = training


def check_model(model: object) -> None:
    """Refuse what is no model, and what the first images would change.

    Raises:
        CourseError: it is none, or not complete yet.
    """
    if not isinstance(model, nn.Module):
        raise CourseError(f"model is a {type(model).__name__}, expected a torch.nn.Module.")
    if any(nn.parameter.is_lazy(p) for p in model.parameters()):
        raise CourseError(
            "The model has layers that learn their sizes from the first images: call it once, on one batch."
        )


def check_images(model: nn.Module, images: object, name: str = "images") -> None:
    """Refuse what the model cannot look at.

    Raises:
        CourseError: the model is none or not complete, the images are no float tensor (N, C, H, W), there are
            none, or they lie elsewhere than the weights or have another precision.
    """
    check_model(model)
    if not isinstance(images, Tensor):
        raise CourseError(
            f"{name} is a {type(images).__name__}, expected a torch tensor of shape (N, C, H, W)."
        )
    if images.ndim != 4 or images.numel() == 0 or not images.is_floating_point():
        raise CourseError(
            f"{name} has shape {tuple(images.shape)} and dtype {images.dtype}, expected floats of shape "
            "(N, C, H, W), at least one image, normalized as the model was trained: (gray levels − mean) / std."
        )
    weight = next((p for p in model.parameters() if p.is_floating_point()), None)
    if weight is not None and (weight.dtype, weight.device) != (images.dtype, images.device):
        raise CourseError(
            f"{name} has dtype {images.dtype} on {images.device}, and the model computes with {weight.dtype} on "
            f"{weight.device}: give {name}.to(next(model.parameters()))."
        )


def gradient(value: Float[Tensor, ""], at: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Return the gradient of a number, and leave those of the weights alone.

    Raises:
        CourseError: the number does not depend on it in a way that torch could follow, or nothing may have
            a gradient here.
    """
    if torch.is_inference_mode_enabled():
        raise CourseError(
            "torch.inference_mode is on, in which nothing has a gradient: call this outside of it."
        )
    found = None
    if value.requires_grad:
        (found,) = torch.autograd.grad(value, at, allow_unused=True)
    if found is None:
        raise CourseError(
            "There is no gradient: what was asked for does not depend on the image, or the model leaves torch's "
            "graph on the way (detach, argmax, NumPy, no_grad). Name another layer, or mend the model."
        )
    return found
