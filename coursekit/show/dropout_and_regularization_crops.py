"""Chapter 09: crops of a photograph at several scales, and the views that training is given."""

import ipywidgets
import numpy as np

from coursekit.data import color_photograph
from coursekit.show.figure import Picture, canvas, picture
from coursekit.show.grids import frame
from coursekit.show.images import gallery, show_image
from coursekit.show.widget import Explorer, explorer

CROP = 224
LEVELS = 31  # of each color: a picture with fewer of them is stored in half the bytes


def views(images: np.ndarray, caption: str) -> Picture:
    """Draw several views of one image in a row, the first one being the view without augmentation.

    Args:
        images: (N, 1, H, W), brightness.
        caption: what to look at.
    """
    named = {("center" if k == 0 else f"view {k}"): image[0] for k, image in enumerate(images)}
    return gallery(
        named,
        alt=f"{len(images)} pictures of one piece of clothing. The first is its center; the others "
        "show it nearer or farther, cut at other edges, some of them mirrored.",
        caption=caption,
        columns=8,
        size=1.25,
    )


def crop(photo: np.ndarray, L: int, top: int, left: int, mirrored: bool) -> Picture:
    """Draw a photograph resized to a short side of L, a crop of 224 pixels framed, and that crop.

    Args:
        photo: (H, W, 3).
        L: its short side after resizing, in pixels.
        top: row of the crop's first pixel.
        left: column of the crop's first pixel.
        mirrored: whether the crop is flipped left to right.

    Raises:
        ValueError: the crop hangs over an edge.
    """
    small = _resized(photo, L)
    last = small.shape[0] - CROP, small.shape[1] - CROP
    for name, at, most in (("row", top, last[0]), ("column", left, last[1])):
        if at > most:
            raise ValueError(
                f"at a short side of {L} the last {name} for a crop of {CROP} is {most}, and {at} hangs over the edge"
            )
    cut = small[top : top + CROP, left : left + CROP]
    if mirrored:
        cut = cut[:, ::-1]
    figure, (whole, part) = canvas(7, 2.8, 1, 2, width_ratios=[640 / 427, 1])
    show_image(whole, small, f"{small.shape[0]} × {small.shape[1]} pixels")
    frame(whole, top, top + CROP - 1, left, left + CROP - 1)
    show_image(part, cut, f"what the net gets: {CROP} × {CROP}")
    places = (last[0] + 1) * (last[1] + 1)
    share = CROP * CROP / (small.shape[0] * small.shape[1])
    return picture(
        figure,
        alt=f"A photograph of a pagoda, resized to {small.shape[0]} by {small.shape[1]} pixels, with a frame of "
        f"{CROP} by {CROP} from row {top} and column {left} on, and beside it what is inside the frame"
        f"{', mirrored' if mirrored else ''}.",
        caption=f"The crop holds {share:.0%} of the picture. At this scale there are {last[0] + 1} · {last[1] + 1} = "
        f"{places:,} places for it, twice as many crops with the mirrored ones.",
    )


def crop_widget() -> Explorer:
    """Let the reader resize a photograph and crop it as in training on ImageNet."""
    photo = color_photograph("china").transpose(1, 2, 0)
    photo = np.round(photo * LEVELS) / LEVELS

    def draw(L: int, top: int, left: int, view: str) -> Picture:
        return crop(photo, L, top, left, view == "mirrored")

    return explorer(
        draw,
        L=ipywidgets.IntSlider(256, min=256, max=480, step=8, description="short side"),
        top=ipywidgets.IntSlider(0, min=0, max=256, step=8, description="row"),
        left=ipywidgets.IntSlider(80, min=0, max=488, step=8, description="column"),
        view=ipywidgets.Dropdown(options=["as it is", "mirrored"], description="view"),
    )


def _resized(photo: np.ndarray, L: int) -> np.ndarray:
    """Return the picture with a short side of L, nearest pixels."""
    factor = L / min(photo.shape[:2])
    rows, columns = (round(n * factor) for n in photo.shape[:2])
    at = [np.arange(n) * old // n for n, old in ((rows, photo.shape[0]), (columns, photo.shape[1]))]
    return photo[at[0]][:, at[1]]
