"""Saliency: which pixels would change the score, if they changed a little."""

from jaxtyping import Float
from torch import Tensor, nn

from coursekit.errors import CourseError
from coursekit.inspection.scores import Target, chosen_scores, scores_of
from coursekit.inspection.undisturbed import check_images, gradient, undisturbed


def saliency(
    model: nn.Module, images: Float[Tensor, "N C H W"], target: Target = None
) -> Float[Tensor, "N C H W"]:
    r"""Return the gradient of a score at the image, with its signs.

    .. math:: \partial s_c(x) / \partial x

    It says what a small change of a pixel does. It does not say what the pixel contributes: where a ReLU is
    switched off or a softmax is sure, it is 0 for pixels that decided.

    Args:
        model: from images to scores; it comes back as it was.
        images: normalized as the model was trained: the gradient is per standard deviation of gray levels.
        target: class c, one for all or (N,); None for the one with the highest score.

    Raises:
        CourseError: the images do not fit the model, there is no such class, or no gradient.

    Source: Simonyan, Vedaldi and Zisserman 2014, Deep inside convolutional networks, section 3.
    """
    check_images(model, images)
    with undisturbed(model):
        x = images.detach().clone().requires_grad_()
        return gradient(chosen_scores(scores_of(model, x), target).sum(), x)


def magnitude(maps: Float[Tensor, "N C H W"]) -> Float[Tensor, "N H W"]:
    """Return one number for each pixel: the largest of its channels, without signs.

    Raises:
        CourseError: the maps have another shape.

    Source: Simonyan, Vedaldi and Zisserman 2014, section 3.1.
    """
    if maps.ndim != 4:
        raise CourseError(f"maps has shape {tuple(maps.shape)}, expected (N, C, H, W).")
    return maps.abs().amax(1)
