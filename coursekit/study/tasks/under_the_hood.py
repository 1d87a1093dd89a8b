"""The exercises of chapter 14: units, ranks and words; those in torch stand in modules of their own."""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit.study.task import Case, Misconception, Task
from coursekit.study.tasks.under_the_hood_ascent import ASCENT, SIGN
from coursekit.study.tasks.under_the_hood_maps import INTEGRATED, OCCLUSION

Array = np.ndarray
Rng = np.random.Generator

# --- 14.1 Dead units ------------------------------------------------------------------------------------------


def _population_cases(rng: Rng) -> list[Case]:
    by_hand = np.zeros((2, 3, 1, 2))
    by_hand[0, 0], by_hand[1, 0] = [[1.0, 2.0]], [[0.0, 4.0]]
    by_hand[1, 1] = [[0.0, 3.0]]
    cases = [Case((by_hand,), label="2 images, 3 channels of 1×2")]
    for N, K, H, W in ((5, 8, 3, 4), (7, 6, 4, 2)):
        a = rng.normal(-0.6, 1, (N, K, H, W)).round(2)
        a[:, : K // 2] -= rng.uniform(0.1, 0.6)
        a[rng.permutation(N)[:2]] = -1.0  # two images to which nothing answers
        dead = rng.permutation(K)[: K // 4 + 1]
        a[:, dead] = -0.3
        alive = [k for k in range(K) if k not in dead]
        a[0, alive, 0, 0] = 0.7
        cases.append(Case((np.maximum(a, 0),), label=f"{N} images, {K} channels of {H}×{W}"))
    return cases


def _population(a: Array) -> tuple[float, float]:
    active = a > 0
    dead = ~active.any(axis=(0, 2, 3))
    return float(dead.mean()), float(active.mean())


def _dead(how: str) -> Callable[[Array], tuple[Any, Any]]:
    """Return what counts with a slip."""

    def counted(a: Array) -> tuple[Any, Any]:
        active = a > 0
        share = active.mean()
        if how == "count":
            return np.sum(~active.any(axis=(0, 2, 3))), share
        if how == "counts":
            return np.sum(~active.any(axis=(0, 2, 3))), np.sum(active)
        if how == "count of answers":
            return _population(a)[0], np.sum(active)
        if how == "living":
            return active.any(axis=(0, 2, 3)).mean(), share
        if how == "exchanged":
            return share, _population(a)[0]
        if how == "percent":
            return 100 * _population(a)[0], 100 * share
        if how == "channels":
            return _population(a)[0], active.any(axis=(0, 2, 3)).mean()
        if how == "in one image":
            return (~active.any(axis=(2, 3))).mean(), share
        if how == "in some image":
            return (~active.any(axis=(2, 3))).any(axis=0).mean(), share
        if how == "somewhere":
            return (~active.all(axis=(0, 2, 3))).mean(), share
        if how == "images":
            return (~active.any(axis=(1, 2, 3))).mean(), share
        if how == "places":
            return (~active.any(axis=0)).mean(), share
        if how == "not below":
            return 0.0, 1.0
        if how == "zeros":
            return _population(a)[0], 1 - share
        if how == "mean":
            return _population(a)[0], a.mean()
        return _population(a)[0], active.mean(axis=(0, 2, 3))[active.any(axis=(0, 2, 3))].mean()

    return counted


DEAD = Task(
    id="14.1",
    title="Dead or only quiet",
    points=2,
    minutes=8,
    difficulty=1,
    name="population_counts",
    returns=("dead", "active"),
    cases=_population_cases,
    reference=_population,
    hints=(
        "A channel is dead when it answers above 0 nowhere: in no image and at no place. Which axes are these?",
        "`np.any` takes a tuple of axes. What is left has one entry for each channel.",
        "`active` is about single answers: the mean of an array of True and False is the part that is True.",
    ),
    misconceptions=(
        Misconception(
            "a number of channels",
            "You returned how many channels are dead. Asked for is the part of all channels, 0 to 1.",
            _dead("count"),
        ),
        Misconception(
            "numbers instead of parts",
            "You returned how many channels and how many answers. Asked for are parts, 0 to 1.",
            _dead("counts"),
        ),
        Misconception(
            "a number of answers",
            "Your second number is how many answers are above 0. Asked for is their part of all, 0 to 1.",
            _dead("count of answers"),
        ),
        Misconception(
            "percent",
            "You returned percent. Asked for are parts, 0 to 1.",
            _dead("percent"),
        ),
        Misconception(
            "living channels",
            "You returned the part of the channels that answer somewhere. Those are the living ones.",
            _dead("living"),
        ),
        Misconception(
            "exchanged",
            "You returned the two numbers in the other order: first `dead`, then `active`.",
            _dead("exchanged"),
        ),
        Misconception(
            "living channels as answers",
            "Your second number counts channels. Asked for is the part of single answers, every place of every "
            "image.",
            _dead("channels"),
        ),
        Misconception(
            "dead in one image",
            "You counted pairs of an image and a channel. A channel that is silent in one image is not dead: another "
            "image may wake it.",
            _dead("in one image"),
        ),
        Misconception(
            "silent in some image",
            "You called a channel dead that is silent in *some* image. It has to be silent in all of them.",
            _dead("in some image"),
        ),
        Misconception(
            "a zero somewhere",
            "You called a channel dead that has a 0 somewhere. Behind a ReLU nearly every channel has.",
            _dead("somewhere"),
        ),
        Misconception(
            "images instead of channels",
            "You counted images to which nothing answers. Channels are axis 1.",
            _dead("images"),
        ),
        Misconception(
            "single units",
            "You counted places of channels. A channel has the same kernel at every place, and is dead as a whole.",
            _dead("places"),
        ),
        Misconception(
            "zero counts as an answer",
            "You took 0 for an answer. Behind a ReLU everything is at least 0: look for what is above.",
            _dead("not below"),
        ),
        Misconception(
            "the silent part",
            "Your second number is the part that is 0. Asked for is the part above 0.",
            _dead("zeros"),
        ),
        Misconception(
            "the mean answer",
            "Your second number is the mean of the answers. Asked for is how many of them are above 0, as a part.",
            _dead("mean"),
        ),
        Misconception(
            "dead channels left out",
            "Your second number leaves the dead channels out. They are part of the layer and answer 0.",
            _dead("alive"),
        ),
    ),
)

# --- 14.6 The sanity check ------------------------------------------------------------------------------------


def _sanity_cases(rng: Rng) -> list[Case]:
    before = np.array([[[1.0, -2.0], [3.0, -4.0]]])
    after = np.array([[[[10.0, -20.0], [30.0, 99.0]]], [[[-4.0, 3.0], [2.0, -1.0]]]])
    cases = [Case((before, after), label="1 map of 2×2, 2 randomizations")]
    for R, M, H, W in ((2, 3, 4, 5), (3, 2, 5, 3)):
        before = rng.normal(size=(M, H, W)) * rng.uniform(0.5, 4, (M, 1, 1))
        mixed = rng.uniform(0.3, 1.2, (R, 1, 1, 1)) * before + rng.normal(size=(R, M, H, W))
        cases.append(Case((before, mixed**3), label=f"{M} maps of {H}×{W}, {R} randomizations"))
    return cases


def _ranks(flat: Array) -> Array:
    return flat.argsort(axis=-1).argsort(axis=-1)


def _agreement(
    before: Array,
    after: Array,
    *,
    absolute: bool = True,
    ranks: Callable[[Array], Array] = _ranks,
    together: bool = False,
    centered: bool = True,
    axis: int | None = 1,
    divided: str = "by the root",
    averaged: bool = True,
) -> Array:
    if absolute:
        before, after = np.abs(before), np.abs(after)
    M = 1 if together else len(before)
    a = ranks(before.reshape(M, -1)).astype(float)
    b = ranks(after.reshape(len(after), M, -1)).astype(float)
    if centered:
        a, b = a - a.mean(axis=-1, keepdims=True), b - b.mean(axis=-1, keepdims=True)
    squares = (a**2).sum(axis=-1) * (b**2).sum(axis=-1)
    by = {"by the root": np.sqrt(squares), "no root": squares, "by the number": a.shape[-1]}
    found = (a * b).sum(axis=-1) / by[divided]
    if not averaged:
        return found if axis is None else np.asarray(found.sum(axis=axis))
    return np.asarray(found.mean(axis=axis) if axis is not None else found.mean())


def _reference_agreement(before: Array, after: Array) -> Array:
    return _agreement(before, after)


SANITY = Task(
    id="14.6",
    title="Does the map know the weights?",
    points=3,
    minutes=14,
    difficulty=2,
    name="map_agreement",
    returns=("agreement",),
    cases=_sanity_cases,
    reference=_reference_agreement,
    hints=(
        "Flatten each map first. The rank of a number says how many others of its map are smaller.",
        "`argsort` says where the smallest number stands, the second smallest and so on. Sort that order once more "
        "and you have the rank of each number.",
        "The correlation of two lists: subtract the mean of each, add up the products, divide by the root of the "
        "product of both sums of squares. Then take the mean over the maps, one number for each randomization.",
    ),
    misconceptions=(
        Misconception(
            "values instead of ranks",
            "You correlated the values themselves. Then one huge entry decides; take their ranks first.",
            lambda before, after: _agreement(before, after, ranks=lambda flat: flat),
        ),
        Misconception(
            "signs kept",
            "You ranked the maps with their signs. The maps are looked at without: take absolute values first.",
            lambda before, after: _agreement(before, after, absolute=False),
        ),
        Misconception(
            "signs kept and no ranks",
            "You correlated the values with their signs. Take absolute values first, then ranks.",
            lambda before, after: _agreement(
                before, after, absolute=False, ranks=lambda flat: flat
            ),
        ),
        Misconception(
            "argsort once",
            "You sorted once. That gives the places of the numbers in their order, not the rank of each number.",
            lambda before, after: _agreement(
                before, after, ranks=lambda flat: flat.argsort(axis=-1)
            ),
        ),
        Misconception(
            "all maps in one list",
            "You ranked all maps together. A map with large numbers then fills the top ranks: rank each map alone.",
            lambda before, after: _agreement(before, after, together=True),
        ),
        Misconception(
            "mean not subtracted",
            "You did not subtract the mean of the ranks. Then any two maps seem to agree.",
            lambda before, after: _agreement(before, after, centered=False),
        ),
        Misconception(
            "one number for each map",
            "You took the mean over the randomizations. Asked for is one number for each of them: the mean over "
            "maps.",
            lambda before, after: _agreement(before, after, axis=0),
        ),
        Misconception(
            "sum over the maps",
            "You added up the correlations of the maps. Asked for is their mean.",
            lambda before, after: _agreement(before, after, averaged=False),
        ),
        Misconception(
            "not averaged",
            "You returned a number for each randomization and map. Take the mean over the maps, the second axis.",
            lambda before, after: _agreement(before, after, averaged=False, axis=None),
        ),
        Misconception(
            "root left out",
            "You divided by the product of the sums of squares. A correlation divides by the root of it.",
            lambda before, after: _agreement(before, after, divided="no root"),
        ),
        Misconception(
            "covariance",
            "You divided by the number of entries, which gives a covariance. Divide by the root of the product of "
            "both sums of squares.",
            lambda before, after: _agreement(before, after, divided="by the number"),
        ),
        Misconception(
            "one number for everything",
            "You took the mean over everything. Asked for is one number for each randomization.",
            lambda before, after: _agreement(before, after, axis=None),
        ),
    ),
)

# --- 14.7 In your own words -----------------------------------------------------------------------------------

WORDS = Task(
    id="14.7",
    title="A picture in a talk",
    points=2,
    minutes=10,
    difficulty=2,
    name="what a picture proves",
    kind="written",
    hints=(
        "For each sentence, ask for the picture that would look the same if the sentence were wrong.",
        "What did the chapter do to the weights, to the class, and to the color of the square? Each answers one of "
        "the three sentences.",
    ),
)

TASKS = (DEAD, ASCENT, OCCLUSION, SIGN, INTEGRATED, SANITY, WORDS)
