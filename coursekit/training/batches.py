"""Batches: all images lie on the device as bytes, and become normalized floats one batch at a time.

Why not once and for all? Floats take four times the memory, and augmentation would have to move
four times as much of it. Dividing a batch costs a GPU next to nothing, and no image waits on its way
from the CPU.
"""

from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64, UInt8
from torch import Tensor

from coursekit.errors import CourseError
from coursekit.training.augment import (
    alternating_flips,
    crop,
    cutout,
    draw_centers,
    draw_flips,
    draw_offsets,
    flip,
)
from coursekit.training.checks import check_images, check_labels

_CHUNK = (
    1024  # images that are looked at together where all of them as floats would fill the memory
)


class Augment(NamedTuple):
    """How images are changed while training; a recipe says it."""

    flip: str = "none"
    crop: int = 0
    cutout: int = 0
    seed: int = 0


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
        augment: how to change the images, for training; with a generator only.
        channels_last: lay the batches out in memory with the channels of a pixel side by side.
        part: which equal part of every batch to yield, from 0 on, and of how many: several processes
            draw the same and take a part each.

    Attributes:
        epoch: which epoch the next iteration is, from 0 on. A run that is resumed sets it.

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
        augment: Augment | None = None,
        channels_last: bool = False,
        part: tuple[int, int] = (0, 1),
    ) -> None:
        check_images(images)
        check_labels(labels, len(images))
        if batch_size < 1 or (generator is not None and batch_size > len(images)):
            raise CourseError(
                f"batch_size is {batch_size} and there are {len(images)} images, expected 1 to "
                f"{len(images)}."
            )
        if augment is not None and augment.crop >= min(images.shape[2:]):
            raise CourseError(
                f"crop is {augment.crop}, expected fewer pixels than the images have: they are "
                f"{images.shape[2]}×{images.shape[3]}, and what lies beyond them is their reflection."
            )
        self.images = torch.tensor(np.ascontiguousarray(images), device=device)
        self.labels = torch.tensor(labels.astype(np.int64), device=device)
        self.batch_size = batch_size
        self.generator = generator
        self.mean = mean.to(device, dtype).reshape(-1, 1, 1)
        self.std = std.to(device, dtype).reshape(-1, 1, 1)
        self.augment, self.epoch = augment or Augment(), 0
        self.memory = torch.channels_last if channels_last else torch.contiguous_format
        self.number, self.share = part[0], batch_size // part[1]
        self.classes = int(labels.max()) + 1  # at least: the last ones may not occur

    def __len__(self) -> int:
        """Batches in an epoch."""
        if self.generator is None:
            return -(-len(self.images) // self.batch_size)
        return len(self.images) // self.batch_size

    def __iter__(self) -> Iterator[tuple[Float[Tensor, "B C H W"], Int64[Tensor, " B"]]]:
        """Yield normalized images and their labels."""
        for at in self._plan():
            x, labels = self.images[at.image], self.labels[at.image]
            if at.offset is not None:
                x = crop(x, at.offset)
            if at.flipped is not None:
                x = flip(x, at.flipped)
            x = self.normalized(x)
            if at.center is not None:
                x = cutout(x, at.center, self.augment.cutout)
            yield x.contiguous(memory_format=self.memory), labels

    def normalized(self, images: UInt8[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        """Return gray levels less the mean, in units of the standard deviation."""
        return (images.to(self.mean.dtype) - self.mean) / self.std

    def first(
        self, count: int | None = None, parts: int = 1
    ) -> tuple[Float[Tensor, "B C H W"], Int64[Tensor, " B"]]:
        """Return the first images as a batch, unchanged and without drawing anything: to try a step.

        Args:
            count: of images; None for what this process has of a batch.
            parts: of which to return one, rounded up.
        """
        some = slice(self.share if count is None else -(-count // parts))
        x = self.normalized(self.images[some])
        return x.contiguous(memory_format=self.memory), self.labels[some]

    def _plan(self) -> Iterator["_Choice"]:
        """Draw an epoch: yield for each batch which images it has and how they are changed.

        All is drawn at once and sent to the device once.
        """
        count, (height, width) = len(self.images), self.images.shape[2:]
        if self.generator is None:
            plan = _Choice(torch.arange(count))
        else:
            plan = _Choice(torch.randperm(count, generator=self.generator))
            if self.augment.crop:
                offsets = draw_offsets(count, self.augment.crop, self.generator)
                plan = plan._replace(offset=offsets)
            if self.augment.flip == "random":
                plan = plan._replace(flipped=draw_flips(count, self.generator))
            elif self.augment.flip == "alternating":
                flipped = alternating_flips(count, self.epoch, self.augment.seed)
                plan = plan._replace(flipped=flipped[plan.image])
            if self.augment.cutout:
                centers = draw_centers(count, height, width, self.generator)
                plan = plan._replace(center=centers)
        self.epoch += 1
        plan = plan.map(lambda drawn: drawn.to(self.images.device))
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            mine = start + self.number * self.share
            batch = slice(mine, mine + self.share)
            yield plan.map(itemgetter(batch))


class _Choice(NamedTuple):
    """Images by their number, and how each is changed; None where nothing is."""

    image: Int64[Tensor, " B"]
    offset: Int64[Tensor, "B 2"] | None = None
    flipped: Bool[Tensor, " B"] | None = None
    center: Int64[Tensor, "B 2"] | None = None

    def map(self, change: Callable[[Tensor], Tensor]) -> "_Choice":
        drawn = {name: value for name, value in self._asdict().items() if value is not None}
        return _Choice(**{name: change(value) for name, value in drawn.items()})


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
    check_images(images)
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
