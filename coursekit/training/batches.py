"""Batches: all images lie on the device as bytes, and become normalized floats one batch at a time."""

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from coursekit.errors import CourseError

_CHUNK = (
    1024  # images that are looked at together where all of them as floats would fill the memory
)


class Batches:
    """Images and labels, batch by batch. Every iteration is one epoch.

    With a generator the images come in a new random order each time, and what does not fill a
    batch at the end is left out: a step on few images would be noisier than the others. (Each
    epoch leaves out others.) Without one they come in their order, all of them, as in testing.

    Args:
        images: (N, C, H, W) gray levels, 0 to 255.
        labels: (N,) the class of each, from 0 on.
        batch_size: images in a batch.
        mean: (C,) gray levels, subtracted.
        std: (C,) gray levels, divided by.
        generator: of the random order, on the CPU: so the order is the same on every device.
        device: where the images lie.
        dtype: of the batches.

    Raises:
        CourseError: the arrays are of another kind or shape, or there are too few for one batch.
    """

    def __init__(
        self,
        images: UInt8[np.ndarray, "N C H W"],
        labels: Int64[np.ndarray, " N"],
        batch_size: int,
        *,
        mean: Float[Tensor, " C"],
        std: Float[Tensor, " C"],
        generator: torch.Generator | None = None,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        _check_images(images)
        _check_labels(labels, len(images))
        if batch_size < 1 or (generator is not None and batch_size > len(images)):
            raise CourseError(
                f"batch_size is {batch_size} and there are {len(images)} images, expected 1 to "
                f"{len(images)}."
            )
        self.images = torch.tensor(np.ascontiguousarray(images), device=device)
        self.labels = torch.tensor(labels.astype(np.int64), device=device)
        self.batch_size = batch_size
        self.generator = generator
        self.mean = mean.to(device, dtype).reshape(-1, 1, 1)
        self.std = std.to(device, dtype).reshape(-1, 1, 1)
        self.classes = int(labels.max()) + 1  # at least: the last ones may not occur

    def __len__(self) -> int:
        """Batches in an epoch."""
        if self.generator is None:
            return -(-len(self.images) // self.batch_size)
        return len(self.images) // self.batch_size

    def __iter__(self) -> Iterator[tuple[Float[Tensor, "B C H W"], Int64[Tensor, " B"]]]:
        """Yield normalized images and their labels."""
        if self.generator is None:
            order = torch.arange(len(self.images))
        else:
            order = torch.randperm(len(self.images), generator=self.generator)
        order = order.to(self.images.device)
        for chosen in order.split(self.batch_size)[: len(self)]:
            yield self.normalized(self.images[chosen]), self.labels[chosen]

    def normalized(self, images: UInt8[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        """Return gray levels less the mean, in units of the standard deviation."""
        return (images.to(self.mean.dtype) - self.mean) / self.std


def channel_statistics(
    images: UInt8[np.ndarray, "N C H W"],
) -> tuple[Float[Tensor, " C"], Float[Tensor, " C"]]:
    """Return mean and standard deviation of each channel over all pixels of all images.

    Take them from the images to train on, and use them for those to test with as well. A channel
    that is the same everywhere gets a standard deviation of 1, so that dividing by it does nothing.

    Args:
        images: (N, C, H, W) gray levels, 0 to 255.

    Returns:
        (mean, std), each (C,) float64, in gray levels.
    """
    _check_images(images)
    total = square = torch.zeros(images.shape[1], dtype=torch.float64)
    for start in range(0, len(images), _CHUNK):
        chunk = torch.tensor(images[start : start + _CHUNK].astype(np.float64))
        # sums of whole numbers: exact in float64, in whatever order
        total = total + chunk.sum((0, 2, 3))
        square = square + chunk.square().sum((0, 2, 3))
    pixels = images.size // images.shape[1]
    mean = total / pixels
    std = (square / pixels - mean**2).clamp(min=0).sqrt()
    return mean, torch.where(std > 0, std, 1.0)


def _check_images(images: object) -> None:
    """Refuse what are no images."""
    if not isinstance(images, np.ndarray):
        raise CourseError(f"images is a {type(images).__name__}, expected a NumPy array.")
    if images.dtype != np.uint8 or images.ndim != 4:
        raise CourseError(
            f"images has shape {images.shape} and dtype {images.dtype}, expected (N, C, H, W) and "
            "uint8, gray levels from 0 to 255. Normalizing is done batch by batch."
        )
    if images.size == 0:
        raise CourseError(f"images has shape {images.shape}, expected at least one image.")


def _check_labels(labels: object, count: int) -> None:
    """Refuse what are no classes of so many images."""
    if not isinstance(labels, np.ndarray):
        raise CourseError(f"labels is a {type(labels).__name__}, expected a NumPy array.")
    if labels.dtype.kind not in "iu" or labels.shape != (count,):
        raise CourseError(
            f"labels has shape {labels.shape} and dtype {labels.dtype}, expected whole numbers, one "
            f"for each of {count} images."
        )
    if labels.min() < 0:
        raise CourseError(f"labels holds {labels.min()}, expected classes counted from 0.")
