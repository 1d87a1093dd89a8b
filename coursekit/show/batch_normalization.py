"""The figures of chapter 08; the graph of one channel stands in a module of its own."""

from collections.abc import Iterable, Mapping, Sequence

import ipywidgets
import numpy as np

from coursekit.reference import batchnorm_forward, update_running
from coursekit.show.batch_normalization_graph import channel_graph, graph_widget
from coursekit.show.figure import GRAY, INPUT, OUTPUT, RED, Picture, canvas, picture
from coursekit.show.grids import COLORS, by_value, number_grid
from coursekit.show.initialization_variance_layers import collect, per_layer, size, sizes
from coursekit.show.typed import numbers
from coursekit.show.widget import Explorer, explorer

__all__ = [
    "axes_widget",
    "batch_widget",
    "channel_graph",
    "collect",
    "ending",
    "follow",
    "graph_widget",
    "learning_rates",
    "mates",
    "one_channel",
    "per_layer",
    "pooled",
    "running_averages",
    "size",
    "sizes",
    "spread",
    "training",
]

KINDS = ("batch", "layer", "instance", "group")
DASHES = ("-", "--", "-.", ":")
MARKERS = "os^D"
EQUAL_GUESS = float(np.log(10))

# --- one channel of a batch


def one_channel(
    batch: Sequence[float] | np.ndarray, gamma: float = 1.0, beta: float = 0.0, eps: float = 1e-5
) -> Picture:
    """Draw the numbers of one channel in a batch, normalized, and then scaled and shifted.

    Raises:
        ValueError: there are fewer than two numbers.
    """
    x = np.asarray(batch, dtype=float)
    if len(x) < 2:
        raise ValueError(
            f"the batch has {len(x)} number, expected at least 2: a single one is its own mean"
        )
    x_hat = (x - x.mean()) / np.sqrt(x.var() + eps)
    y = gamma * x_hat + beta
    figure, axes = canvas(9, 4.4, 3, 1)
    rows = {"x": (x, INPUT), "x̂": (x_hat, GRAY), "y": (y, OUTPUT)}
    for ax, (name, (values, color)) in zip(axes, rows.items(), strict=True):
        mean, std = values.mean(), values.std()
        ax.axhline(0, color=GRAY, linewidth=0.8)
        ax.plot(
            [mean - std, mean + std],
            [0, 0],
            color=color,
            linewidth=7,
            alpha=0.3,
            solid_capstyle="butt",
        )
        ax.plot(mean, 0, "|", color=color, markersize=22, markeredgewidth=2)
        ax.plot(values, np.zeros(len(values)), "o", color=color, markersize=9)
        ax.set_title(f"{name}: mean {_short(mean)}, standard deviation {_short(std)}")
        ax.set(yticks=[], ylim=(-1, 1))
        ax.spines["left"].set_visible(False)
        ax.set_ylabel(name, rotation=0, labelpad=12)
    reach = max(2.5, *np.abs(x_hat), *np.abs(y)) * 1.1
    for ax in axes[1:]:
        ax.set_xlim(-reach, reach)
    pad = 0.1 * max(np.ptp(x), 1.0)
    axes[0].set_xlim(x.min() - pad, x.max() + pad)
    axes[2].set_xlabel("value")
    said = "; ".join(
        f"{name} = {', '.join(_short(v) for v in values)}" for name, (values, _) in rows.items()
    )
    return picture(
        figure,
        alt=f"Three number lines with the values of one channel as dots, their mean as a line and one standard "
        f"deviation to each side as a bar. {said}.",
        caption=f"Mean {_short(x.mean())} and variance {_short(x.var())} of the batch turn x into x̂; γ = {gamma:g} and "
        f"β = {beta:g} turn x̂ into y.",
    )


def batch_widget() -> Explorer:
    """Let the reader type a batch, and choose γ, β and ε."""

    def draw(x: str, gamma: float, beta: float, eps: float) -> Picture:
        return one_channel(numbers(x, "the batch"), gamma, beta, eps)

    return explorer(
        draw,
        x=ipywidgets.Text("1, 7, 9, 15", description="batch x", continuous_update=False),
        gamma=ipywidgets.FloatSlider(1.0, min=-3, max=6, step=0.5, description="γ"),
        beta=ipywidgets.FloatSlider(0.0, min=-8, max=8, step=0.5, description="β"),
        eps=ipywidgets.Dropdown(options={"0.00001": 1e-5, "1": 1.0, "75": 75.0}, description="ε"),
    )


# --- running averages and the company of an image


def running_averages(
    paths: Mapping[str, np.ndarray], truth: tuple[float, float], title: str = ""
) -> Picture:
    """Draw running means and variances over the batches, and what they should arrive at.

    Args:
        paths: arrays (seeds, batches, 2), the running mean and variance after each batch, by name.
        truth: mean and variance of all the data.
        title: stands above the left panel.
    """
    figure, axes = canvas(10, 3.6, 1, 2)
    told = []
    for ax, part, what in zip(axes, (0, 1), ("mean", "variance"), strict=True):
        ax.axhline(truth[part], color=GRAY, linestyle=":", linewidth=2, label="of all images")
        for k, (name, values) in enumerate(paths.items()):
            lines = np.asarray(values, dtype=float)[:, :, part]
            steps = np.arange(1, lines.shape[1] + 1)
            ax.plot(
                steps,
                lines.mean(axis=0),
                color=COLORS[k],
                linestyle=DASHES[k % 4],
                linewidth=2,
                label=name,
            )
            if len(lines) > 1:
                ax.fill_between(
                    steps, lines.min(axis=0), lines.max(axis=0), color=COLORS[k], alpha=0.2
                )
            told.append(
                f"{what}, {name}: from {lines[:, 0].mean():.2f} to {lines[:, -1].mean():.2f}"
            )
        ax.set(xlabel="batch", ylabel=f"running {what}")
    axes[0].set_title(title)
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=len(names), frameon=False)
    many = len(next(iter(paths.values())))
    bands = (
        f" Lines: mean of {many} seeds; bands: from the smallest to the largest."
        if many > 1
        else ""
    )
    return picture(
        figure,
        alt=f"Running mean and running variance over the batches. {'; '.join(told)}. All images together have mean "
        f"{truth[0]:.2f} and variance {truth[1]:.2f}.",
        caption="How fast do the running averages arrive, and how much do they tremble afterwards?"
        + bands,
    )


def follow(
    values: np.ndarray, N: int, momentum: float, steps: int, rng: np.random.Generator
) -> np.ndarray:
    """Return the running mean and variance (steps, 2) after each batch of N of some values."""
    mean, variance, path = np.zeros(1), np.ones(1), []
    for _ in range(steps):
        x = rng.choice(values, (N, 1))
        cache = batchnorm_forward(x, np.ones(1), np.zeros(1))[1]
        mean, variance = update_running(mean, variance, cache, momentum=momentum)
        path.append((mean[0], variance[0]))
    return np.array(path)


def spread(values: Iterable[float]) -> str:
    """Return some seeds' results as mean ± standard deviation."""
    found = np.array(list(values), dtype=float)
    return f"{found.mean():.2f} ± {found.std():.2f} ({len(found)} seeds)"


def mates(outputs: Mapping[int, np.ndarray], alone: float) -> Picture:
    """Draw what one image answers in many random batches, one histogram for each batch size.

    Args:
        outputs: answers of one unit to the same image, by batch size.
        alone: its answer by the statistics of all images.
    """
    figure, axes = canvas(10, 2.9, 1, len(outputs), sharex=True)
    told = []
    for ax, (N, values) in zip(axes, outputs.items(), strict=True):
        ax.hist(values, bins=np.linspace(-3, 3, 49), color=OUTPUT)
        ax.axvline(alone, color=RED, linestyle="--", linewidth=2)
        ax.set(title=f"N = {N}\n± {values.std():.2f}", xlabel="x̂", yticks=[])
        told.append(f"N = {N}: mean {values.mean():.2f}, standard deviation {values.std():.2f}")
    axes[0].set_ylabel("batches")
    return picture(
        figure,
        alt=f"Histograms of what one image answers in many batches. {'; '.join(told)}. A dashed line marks its answer "
        f"by the statistics of all images, {alone:.2f}.",
        caption=f"One image in {len(values):,} random batches of each size; ± is the standard deviation. The dashed "
        "line is its answer by the mean and variance of all images.",
    )


# --- training


def training(panels: Mapping[str, Mapping[str, np.ndarray]]) -> Picture:
    """Draw losses over the steps of training, mean and spread over the seeds, one panel for each kind of network.

    Args:
        panels: arrays (seeds, steps), by title of the panel, then by name of the line; a loss that is not finite
            ends its line.
    """
    figure, axes = canvas(10, 3.6, 1, len(panels), squeeze=False, sharey=True)
    told, seeds = [], 0
    for ax, (title, curves) in zip(axes[0], panels.items(), strict=True):
        ends = []
        for k, (name, values) in enumerate(curves.items()):
            values = np.asarray(values, dtype=float)
            seeds, steps = values.shape
            ax.plot(
                values.mean(axis=0),
                color=COLORS[k],
                linestyle=DASHES[k % 4],
                linewidth=2,
                label=name,
            )
            ax.fill_between(
                range(steps), values.min(axis=0), values.max(axis=0), color=COLORS[k], alpha=0.2
            )
            ends.append(f"{name} {ending(values)}")
        ax.axhline(EQUAL_GUESS, color=GRAY, linewidth=0.8)
        ax.set(title=title, xlabel="step of gradient descent", ylim=(0, 4))
        told.append(f"{title}: {', '.join(ends)}")
    axes[0, 0].set_ylabel("loss L")
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=len(names), frameon=False)
    return picture(
        figure,
        alt="The loss over the steps of training. In the last ten steps, mean and standard deviation over the seeds, "
        f"{'; '.join(told)}.",
        caption=f"Lines: mean of {seeds} seeds; bands: from the smallest to the largest. The thin line at 2.30 is what "
        "an equal guess among ten digits costs.",
    )


def ending(values: np.ndarray) -> str:
    """Return the loss of the last ten steps as mean ± standard deviation over the seeds (seeds, steps)."""
    last = np.asarray(values, dtype=float)[:, -10:].mean(axis=1)
    if not np.isfinite(last).all():
        return f"not a number for {np.sum(~np.isfinite(last))} of {len(last)} seeds"
    return f"{last.mean():.2f} ± {last.std():.2f}"


def learning_rates(rates: Sequence[float], losses: Mapping[str, np.ndarray]) -> Picture:
    """Draw the loss at the end of training over the learning rate, every seed a point, the mean a line.

    Args:
        rates: the learning rates.
        losses: arrays (seeds, rates) by name of the network; not finite where training ended in infinity.
    """
    figure, ax = canvas(9, 4)
    top, told = 3.2, []
    for k, (name, values) in enumerate(losses.items()):
        values = np.asarray(values, dtype=float)
        shown = np.clip(np.where(np.isfinite(values), values, top), None, top)
        for seed in shown:
            ax.plot(rates, seed, MARKERS[k % 4], color=COLORS[k], alpha=0.5, markersize=5)
        ax.plot(
            rates,
            shown.mean(axis=0),
            color=COLORS[k],
            linestyle=DASHES[k % 4],
            linewidth=2,
            marker=MARKERS[k % 4],
            label=name,
        )
        told.append(
            f"{name}: "
            + ", ".join(
                f"{v.mean():.2f} ± {v.std():.2f} at {rate:g}"
                if (v < top).all()
                else f"{np.sum(~(v < top))} of {len(v)} seeds lost at {rate:g}"
                for rate, v in zip(rates, values.T, strict=True)
            )
        )
    ax.axhline(EQUAL_GUESS, color=GRAY, linewidth=0.8)
    ax.set_xscale("log")
    ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
    ax.minorticks_off()
    ax.set(xlabel="learning rate", ylabel="loss at the end", ylim=(-0.12, top + 0.15))
    ax.set_yticks([0, 1, 2, top], ["0", "1", "2", "lost"])
    ax.legend(loc="upper left", bbox_to_anchor=(0, 0.9))
    return picture(
        figure,
        alt="The loss at the end of training against the learning rate, mean and standard deviation over the seeds. "
        f"{'; '.join(told)}.",
        caption=f"The loss of the last ten steps; each point is one of {len(values)} seeds, the lines are their means. "
        "Points at the top are losses above 3.2 or no numbers at all, and count as 3.2; the thin line is an equal "
        "guess.",
    )


# --- other axes


def pooled(kind: str, N: int = 4, C: int = 6, groups: int = 2, pixels: int = 64) -> Picture:
    """Draw which maps of a batch of N images with C channels share their mean and variance.

    Raises:
        ValueError: the kind is unknown, or the groups do not divide the channels.
    """
    if kind not in KINDS:
        raise ValueError(f"the kind is {kind!r}, expected one of {', '.join(KINDS)}")
    if kind == "group" and C % groups:
        raise ValueError(f"{groups} groups do not divide {C} channels")
    of_group = np.arange(C) // (C // groups) if kind == "group" else np.zeros(C, dtype=int)
    n, c = np.indices((N, C))
    owner = {
        "batch": c,
        "layer": n,
        "instance": n * C + c,
        "group": n * groups + of_group[c],
    }[kind] + 1
    sets = int(owner.max())
    figure, ax = canvas(1.6 + 0.62 * C, 1.2 + 0.5 * N)
    number_grid(
        ax,
        owner,
        "each cell is one map of H × W numbers",
        row_name="n",
        column_name="c",
        fills=by_value(owner),
    )
    each = N * C * pixels // sets
    axes = {"batch": "N, H, W", "layer": "C, H, W", "instance": "H, W", "group": "C/G, H, W"}[kind]
    return picture(
        figure,
        alt=f"A grid with a row for each of {N} images and a column for each of {C} channels. Cells with the same "
        f"number share mean and variance. {kind} normalization: "
        + " / ".join(" ".join(str(v) for v in row) for row in owner)
        + ".",
        caption=f"{kind.capitalize()} normalization averages over {axes}: {sets} means and variances, each of {each} "
        "numbers if a map has 8 × 8. Cells with the same number share theirs; where there are many, colors repeat.",
    )


def axes_widget() -> Explorer:
    """Let the reader choose a normalization, and the sizes."""

    def draw(kind: str, groups: int, N: int) -> Picture:
        return pooled(kind, N, 6, groups)

    return explorer(
        draw,
        kind=ipywidgets.Dropdown(options=KINDS, value="group", description="kind"),
        groups=ipywidgets.IntSlider(2, min=1, max=6, description="groups G"),
        N=ipywidgets.IntSlider(4, min=1, max=8, description="images N"),
    )


def _short(value: float) -> str:
    """Write a number with two decimals and a true minus, zero without a sign."""
    return f"{round(float(value), 2) + 0.0:.2f}".replace("-", "−")
