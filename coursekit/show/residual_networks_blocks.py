"""The blocks of a ResNet, drawn with their shapes and their parameters."""

import ipywidgets
from matplotlib.axes import Axes

from coursekit.show.figure import BLACK, GRAY, INPUT, KERNEL, OUTPUT, RED, Picture, canvas, picture
from coursekit.show.grids import tint
from coursekit.show.widget import Explorer, explorer

Layer = tuple[int, int, int, int]  # channels, kernels, kernel size, stride


def block_layers(kind: str, C: int, K: int, stride: int) -> tuple[list[Layer], list[Layer]]:
    """Return the convolutions of a block and those of its shortcut (none for the identity).

    Raises:
        ValueError: a bottleneck's output channels are no multiple of 4.
    """
    if kind == "basic":
        inside = [(C, K, 3, stride), (K, K, 3, 1)]
    else:
        if K % 4:
            raise ValueError(
                f"a bottleneck has a quarter of {K} channels inside: take a multiple of 4"
            )
        inside = [(C, K // 4, 1, 1), (K // 4, K // 4, 3, stride), (K // 4, K, 1, 1)]
    around = [] if C == K and stride == 1 else [(C, K, 1, stride)]
    return inside, around


def weights(layers: list[Layer]) -> int:
    """Return the weights of some convolutions and the gammas and betas of their batchnorms."""
    return sum(C * K * F * F + 2 * K for C, K, F, _ in layers)


def block(kind: str, C: int, K: int, stride: int, size: int = 28) -> Picture:
    """Draw a block: its layers on the left, the way around on the right, shapes and parameters beside them.

    Args:
        kind: "basic" or "bottleneck".
        C: channels of the input.
        K: channels of the output.
        stride: of the block.
        size: height and width of the input.
    """
    inside, around = block_layers(kind, C, K, stride)
    figure, ax = canvas(8.6, 1.9 + 0.85 * len(inside))
    rows = len(inside)
    ax.set(xlim=(0, 10), ylim=(-2.05, rows + 1.15))
    ax.set_axis_off()
    _box(ax, 3.2, rows + 0.75, f"x   {C} × {size} × {size}", INPUT)
    ax.text(0.05, rows + 0.75, "parameters", ha="left", va="center", fontsize=11, color=GRAY)
    at, H = float(rows + 0.75), size
    for k, layer in enumerate(inside):
        H = -(-H // layer[3])
        y = rows - k - 0.35
        _arrow(ax, (3.2, at - 0.28), (3.2, y + 0.28))
        _box(ax, 3.2, y, _text(layer), KERNEL)
        after = "batchnorm" + (", ReLU" if k < rows - 1 else "")
        ax.text(0.05, y, f"{weights([layer]):,}", ha="left", va="center", color=BLACK, fontsize=11)
        ax.text(
            3.35, y - 0.46, f"{after}   {layer[1]} × {H} × {H}", ha="left", va="center", fontsize=9
        )
        at = y
    plus = -0.75
    _arrow(ax, (3.2, at - 0.28), (3.2, plus + 0.2))
    ax.text(3.2, plus, "+", ha="center", va="center", fontsize=17, color=RED, fontweight="bold")
    ax.plot([3.2, 7.9], [rows + 0.75] * 2, color=RED, linewidth=2, zorder=0)
    ax.plot([7.9, 7.9], [rows + 0.75, plus], color=RED, linewidth=2)
    _arrow(ax, (7.9, plus), (3.45, plus), RED)
    way = _text(around[0]) + "\nbatchnorm" if around else "identity"
    _box(ax, 7.9, (rows + 0.75 + plus) / 2, way, RED)
    if around:
        ax.text(8.05, rows + 0.1, f"{weights(around):,}", ha="left", va="center", fontsize=11)
    _arrow(ax, (3.2, plus - 0.2), (3.2, -1.4))
    _box(ax, 3.2, -1.7, f"y = ReLU   {K} × {H} × {H}", OUTPUT)
    total = weights(inside) + weights(around)
    shown = ", ".join(_text(layer) for layer in inside)
    way_alt = "a projection, " + _text(around[0]) if around else "the identity"
    return picture(
        figure,
        alt=f"A {kind} block from {C} channels of {size} by {size} to {K} of {H} by {H}: {shown}; "
        f"around them {way_alt}; "
        f"both are added, then ReLU. {total:,} parameters.",
        caption=f"A {kind} block: {weights(inside):,} parameters in its layers, {weights(around):,} in its shortcut, "
        f"batchnorm's two for each channel included.",
    )


def block_widget() -> Explorer:
    """Return a block whose kind, channels and stride can be chosen."""
    return explorer(
        block,
        kind=ipywidgets.Dropdown(options=["basic", "bottleneck"], description="kind"),
        C=ipywidgets.SelectionSlider(
            options=[16, 64, 128, 256, 512], value=64, description="channels in, C"
        ),
        K=ipywidgets.SelectionSlider(
            options=[16, 64, 128, 256, 512], value=64, description="channels out, K"
        ),
        stride=ipywidgets.IntSlider(1, 1, 2, description="stride S"),
    )


def _text(layer: Layer) -> str:
    C, K, F, stride = layer
    return f"{F} × {F}, {C} to {K}" + (f", stride {stride}" if stride > 1 else "")


def _box(ax: Axes, x: float, y: float, text: str, color: str) -> None:
    ax.text(
        x, y, text, ha="center", va="center", fontsize=10.5, color=BLACK,
        bbox={"boxstyle": "round,pad=0.35", "facecolor": tint(color), "edgecolor": GRAY},
    )  # fmt: skip


def _arrow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], color: str = GRAY
) -> None:
    ax.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": color, "linewidth": 1.6})
