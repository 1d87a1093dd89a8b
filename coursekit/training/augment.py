"""Augmentation: the same image, a little different each time it is seen, a whole batch at once.

Every change comes in two parts. A *draw* takes random numbers for many images from a generator, on
the CPU: so the same seed gives the same changes on every device, and several processes that share a
batch agree on them. A *change* is a pure function of images and what was drawn. No image is handled
by itself: a GPU changes a thousand in the time that it takes to start a single operation.
"""

import torch
from jaxtyping import Bool, Int64, Shaped
from torch import Tensor


def draw_flips(count: int, generator: torch.Generator) -> Bool[Tensor, " N"]:
    """Return for each image whether to mirror it: heads or tails."""
    return torch.randint(2, (count,), generator=generator).bool()


def alternating_flips(count: int, epoch: int, seed: int) -> Bool[Tensor, " N"]:
    """Return for each image of the set whether to mirror it: in every other epoch.

    The seed decides which half of the images begins mirrored. With independent draws an image shows the
    same side twice in a row half of the time; here two epochs together show every image both ways.

    Args:
        count: N, images in the set.
        epoch: from 0 on.
        seed: of the first epoch's draw.

    Source: Jordan 2024, 94 % on CIFAR-10 in 3.29 seconds on a single GPU, section 3.6.
    """
    first = draw_flips(count, torch.Generator().manual_seed(seed))
    return first if epoch % 2 == 0 else ~first


def flip(x: Shaped[Tensor, "N C H W"], which: Bool[Tensor, " N"]) -> Shaped[Tensor, "N C H W"]:
    """Mirror some images, left for right."""
    return torch.where(which[:, None, None, None], x.flip(-1), x)


def draw_offsets(count: int, padding: int, generator: torch.Generator) -> Int64[Tensor, "N 2"]:
    """Return for each image how far to move the window down and to the right, −padding to padding."""
    return torch.randint(-padding, padding + 1, (count, 2), generator=generator)


def crop(x: Shaped[Tensor, "N C H W"], offsets: Int64[Tensor, "N 2"]) -> Shaped[Tensor, "N C H W"]:
    """Look at each image through a window of its own size that is moved by a few pixels.

    What the window sees beyond the border is the image reflected at its outermost pixels: as if it had
    been padded by reflection and cropped.

    Args:
        x: images.
        offsets: (down, right) for each, in pixels, at most H − 1 and W − 1 in size.

    Source: the padding by 4 and random crop of He et al. 2016, section 4.2, which pads with zeros.
    """
    rows, columns = (
        _reflected(torch.arange(size, device=x.device) + offset[:, None], size)
        for size, offset in zip(x.shape[2:], offsets.T, strict=True)
    )
    image = torch.arange(len(x), device=x.device)
    # indexing puts the channels last: back to (N, C, H, W), and in memory they stay last
    seen = x.permute(0, 2, 3, 1)[image[:, None, None], rows[:, :, None], columns[:, None, :]]
    return seen.permute(0, 3, 1, 2)


def _reflected(index: Int64[Tensor, "N L"], size: int) -> Int64[Tensor, "N L"]:
    """Fold indices beyond 0 and size − 1 back: −1 is 1, and size is size − 2."""
    last = size - 1
    return last - (last - index.abs()).abs()


def draw_centers(
    count: int, height: int, width: int, generator: torch.Generator
) -> Int64[Tensor, "N 2"]:
    """Return for each image a pixel: its row and its column."""
    rows = torch.randint(height, (count,), generator=generator)
    columns = torch.randint(width, (count,), generator=generator)
    return torch.stack([rows, columns], dim=1)


def cutout(
    x: Shaped[Tensor, "N C H W"], centers: Int64[Tensor, "N 2"], size: int
) -> Shaped[Tensor, "N C H W"]:
    """Set a square in each image to 0, which is the mean color once images are normalized.

    Args:
        x: images.
        centers: (row, column) of the square in each; what lies beyond the border is cut off. A square
            of even size reaches one pixel further up and to the left.
        size: of its side, in pixels.

    Source: DeVries and Taylor 2017, Improved regularization of convolutional neural networks with
    cutout.
    """
    inside = []
    for length, center in zip(x.shape[2:], centers.T, strict=True):
        away = torch.arange(length, device=x.device) - center[:, None] + size // 2
        inside.append((away >= 0) & (away < size))
    hidden = inside[0][:, None, :, None] & inside[1][:, None, None, :]
    return x.masked_fill(hidden, 0)
