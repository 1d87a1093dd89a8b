"""Memory: how much a run takes, and what to do where a GPU has too little of it."""

import gc
import traceback
from collections.abc import Callable
from typing import NoReturn

import psutil
import torch

from coursekit.errors import CourseError
from coursekit.training.recipe import Recipe


class OutOfMemoryError(CourseError):
    """The device's memory does not hold a step of training.

    Attributes:
        batch_size: the largest that would fit; 0 if none does.
    """

    def __init__(self, text: str, batch_size: int) -> None:
        super().__init__(text)
        self.batch_size = batch_size


def memory_used(device: torch.device) -> int:
    """Return bytes: the most that tensors took on a GPU, elsewhere what the process takes now."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return psutil.Process().memory_info().rss


def too_large(
    error: torch.OutOfMemoryError, recipe: Recipe, attempt: Callable[[int], None]
) -> NoReturn:
    """Find the batch that would fit, and say what to change.

    Args:
        error: what stopped the run.
        recipe: whose batches do not fit.
        attempt: computes the gradients of a batch of so many images and frees everything; raises
            torch.OutOfMemoryError if it does not fit.

    Raises:
        OutOfMemoryError: always.
    """
    traceback.clear_frames(error.__traceback__)  # they hold the tensors of the step that failed
    batch_size, lr = recipe.batch_size, recipe.lr
    fits = largest_that_fits(batch_size, attempt)
    text = f"The memory does not hold a training step of {batch_size} images. "
    if fits:
        text += (
            f"A batch of {fits} would fit: set batch_size={fits}, and with SGD shorten the steps in the "
            f"same proportion, lr={lr * fits / batch_size:.2g} instead of {lr:.2g}."
        )
        if not recipe.bf16:
            text += " Or try bf16=True, which takes about half the memory on a GPU."
    else:
        text += (
            "Not even a single image fits: another program may be using the GPU (nvidia-smi shows it), "
            "or the model is too large for it."
        )
    raise OutOfMemoryError(text, fits) from None


def largest_that_fits(batch_size: int, attempt: Callable[[int], None]) -> int:
    """Return a batch size below one that is too large, to about one part in 16; 0 if none fits.

    Powers of two and multiples of eight keep a GPU's units full, so a multiple of 8 is returned where
    there is one.
    """
    fits, too_many = 0, batch_size
    while too_many - fits > max(1, too_many // 16):
        middle = (fits + too_many) // 2
        if _succeeds(middle, attempt):
            fits = middle
        else:
            too_many = middle
    return fits - fits % 8 if fits > 8 else fits


def _succeeds(size: int, attempt: Callable[[int], None]) -> bool:
    """Try a batch, and give back what it took."""
    try:
        attempt(size)
    except torch.OutOfMemoryError:
        return False
    finally:
        gc.collect()
        if torch.cuda.is_initialized():
            torch.cuda.empty_cache()
    return True
