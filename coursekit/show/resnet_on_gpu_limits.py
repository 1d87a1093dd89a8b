"""What limits a training step on a GPU: arithmetic, memory or starting operations, estimated from a summary."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import ipywidgets
from torch import nn

from coursekit.models import Summary, cifar_resnet, resnet9, summary
from coursekit.show.figure import GREEN, KERNEL, PINK, Picture, canvas, picture
from coursekit.show.widget import Explorer, explorer

START = 5e-6  # seconds to start one operation on a GPU: a usual figure, not one of a data sheet
TRAINING = 3  # a training step is a forward pass and a backward pass of twice its arithmetic
TRIPS = 5  # of an activation: written, read, read again going back; its gradient written and read
LAYERS = ("Conv2d", "Linear")
PARTS = {"arithmetic": KERNEL, "memory": GREEN, "starting operations": PINK}


@dataclass(frozen=True)
class Gpu:
    """A GPU by its data sheet.

    Args:
        year: in which it came out.
        float32: operations per second with 32-bit numbers, without tensor cores.
        half: with 16-bit numbers, on tensor cores where it has them, without sparsity.
        bandwidth: bytes per second from and to its memory.
    """

    year: int
    float32: float
    half: float
    bandwidth: float


# NVIDIA's data sheets: GeForce GTX 580; V100 SXM2, A100 40GB SXM and H100 SXM
GPUS = {
    "GTX 580": Gpu(2010, 1.58e12, 1.58e12, 192e9),
    "V100": Gpu(2017, 15.7e12, 125e12, 900e9),
    "A100": Gpu(2020, 19.5e12, 312e12, 1555e9),
    "H100": Gpu(2022, 67e12, 989e12, 3350e9),
}
NETS: dict[str, Callable[[], nn.Module]] = {
    "ResNet-9": resnet9,
    "ResNet-20": lambda: cifar_resnet(20),
    "ResNet-110": lambda: cifar_resnet(110),
}
WAYS = ("as written", "fused", "fused, one graph")


def limits(
    table: Summary, gpu: Gpu, batch: int, *, half: bool = False, way: str = "as written"
) -> dict[str, float]:
    """Return three lower limits for the seconds of a training step; it takes at least the largest.

    Args:
        table: of the net, for one image.
        gpu: that computes.
        batch: images in a step.
        half: whether numbers have 16 bits instead of 32.
        way: "as written", every layer an operation of its own; "fused", everything between two
            convolutions or linear layers is one with the one before; "fused, one graph", and the whole step
            is started at once.
    """
    weighty = [row for row in table if row.kind in LAYERS]
    rows = list(table) if way == "as written" else weighty
    moved = TRIPS * sum(row.activations for row in rows) * batch * (2 if half else 4)
    # going back, a convolution has two operations: for its input and for its weights
    started = 1 if way == "fused, one graph" else 2 * len(rows) + len(weighty)
    rate = gpu.half if half else gpu.float32
    return {
        "arithmetic": 2 * TRAINING * table.multiply_adds * batch / rate,
        "memory": moved / gpu.bandwidth,
        "starting operations": started * START,
    }


@lru_cache
def _table(name: str) -> Summary:
    return summary(NETS[name](), (3, 32, 32))


def step_limits(name: str, gpu: str, batch: int, bits: str, way: str) -> Picture:
    """Draw the three limits of a step as bars.

    Args:
        name: of a net, a key of NETS; images of 32 by 32 pixels.
        gpu: a key of GPUS.
        batch: images in a step.
        bits: "32 bits" or "16 bits".
        way: one of WAYS.
    """
    found = limits(_table(name), GPUS[gpu], batch, half=bits == "16 bits", way=way)
    slowest = max(found, key=lambda part: found[part])
    figure, ax = canvas(8.6, 2.5)
    ms = [1e3 * seconds for seconds in found.values()]
    ax.barh(list(found), ms, color=[PARTS[part] for part in found])
    for place, value in enumerate(ms):
        ax.text(value, place, f" {value:.3g} ms", va="center")
    ax.set_xscale("log")
    ax.set(xlim=(1e-3, 1e4), xlabel="at least so many ms for a step")
    ax.invert_yaxis()
    told = ", ".join(f"{part} {value:.3g} ms" for part, value in zip(found, ms, strict=True))
    most = batch / found[slowest]
    return picture(
        figure,
        alt=f"Three bars on a logarithmic axis, for a training step of {name} with {batch} images on the GPU {gpu}, "
        f"{bits}, {way}: {told}. The longest is {slowest}.",
        caption=f"{slowest.capitalize()} is the tightest limit: at most {most:,.0f} images a second. An estimate "
        "from the net's table and the data sheet, not a measurement.",
    )


def limits_widget() -> Explorer:
    """Return :func:`step_limits` with controls."""
    return explorer(
        step_limits,
        name=ipywidgets.Dropdown(options=list(NETS), value="ResNet-9", description="net"),
        gpu=ipywidgets.Dropdown(options=list(GPUS), value="H100", description="GPU"),
        batch=ipywidgets.SelectionSlider(
            options=[2**k for k in range(12)], value=512, description="images"
        ),
        bits=ipywidgets.Dropdown(options=["32 bits", "16 bits"], description="numbers"),
        way=ipywidgets.Dropdown(options=list(WAYS), description="operations"),
    )
