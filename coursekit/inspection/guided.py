"""Guided backpropagation: a gradient that lets nothing negative pass back through a ReLU."""

from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from coursekit.errors import CourseError
from coursekit.inspection.scores import Target, chosen_scores, scores_of
from coursekit.inspection.undisturbed import check_images, gradient, undisturbed


def guided_backpropagation(
    model: nn.Module, images: Float[Tensor, "N C H W"], target: Target = None
) -> Float[Tensor, "N C H W"]:
    r"""Return what comes back to the image when every ReLU passes on only what raises the score.

    .. math:: \text{gradient:} \; [x > 0] \, g \qquad \text{guided:} \; [x > 0] \, [g > 0] \, g

    It is no gradient of anything. Its pictures are sharp, and they are much the same for every class and for
    random weights in the upper layers: see :func:`coursekit.inspection.randomization`.

    Args:
        model: with ReLUs, as layers or as functions, in place or not; it comes back as it was.
        images: normalized as the model was trained.
        target: class, one for all or (N,); None for the one with the highest score.

    Raises:
        CourseError: the model ran no ReLU, the images do not fit, or there is no such class.

    Source: Springenberg et al. 2015, Striving for simplicity, section 3.4; Adebayo et al. 2018 for the warning.
    """
    check_images(model, images)
    rule = _Rule()
    with undisturbed(model):
        x = images.detach().clone().requires_grad_()
        with rule:
            scores = scores_of(model, x)
        if not rule.met:
            raise CourseError(
                "The model ran no ReLU, and guided backpropagation is a rule for ReLUs alone: take saliency()."
            )
        return gradient(chosen_scores(scores, target).sum(), x)


class _GuidedReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        y = x.clamp(min=0)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx: Any, *dy: Tensor) -> Tensor:
        (y,) = ctx.saved_tensors
        return dy[0].clamp(min=0) * (y > 0)


class _Rule(TorchFunctionMode):
    """While it is on, every ReLU of torch is a guided one, whoever calls it."""

    def __init__(self) -> None:
        super().__init__()
        self.met = 0

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping | None = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        if func not in _RELUS and func not in _IN_PLACE:
            return func(*args, **kwargs)
        self.met += 1
        x = args[0] if args else kwargs["input"]
        if func in _IN_PLACE or kwargs.get("inplace") or args[1:2] == (True,):
            return x.copy_(_GuidedReLU.apply(x.clone()))
        return _GuidedReLU.apply(x)


_RELUS = {functional.relu, torch.relu, Tensor.relu}
_IN_PLACE = {functional.relu_, torch.relu_, Tensor.relu_}
