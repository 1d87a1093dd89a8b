"""The figures of chapter 03 on transposed convolution: the matrix, the copies, the checkerboard."""

from collections.abc import Mapping

import ipywidgets
import numpy as np

from coursekit.reference import conv_transpose2d
from coursekit.show.convolution_arithmetic import shade
from coursekit.show.figure import INPUT, KERNEL, OUTPUT, Picture, canvas, picture
from coursekit.show.grids import by_value, frame, number_grid, sub
from coursekit.show.images import gallery
from coursekit.show.typed import matrix
from coursekit.show.widget import Explorer, explorer


def there_and_back(T: np.ndarray, inputs: int, outputs: int) -> Picture:
    """Draw T and its transpose beside each other, to one scale, weights in colors and zeros empty.

    Args:
        T: the matrix of a convolution (outputs², inputs²).
        inputs: width of its image.
        outputs: width of its output.
    """
    rows, columns = T.shape
    figure, (left, right) = canvas(10.5, 6, 1, 2, width_ratios=[columns, rows + 1.2])
    number_grid(left, T, f"T: {columns} numbers to {rows}", fills=by_value(T), zeros=False)
    number_grid(right, T.T, f"Tᵀ: {rows} to {columns}", fills=by_value(T.T), zeros=False)
    left.set_yticks(range(rows), _places("y", outputs))
    right.set_xticks(range(rows), _places("y", outputs))
    right.set_yticks(range(columns), _places("x", inputs))
    left.set_xticks(range(columns), _places("x", inputs), rotation=90)
    taps = np.count_nonzero(T[0])
    return picture(
        figure,
        alt=f"Two matrices. T has {rows} rows and {columns} columns, each row holds the {taps} weights of the kernel "
        f"and zeros. The other is its transpose, {columns} rows and {rows} columns, each column holds the kernel.",
        caption=f"Left, row by row: each output gathers {taps} inputs. Right, column by column: each entry of y is "
        f"multiplied with a whole kernel and spread over {taps} places. The indices are row and column of a pixel.",
    )


def copies(
    x: np.ndarray, w: np.ndarray, stride: int = 1, padding: int = 0, pixel: int = 0
) -> Picture:
    """Draw a transposed convolution of one channel: the kernel's copy of one pixel in the sum of all.

    Args:
        x: the small image (H, W).
        w: the kernel (F_h, F_w).
        stride: pixels of the output from one copy to the next.
        padding: pixels cut off at each side.
        pixel: whose copy is framed, row by row.
    """
    if pixel >= x.size:
        raise ValueError(
            f"the input has {x.size} pixels, 0 to {x.size - 1}; there is no pixel {pixel}"
        )
    whole = conv_transpose2d(x[None, None], w[None, None], stride=stride)[0, 0]
    kept = conv_transpose2d(x[None, None], w[None, None], stride=stride, padding=padding)[0, 0]
    i, j = divmod(pixel, x.shape[1])
    fills = shade(whole, OUTPUT)
    cut = np.ones(whole.shape, bool)
    cut[padding : padding + kept.shape[0], padding : padding + kept.shape[1]] = False
    fills[cut] = (0.85, 0.85, 0.85)
    figure, axes = canvas(
        11,
        4.8,
        1,
        3,
        width_ratios=[x.shape[1] + 0.5, w.shape[1] + 0.5, max(whole.shape[1], 5)],
    )
    number_grid(axes[0], x, "x", fills=shade(x, INPUT))
    number_grid(axes[1], w, "kernel w", fills=shade(w, KERNEL))
    number_grid(axes[2], whole, "y, with what is cut off in gray" if padding else "y", fills=fills)
    frame(axes[0], i, i, j, j)
    top, left = i * stride, j * stride
    frame(axes[2], top, top + w.shape[0] - 1, left, left + w.shape[1] - 1)
    (H, W), (F, _) = x.shape, w.shape
    size = f"({H} − 1)·{stride} − 2·{padding} + {F} = {kept.shape[0]}"
    return picture(
        figure,
        alt=f"Three grids of numbers: an image of {H} by {W}, a kernel of {w.shape[0]} by {w.shape[1]}, and all copies "
        f"in {whole.shape[0]} by {whole.shape[1]}, of which the middle {kept.shape[0]} by {kept.shape[1]} is the "
        f"output. Framed: the pixel at row {i}, column {j}, which is {x[i, j]:g}, and "
        f"the square that its copy of the kernel covers, from row {top} and column {left} on.",
        caption=f"The framed pixel puts {x[i, j]:g} times the kernel into the framed square. Squares lie {stride} "
        f"apart and add up where they overlap. Height: {size}.",
    )


def copies_widget(x: np.ndarray) -> Explorer:
    """Let the reader edit the kernel, move the copies apart, cut the border off, and pick a pixel."""

    def draw(kernel: str, stride: int, padding: int, pixel: int) -> Picture:
        return copies(x, matrix(kernel), stride, padding, pixel)

    return explorer(
        draw,
        kernel=ipywidgets.Text(
            "1 2 1; 2 4 2; 1 2 1", description="kernel w", continuous_update=False
        ),
        stride=ipywidgets.IntSlider(2, min=1, max=4, description="stride S"),
        padding=ipywidgets.IntSlider(0, min=0, max=2, description="padding P"),
        pixel=ipywidgets.IntSlider(0, min=0, max=x.size - 1, description="pixel"),
    )


def overlap(F: int, S: int) -> Picture:
    """Draw how many copies of a kernel of F meet at each output pixel, at stride S."""
    start = -(-(F - 1) // S) * S  # from here on no copy is missing on the left
    pixels = np.ones((1, 1, 1, start // S + 3))
    once = conv_transpose2d(pixels, np.ones((1, 1, 1, F)), stride=(1, S))[0, 0, 0]
    grid = np.outer(once, once)
    period = grid[start : start + S, start : start + S]
    found = ", ".join(f"{v:g}" for v in np.unique(period))
    says = "the same everywhere" if len(np.unique(period)) == 1 else "a checkerboard"
    figure, ax = canvas(6.5, 6.5)
    name = f"kernel {F}, stride {S}: how many copies meet"
    number_grid(ax, grid, name, fills=shade(grid, OUTPUT), fontsize=11 if len(grid) < 17 else 8)
    frame(ax, start, start + S - 1, start, start + S - 1)
    return picture(
        figure,
        alt=f"A grid of {len(grid)} by {len(grid)} numbers, darker where larger: how many copies of a kernel of {F} "
        f"meet at each pixel at stride {S}. Away from the border the numbers are {found}: {says}.",
        caption=f"In the frame, which repeats away from the border: {found}, {says}.",
    )


def overlap_widget() -> Explorer:
    """Let the reader set kernel and stride and look for the pairs without a checkerboard."""
    return explorer(
        overlap,
        F=ipywidgets.IntSlider(3, min=1, max=6, description="kernel F"),
        S=ipywidgets.IntSlider(2, min=1, max=3, description="stride S"),
    )


def enlarged(images: Mapping[str, np.ndarray], uneven: Mapping[str, float]) -> Picture:
    """Draw ways to make a photograph larger, with how uneven each leaves a flat image.

    Args:
        images: the enlarged photograph, by the way it was enlarged.
        uneven: the brightest pixel of a flat image divided by the darkest, by the same names.
    """
    flat = [name for name, ratio in uneven.items() if ratio < 1.01]
    others = [name for name in images if name not in flat]
    return gallery(
        {f"{name}: {uneven[name]:.2f}": image for name, image in images.items()},
        alt=f"A pagoda's roof before the sky, enlarged in {len(images)} ways. A regular pattern of squares or "
        f"stripes lies over roof and sky in {', '.join(others) or 'none'}; none in {', '.join(flat) or 'any'}.",
        caption="The number after each name: brightest pixel divided by darkest when the image is flat. Look at the "
        "sky, which should be smooth; any squares or stripes come from the way of enlarging. Dark rims are the border, "
        "where fewer copies meet.",
        columns=2,
        size=4.6,
    )


def _places(name: str, width: int) -> list[str]:
    """Name the pixels of an image of this width, row by row: x₀₀, x₀₁ ..."""
    return [f"{name}{sub(r)}{sub(q)}" for r in range(width) for q in range(width)]
