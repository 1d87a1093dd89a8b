"""Occlusion: how much a score falls when a part of the image is covered."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from coursekit.errors import CourseError
from coursekit.inspection.scores import Target, chosen_scores, found_classes, scores_of
from coursekit.inspection.undisturbed import check_images, undisturbed
from coursekit.models.choices import at_least


class Occlusion(NamedTuple):
    """How much a score falls, for every place of the cover."""

    drops: Float[Tensor, "N h w"]  # below 0 where the score rises
    tops: tuple[int, ...]  # the first row of the cover, for each of h places
    lefts: tuple[int, ...]  # the first column, for each of w
    size: int  # of the cover

    def over_pixels(self) -> Float[Tensor, "N H W"]:
        """Return for every pixel the mean of the drops of all covers that lie on it."""
        H, W = self.tops[-1] + self.size, self.lefts[-1] + self.size
        total = self.drops.new_zeros(len(self.drops), H, W)
        times = self.drops.new_zeros(H, W)
        for i, top in enumerate(self.tops):
            for j, left in enumerate(self.lefts):
                here = (slice(top, top + self.size), slice(left, left + self.size))
                total[:, *here] += self.drops[:, i, j, None, None]
                times[here] += 1
        return total / times.clamp(min=1)


def occlusion(
    model: nn.Module,
    images: Float[Tensor, "N C H W"],
    target: Target = None,
    *,
    size: int = 5,
    stride: int = 1,
    fill: float = 0.0,
    batch_size: int = 250,
) -> Occlusion:
    r"""Return how much the score falls when a square covers a part of the image.

    .. math:: D_{ij} = s_c(x) - s_c(x \text{ with the square at } (i, j) \text{ filled})

    Args:
        model: from images to scores; it comes back as it was.
        images: normalized as the model was trained.
        target: class c, one for all or (N,); None for the one with the highest score, uncovered.
        size: height and width of the square, in pixels.
        stride: pixels from one place to the next, at most ``size``. A last place at the border is added where
            it does not fit.
        fill: what covers: 0 is the mean gray level. A square of any color is something that the model may see.
        batch_size: covered images that run together.

    Raises:
        CourseError: the square is larger than the image, a number is below 1, or the images do not fit.

    Source: Zeiler and Fergus 2014, Visualizing and understanding convolutional networks, section 4.2.
    """
    check_images(model, images)
    at_least("batch_size", batch_size, 1)
    H, W = images.shape[2:]
    if at_least("size", size, 1) > min(H, W):
        raise CourseError(f"size is {size}, expected at most {min(H, W)}: the images are {H}×{W}.")
    if at_least("stride", stride, 1) > size:
        raise CourseError(
            f"stride is {stride}, expected at most {size}, the size: no pixel is left out."
        )
    tops, lefts = _places(H, size, stride), _places(W, size, stride)
    places = [(top, left) for top in tops for left in lefts]
    drops = []
    with undisturbed(model), torch.no_grad():
        classes = found_classes(model, images, target)
        for image, label in zip(images, classes, strict=True):
            s = chosen_scores(scores_of(model, image[None]), label[None])
            for start in range(0, len(places), batch_size):
                some = places[start : start + batch_size]
                x = image.repeat(len(some), 1, 1, 1)
                for covered, (top, left) in zip(x, some, strict=True):
                    covered[:, top : top + size, left : left + size] = fill
                drops.append(s - chosen_scores(scores_of(model, x), label.expand(len(some))))
    shape = (len(images), len(tops), len(lefts))
    return Occlusion(torch.cat(drops).reshape(shape), tops, lefts, size)


def _places(length: int, size: int, stride: int) -> tuple[int, ...]:
    last = length - size
    return tuple(dict.fromkeys((*range(0, last + 1, stride), last)))
