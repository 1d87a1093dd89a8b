"""Grad-CAM: where in a feature map a class was seen."""

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import interpolate

from coursekit.errors import CourseError
from coursekit.inspection.layers import run, split_name
from coursekit.inspection.scores import Target, check_scores, chosen_scores, classes_of
from coursekit.inspection.undisturbed import check_images, gradient, undisturbed


def grad_cam(
    model: nn.Module,
    images: Float[Tensor, "N C H W"],
    layer: str,
    target: Target = None,
    *,
    positive: bool = True,
) -> Float[Tensor, "N h w"]:
    r"""Return the feature maps of a layer, summed with the mean of the score's gradient as weights.

    .. math:: L_{ij} = \text{ReLU}\Big(\sum_k \alpha_k A_{kij}\Big), \qquad
        \alpha_k = \frac1{hw} \sum_{ij} \frac{\partial s_c}{\partial A_{kij}}

    Behind a global average pooling and one linear layer, it is the class activation map, exactly.

    Args:
        model: from images to scores; it comes back as it was.
        images: normalized as the model was trained.
        layer: name of one with feature maps (N, K, h, w), mostly the last.
        target: class c, one for all or (N,); None for the one with the highest score.
        positive: with the ReLU: only what speaks for the class.

    Returns:
        Maps as coarse as the layer; :func:`over_images` makes them as large as the images.

    Raises:
        CourseError: the layer has no maps, the score does not depend on them, or the images do not fit.

    Source: Selvaraju et al. 2017, Grad-CAM, section 3.
    """
    check_images(model, images)
    with undisturbed(model):
        # an image with a gradient, or there is no graph where all weights are frozen
        found = run(model, images.detach().clone().requires_grad_(), [layer])
        A = _as_maps(layer, found.layers[layer])
        scores = check_scores(found.output, len(images))
        alpha = gradient(chosen_scores(scores, target).sum(), A).mean((2, 3), keepdim=True)
    maps = (alpha * A.detach()).sum(1)
    return maps.clamp(min=0) if positive else maps


def class_activation_map(
    model: nn.Module,
    images: Float[Tensor, "N C H W"],
    layer: str,
    target: Target = None,
    *,
    head: str | None = None,
) -> Float[Tensor, "N h w"]:
    r"""Return what every place contributes to a score, behind a global average pooling and a linear layer.

    .. math:: M_{ij} = \frac1{hw} \sum_k w_{ck} A_{kij}, \qquad \sum_{ij} M_{ij} = s_c - b_c

    Args:
        model: with such a head; that there is nothing else behind ``layer`` is not checked.
        images: normalized as the model was trained.
        layer: name of the one whose feature maps are averaged.
        target: class c, one for all or (N,); None for the one with the highest score.
        head: name of the linear layer; None for the last one.

    Raises:
        CourseError: there is no such layer, or the linear layer does not take its channels.

    Source: Zhou et al. 2016, Learning deep features for discriminative localization, section 2.
    """
    check_images(model, images)
    if head is None:
        linear = [name for name, m in model.named_modules() if isinstance(m, nn.Linear)]
        if not linear:
            raise CourseError("The model has no linear layer, expected one behind the pooling.")
        head = linear[-1]
    last = model.get_submodule(split_name(model, head)[0])
    with undisturbed(model):
        found = run(model, images, [layer])
        A = _as_maps(layer, found.layers[layer]).detach()
        classes = classes_of(check_scores(found.output, len(images)), target)
    if not isinstance(last, nn.Linear) or last.in_features != A.shape[1]:
        raise CourseError(
            f"{head!r} is {last}, expected a linear layer for the {A.shape[1]} channels of {layer!r}: this is "
            "for a head of one global average pooling and one linear layer. Take grad_cam()."
        )
    w = last.weight.detach()[classes][:, :, None, None]
    return (w * A).sum(1) / A[0, 0].numel()


def over_images(
    maps: Float[Tensor, "N h w"], images: Float[Tensor, "N C H W"]
) -> Float[Tensor, "N H W"]:
    """Return maps as large as the images, bilinear in between.

    Raises:
        CourseError: the maps or the images have another shape.
    """
    if maps.ndim != 3 or images.ndim != 4:
        raise CourseError(
            f"maps has shape {tuple(maps.shape)} and images {tuple(images.shape)}, expected (N, h, w) and "
            "(N, C, H, W)."
        )
    size = images.shape[2:]
    return interpolate(maps[:, None], size=size, mode="bilinear", align_corners=False)[:, 0]


def _as_maps(layer: str, A: Tensor) -> Float[Tensor, "N K h w"]:
    if A.ndim != 4:
        raise CourseError(
            f"What comes out of {layer!r} has shape {tuple(A.shape)}, expected feature maps (N, K, h, w): name a "
            "layer before the first linear one."
        )
    return A
