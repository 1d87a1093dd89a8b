"""The figures of chapter 13: profiles, runs and records; limits and parts of recipes stand in modules of their own."""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from IPython.display import Markdown
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile

from coursekit.data import Images, cifar10
from coursekit.errors import CourseError
from coursekit.models import resnet9
from coursekit.paths import CourseNotFoundError, course_root
from coursekit.show.figure import BLUE, GREEN, KERNEL, PINK, Picture, canvas, picture
from coursekit.show.images import gallery
from coursekit.show.resnet_on_gpu_limits import GPUS as GPUS
from coursekit.show.resnet_on_gpu_limits import limits as limits
from coursekit.show.resnet_on_gpu_limits import limits_widget as limits_widget
from coursekit.show.resnet_on_gpu_recipe import averaging_widget as averaging_widget
from coursekit.show.resnet_on_gpu_recipe import covariances as covariances
from coursekit.show.resnet_on_gpu_recipe import eigenvectors as eigenvectors
from coursekit.show.resnet_on_gpu_recipe import rates as rates
from coursekit.show.resnet_on_gpu_recipe import smoothed_loss as smoothed_loss
from coursekit.show.resnet_on_gpu_recipe import walk as walk
from coursekit.show.training_curves import training_curves as training_curves

PARTS = {"prepare": PINK, "forward": BLUE, "backward": KERNEL, "update": GREEN}
_SHOWN = 6  # operations in a profile
COMMAND = "python benchmarks/gpu.py"


def cifar10_or(others: Images) -> Images:
    """Return CIFAR-10 if it is on this machine, else the others."""
    try:
        return cifar10()
    except CourseError:
        return others


class PowerCutError(Exception):
    """What a net of :func:`mortal` raises."""


def mortal(cut: int | None, width: int = 2) -> nn.Module:
    """Return a small ResNet-9 for gray images, always the same, that dies in a step of its training.

    Args:
        cut: in which, from 1 on; None: never.
        width: of the net.
    """
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        net = resnet9(channels=1, width=width)
    taken = 0

    def count(net: nn.Module, given: Any) -> None:
        nonlocal taken
        taken += net.training
        if taken == cut:
            raise PowerCutError(f"the power went in step {cut}")

    net.register_forward_pre_hook(count)
    return net


def equal(one: nn.Module, other: nn.Module) -> bool:
    """Tell whether two models have the same numbers, bit by bit."""
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def profiled(run: Callable[[], None]) -> Any:
    """Return torch's profile of the fastest of three calls of a function; other programs only make it slower.

    It is called once before: first calls are slow.
    """
    run()
    seen: list[tuple[float, Any]] = []
    with quiet_errors():
        for _ in range(3):
            with profile(activities=[ProfilerActivity.CPU]) as found:
                start = time.perf_counter()
                run()
                seen.append((time.perf_counter() - start, found))
    return min(seen, key=itemgetter(0))[1]


@contextmanager
def quiet_errors() -> Iterator[None]:
    """Keep what the profiler's library reports about itself out of a notebook: it writes to file 2."""
    kept = os.dup(2)
    with Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def parts_of(profile: Any) -> dict[str, float]:
    """Return milliseconds of each part of the loop in a profile.

    Args:
        profile: of torch.profiler, with blocks named as in PARTS.
    """
    found = {event.key: event for event in profile.key_averages()}
    return {part: found[part].cpu_time_total / 1e3 for part in PARTS if part in found}


def profiles(recorded: Mapping[str, Any], images: int) -> Picture:
    """Draw where the time of loops goes: their parts, and the operations that take most.

    Args:
        recorded: profiles of torch.profiler by name, with blocks named as in PARTS.
        images: how many each of them saw.
    """
    figure, axes = canvas(9.4, 2.0 + 2.4 * len(recorded), 1 + len(recorded), 1)
    told = []
    for row, (name, seen) in enumerate(recorded.items()):
        left = 0.0
        shares = []
        for part, ms in parts_of(seen).items():
            each = 1e3 * ms / images
            axes[0].barh(row, each, left=left, color=PARTS[part], label=part if not row else None)
            left += each
            shares.append(f"{part} {each:.0f}")
        told.append(f"{name}: {', '.join(shares)} µs for an image, together {left:.0f}")
    axes[0].set_yticks(range(len(recorded)), list(recorded))
    axes[0].invert_yaxis()
    axes[0].set(xlabel="µs for an image", ylabel="loop")
    axes[0].legend(ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=10)
    most = 0.0
    for ax, (name, seen) in zip(axes[1:], recorded.items(), strict=True):
        events = [e for e in seen.key_averages() if e.key not in PARTS]
        events.sort(key=lambda event: -event.self_cpu_time_total)
        names = [_short(e.key) for e in events[:_SHOWN]]
        longest = [e.self_cpu_time_total / images for e in events[:_SHOWN]]
        ax.barh(names, longest, color=BLUE)
        ax.tick_params(axis="y", labelsize=10)
        ax.invert_yaxis()
        calls = sum(event.count for event in events)
        most = max(most, *longest)
        ax.set(
            xlabel="µs for an image",
            title=f"{name}: {calls:,} operations for {images} images",
        )
        told.append(f"{name} has {calls:,} operations, longest {names[0]}")
    for ax in axes[1:]:
        ax.set_xlim(0, 1.05 * most)  # long in one loop is long in the other
    return picture(
        figure,
        alt=f"Above, a bar for each loop, made of the times of its parts. {'; '.join(told)}. Below, the "
        f"{_SHOWN} operations that take longest in each.",
        caption="Which part do you have to shorten first, and how much would it be worth if it took no time at all?",
    )


def _short(operation: str) -> str:
    """Return what to call an operation of a profile."""
    if operation.startswith("enumerate(DataLoader)"):
        return "DataLoader, in Python"
    return operation.removeprefix("aten::").removeprefix("cuda")[:30]


def ladder(paces: Mapping[str, float]) -> Picture:
    """Draw images per second after each change."""
    figure, ax = canvas(8.4, 0.8 + 0.45 * len(paces))
    values = list(paces.values())
    ax.barh(list(paces), values, color=BLUE)
    for place, value in enumerate(values):
        ax.text(value, place, f" {value:,.0f}", va="center")
    ax.invert_yaxis()
    ax.set(xlabel="images a second, on this machine", xlim=(0, 1.15 * max(values)))
    told = ", ".join(f"{name}: {value:,.0f}" for name, value in paces.items())
    return picture(
        figure,
        alt=f"A bar for each state of the loop, in images a second: {told}.",
        caption="One change at a time, in the order in which they were made. Not every bar has to be longer.",
    )


def augmented(images: Tensor, seen: Tensor) -> Picture:
    """Draw gray images above what the net sees of them.

    Args:
        images: (N, 1, H, W) gray levels, 0 to 255.
        seen: the same, changed.
    """
    shown = {f"image {k}": image[0].numpy() / 255 for k, image in enumerate(images)}
    shown |= {f"{k}, changed": image[0].numpy() / 255 for k, image in enumerate(seen)}
    return gallery(
        shown,
        alt=f"{len(images)} gray pictures of clothes; below, the same ones, moved by up to a few pixels, some of "
        "them mirrored, each with a black square somewhere.",
        caption="One call changed them all. What differs from image to image?",
        columns=len(images),
        size=1.3,
    )


def recorded_runs() -> Picture | Markdown:
    """Show the recorded GPU runs, benchmarks/gpu.json, or say that there are none yet."""
    try:
        path = course_root() / "benchmarks" / "gpu.json"
        recorded = json.loads(path.read_text(encoding="utf-8"))
    except (CourseNotFoundError, OSError):
        return Markdown(
            "**No GPU runs are recorded yet.** "
            f"On a machine with a GPU, `{COMMAND}` makes them and writes `benchmarks/gpu.json`, with the "
            "machine, the date, the command and the seeds. This cell shows them as soon as that file is there."
        )
    return draw_runs(recorded)


def draw_runs(recorded: Mapping[str, Any]) -> Picture:
    """Draw the accuracy of every recorded run over its seconds of training.

    Args:
        recorded: what ``benchmarks/gpu.py`` writes: ``runs``, each with ``network``, ``seed``, ``accuracy`` (0 to
            1), ``seconds`` of training, seconds of ``preparing`` (compiling), ``machine`` (``GPU``), ``date``
            and ``command``.

    Raises:
        ValueError: no run is in it.
    """
    runs: Sequence[Mapping[str, Any]] = recorded["runs"]
    if not runs:
        raise ValueError("the record holds no runs: `python benchmarks/gpu.py` makes them")
    figure, ax = canvas(8.4, 3.6)
    told = []
    networks = list(dict.fromkeys((run["row"], run["network"]) for run in runs))
    for (row, network), marker in zip(networks, cycle("osD^vP*X"), strict=False):
        some = [run for run in runs if (run["row"], run["network"]) == (row, network)]
        name = network if network == row else f"{network} by the recipe of {row}"
        seconds, right = (
            np.array([run[key] for run in some], float) for key in ("seconds", "accuracy")
        )
        ax.plot(seconds, 100 * right, marker, markersize=8, linestyle="", label=name)
        told.append(
            f"{name}: {right.mean():.2%} on average, {right.min():.2%} to {right.max():.2%}, in "
            f"{seconds.mean():.1f} s of training (compiling apart, {np.mean([run['preparing'] for run in some]):.0f} "
            f"s), seeds {', '.join(str(run['seed']) for run in some)}"
        )
    ax.set_xscale("log")
    ax.set(xlabel="seconds of training", ylabel="% of the test images right")
    ax.legend()
    where = dict.fromkeys(
        f"{run['machine']['GPU']}, {run['date']}, by {run['command']}" for run in runs
    )
    return picture(
        figure,
        alt=f"Accuracy of every run over its seconds of training. {'; '.join(told)}.",
        caption=f"Recorded, not run here: {'; '.join(where)}. Every point is a seed. {'; '.join(told)}.",
    )
