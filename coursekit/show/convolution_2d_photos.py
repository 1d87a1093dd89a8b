"""The figures of chapter 02 that show photographs and what kernels answer to them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import ipywidgets
import numpy as np
from matplotlib.axes import Axes

from coursekit.reference import conv2d
from coursekit.reference import kernels as made
from coursekit.show.figure import BLACK, GRAY, INPUT, OUTPUT, RED, Picture, canvas, picture
from coursekit.show.grids import number_grid
from coursekit.show.images import show_image
from coursekit.show.typed import matrix
from coursekit.show.widget import Explorer, explorer

MOST_TAPS = 15  # rows or columns of a kernel in the widget
NUMBERS_UP_TO = 5  # rows or columns: a larger kernel is shown as an image
SIZE = 2.7  # inches of one photograph, enough for each of its 260 columns
DIRECTIONS = (BLACK, RED, OUTPUT, INPUT)  # told apart even where they are pale
SHADES = 24  # of gray, and a quarter as many on each side of 0 where there are signs


def brightness(photo: np.ndarray, summed: np.ndarray) -> Picture:
    """Draw a photograph and the sums of its windows."""
    return _strip(
        {"photograph": photo, "nine ones": summed},
        alt="A pagoda before the sky; and the same with everything white but a few dark spots under the roof.",
        caption="Everything above 1 is shown as white, and nearly all sums of nine pixels are far above it.",
    )


def three_questions(blurred: np.ndarray, sharp: np.ndarray, edges: np.ndarray) -> Picture:
    """Draw a photograph blurred, sharpened, and its edges."""
    return _strip(
        {"blur": blurred, "sharpen": sharp, "edges": edges},
        signed=("edges",),
        alt="A pagoda three times: out of focus; with crisp tiles and grain in the sky; and as thin orange and purple "
        "outlines on white, with nothing in the sky.",
        caption="On the right, white is 0, orange positive, purple negative. Flat sky answers 0 to the edge kernel and "
        "stays what it was under the other two.",
    )


def noise_and_edges(direct: np.ndarray, blurred_first: np.ndarray) -> Picture:
    """Draw the edges of a noisy photograph, without and with a blur before."""
    return _strip(
        {"edges, noisy photo": direct, "blurred first": blurred_first},
        signed=("edges, noisy photo", "blurred first"),
        alt="Two answers to the same noisy pagoda. On the left, grain all over the sky and the thin outlines; "
        "on the right, smooth outlines, broader than before, on a calmer sky, and no tiles.",
        caption="White is 0, each picture with its own scale. On the left the kernel answers to the noise, on the "
        "right to the roof. What it costs: fine detail, and sharpness of the lines.",
    )


def edit_widget(photos: Mapping[str, np.ndarray], presets: Mapping[str, str]) -> Explorer:
    """Let the reader type a kernel, or choose one and change it, and see its answer to a photograph."""
    first = next(iter(presets.values()))
    preset = ipywidgets.Dropdown(options=list(presets), description="start from")
    wide = ipywidgets.Layout(width="36em")
    kernel = ipywidgets.Text(first, description="kernel w", continuous_update=False, layout=wide)

    def fill(change: Any) -> None:
        if change["new"] is not None:
            kernel.value = presets[change["new"]]

    def name(change: Any) -> None:
        # a kernel of the reader's own has no name; then every entry of the menu can be chosen again
        preset.value = next((n for n, text in presets.items() if text == change["new"]), None)

    preset.observe(fill, names="value")
    kernel.observe(name, names="value")

    @lru_cache(maxsize=8)  # one step of the menu moves the text too, and either redraws
    def drawn(text: str, photo: str) -> Picture:
        w = matrix(text)
        if max(w.shape) > MOST_TAPS:
            raise ValueError(
                f"the kernel has {w.shape[0]} rows and {w.shape[1]} columns, expected at most {MOST_TAPS} of each"
            )
        return edited(photos[photo], w)

    return explorer(
        lambda preset, kernel, photo: drawn(kernel, photo),
        preset=preset,
        kernel=kernel,
        photo=ipywidgets.Dropdown(options=list(photos), description="photograph"),
    )


def edited(photo: np.ndarray, w: np.ndarray) -> Picture:
    """Draw a kernel, a photograph and what the kernel answers to it."""
    answer = conv2d(photo[None, None], w[None, None])[0, 0]
    blind = bool(np.isclose(w.sum(), 0, atol=1e-6))  # to brightness: show signs
    figure, axes = canvas(9.8, 2.7, 1, 3, width_ratios=[2.2, 3.4, 3.4])
    draw_kernel(axes[0], w, f"w, sum {_number(w.sum())}")
    _draw(axes[1], photo, "photograph")
    _draw(axes[2], answer, "answer y", signed=blind)
    cut = np.mean((answer < 0) | (answer > 1))
    how = (
        "white is 0, orange positive, purple negative"
        if blind
        else f"black is 0, white is 1; {cut:.0%} lie outside and are cut off"
    )
    return picture(
        figure,
        alt=f"A kernel of {w.shape[0]} by {w.shape[1]} with entries that add up to {_number(w.sum())}, a photograph, "
        f"and the kernel's answer to it, from {answer.min():.2f} to {answer.max():.2f}.",
        caption=f"The entries add up to {_number(w.sum())}, so flat gray of 0.5 answers {_number(0.5 * w.sum())}. "
        f"The answers here run from {answer.min():.2f} to {answer.max():.2f}: {how}.",
    )


def draw_kernel(ax: Axes, w: np.ndarray, title: str) -> None:
    """Draw a kernel: its numbers where they are few, an image where they are many."""
    if max(w.shape) <= NUMBERS_UP_TO:
        number_grid(ax, w, title, fills=signed_fills(w))
        ax.set_xticks([])
        ax.set_yticks([])
    else:
        show_image(ax, w, title, signed=True)


def signed_fills(w: np.ndarray) -> np.ndarray:
    """Return a color for every cell (rows, columns, 3): orange above 0, purple below, white at 0."""
    share = (w / (np.abs(w).max() or 1.0))[..., None] * 0.6
    orange, purple = np.array([0.90, 0.55, 0.15]), np.array([0.45, 0.35, 0.65])
    fills: np.ndarray = 1 - np.abs(share) * (1 - np.where(share > 0, orange, purple))
    return fills


def gradients(across: np.ndarray, down: np.ndarray, strength: np.ndarray) -> Picture:
    """Draw the slopes of a photograph across and down, and how steep it is."""
    return _strip(
        {"across": across, "down": down, "strength": strength / np.quantile(strength, 0.995)},
        signed=("across", "down"),
        alt="A pagoda three times: the slope across, which shows upright edges such as pillars and the sides of the "
        "roof; the slope down, which shows level edges such as eaves; and the strength, white lines on black along "
        "every edge.",
        caption="Orange: it gets brighter to the right, or downward. Purple: darker. The strength forgets the "
        "direction and keeps how steep the step is.",
    )


def blurs(box: np.ndarray, gauss: np.ndarray) -> Picture:
    """Draw a photograph blurred by an average and by a Gaussian of the same size."""
    return _strip(
        {"average, 9 by 9": box, "Gaussian, 9 by 9": gauss},
        alt="A pagoda twice: strongly blurred, with the little ridge ornaments smeared into boxes; and "
        "blurred gently, with the shapes kept.",
        caption="Both kernels have 81 weights. The average trusts the corners of its window as much as the middle; the "
        "Gaussian hardly reads them.",
    )


def directions(bank: Mapping[str, np.ndarray], energies: np.ndarray) -> Picture:
    """Draw a bank of kernels, and for every pixel which of them answers most, in color.

    Args:
        bank: kernels by name.
        energies: (K, H_out, W_out), how much each kernel answers; at least 0.
    """
    winner, most = energies.argmax(axis=0), np.sqrt(energies.max(axis=0))
    palette = np.array([[int(c[k : k + 2], 16) / 255 for k in (1, 3, 5)] for c in DIRECTIONS])
    share = np.clip(most / np.quantile(most, 0.98), 0, 1)
    figure, axes = canvas(10, 3.7, 1, len(bank) + 1, width_ratios=[1.0] * len(bank) + [4.6])
    for ax, (name, w), color in zip(axes, bank.items(), DIRECTIONS, strict=False):
        show_image(ax, w, name, signed=True)
        ax.set_title(f"■ {name}", loc="left", color=color)
    show_image(
        axes[-1], _few(1 - share[..., None] * (1 - palette[winner])), "which stripes answer most"
    )
    counts = [f"{name} {np.mean(winner == k):.0%}" for k, name in enumerate(bank)]
    return picture(
        figure,
        alt="Four kernels of stripes: upright, leaning to the right, level, leaning to the left. Beside them the "
        "pagoda, every pixel in the color of the stripes that answer most there, paler where the answer is weak: the "
        "left slope of the roof 45°, the right slope 135°, eaves 90°, pillars 0°. Shares of the pixels: "
        f"{', '.join(counts)}.",
        caption="Orange stripes of a kernel are positive weights, purple ones negative. In the map, each pixel has the "
        "color of the kernel that answers most, and the sky, which answers little, stays pale.",
    )


def gabor_widget(photos: Mapping[str, np.ndarray]) -> Explorer:
    """Let the reader turn and stretch a Gabor kernel."""

    def draw(photo: str, angle: int, wavelength: int, phase: int) -> Picture:
        size = 2 * wavelength + 1
        w = made.gabor(
            size,
            sigma=0.4 * wavelength,
            wavelength=wavelength,
            angle=np.deg2rad(angle),
            phase=np.deg2rad(phase),
        )
        w = (w - w.mean()) / np.abs(w - w.mean()).sum()
        answer = conv2d(photos[photo][None, None], w[None, None])[0, 0]
        figure, (left, right) = canvas(8, 3, 1, 2, width_ratios=[2.4, 3.9])
        show_image(left, w, f"kernel, {size} by {size}", signed=True)
        _draw(right, answer, "answer y", signed=True)
        return picture(
            figure,
            alt=f"A Gabor kernel with a wave of {wavelength} pixels that runs at {angle} degrees, and its answer "
            f"to the photograph {photo}, on average {np.abs(answer).mean():.4f} away from 0.",
            caption=f"Stripes {wavelength} pixels apart, the wave at {angle}°, phase {phase}°. The mean absolute "
            f"answer is {np.abs(answer).mean():.4f}; the absolute weights add up to 1 at every setting.",
        )

    return explorer(
        draw,
        photo=ipywidgets.Dropdown(options=list(photos), description="photograph"),
        angle=ipywidgets.IntSlider(0, min=0, max=165, step=15, description="angle"),
        wavelength=ipywidgets.IntSlider(6, min=3, max=20, description="wavelength"),
        phase=ipywidgets.IntSlider(90, min=0, max=180, step=30, description="phase"),
    )


def channels(
    color: np.ndarray, parts: np.ndarray, total: np.ndarray, names: tuple[str, ...]
) -> Picture:
    """Draw a color photograph, what a kernel answers in each channel, and the sum.

    Args:
        color: (3, H, W).
        parts: (3, H_out, W_out), the answers of the kernel's three slices.
        total: (H_out, W_out), their sum.
        names: one for each channel.
    """
    figure, axes = canvas(11, 2 * color.shape[1] / color.shape[2] + 0.6, 1, 5)
    _draw(axes[0], color.transpose(1, 2, 0), "photograph")
    most = max(float(np.abs(parts).max()), float(np.abs(total).max()))
    for ax, part, name in zip(axes[1:], [*parts, total], [*names, "sum"], strict=True):
        ax.imshow(_few(part / most), cmap="PuOr_r", vmin=-1, vmax=1, interpolation="nearest")
        ax.set_title(name, loc="left")
        _outline(ax)
    return picture(
        figure,
        alt="A color photograph of an orange flower before dark leaves; the answers of the red slice, positive on the "
        "flower, of the green slice, negative on the flower, of the blue slice, negative and weak; and their sum, "
        f"positive on the flower, up to {total.max():.2f}, and a little below 0 on the leaves.",
        caption="One scale for all four answers: white is 0, orange positive, purple negative. Three maps go in, and "
        "their sum is the only thing that comes out.",
    )


def _strip(
    images: Mapping[str, np.ndarray],
    alt: str,
    caption: str,
    signed: tuple[str, ...] = (),
) -> Picture:
    """Draw images in a row, those named in ``signed`` with positive and negative values apart."""
    height, width = next(iter(images.values())).shape
    figure, axes = canvas(SIZE * len(images), SIZE * height / width + 0.3, 1, len(images))
    for ax, (name, image) in zip(axes, images.items(), strict=True):
        _draw(ax, image, name, signed=name in signed)
    return picture(figure, alt, caption)


def _draw(ax: Axes, image: np.ndarray, title: str, *, signed: bool = False) -> None:
    """Draw an image in few shades; where it has signs, without letting a few extreme pixels fade the rest."""
    if signed:
        most = float(np.quantile(np.abs(image), 0.995)) or 1.0
        image = np.clip(image / most, -1, 1)
    shades = SHADES // 4 if signed else SHADES
    show_image(ax, _few(np.clip(image, -1, 1), shades), title, signed=signed)
    _outline(ax)


def _outline(ax: Axes) -> None:
    """Draw a thin frame: much of these pictures is as white as the page."""
    ax.set_axis_on()
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set(visible=True, color=GRAY, linewidth=0.5)


def _few(image: np.ndarray, shades: int = SHADES) -> np.ndarray:
    """Round to few shades: the eye misses little, and the file is half as large."""
    rounded: np.ndarray = np.round(image * shades) / shades
    return rounded


def _number(value: float) -> str:
    return f"{value + 0.0:.3g}" if abs(value) > 1e-9 else "0"
