"""How a kernel moves over images: stride, padding and dilation along both axes, and the groups of channels."""

from typing import NamedTuple, SupportsIndex

from coursekit.reference.arguments import Size, as_count, as_pair
from coursekit.reference.geometry import output_size


class Steps(NamedTuple):
    """How the kernel moves, along the height and along the width."""

    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: tuple[int, int]
    groups: int

    def places(self, image: tuple[int, ...], kernel: tuple[int, ...]) -> tuple[int, int]:
        """Return how often a kernel (F_h, F_w) fits on an image (H, W), along each axis.

        Raises:
            ValueError: it does not fit once.
        """
        height, width = (
            output_size(size, F, stride=S, padding=P, dilation=D)
            for size, F, S, P, D in zip(
                image, kernel, self.stride, self.padding, self.dilation, strict=True
            )
        )
        return height, width


def as_image_steps(stride: Size, padding: Size, dilation: Size, groups: SupportsIndex) -> Steps:
    """Return the steps as whole numbers.

    Raises:
        TypeError: one of them is neither a whole number nor a pair of them.
        ValueError: the padding is below 0, or another number below 1.
    """
    return Steps(
        as_pair("stride", stride, 1),
        as_pair("padding", padding, 0),
        as_pair("dilation", dilation, 1),
        as_count("groups", groups, 1),
    )
