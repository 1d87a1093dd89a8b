"""Hierarchical compositionality, slides 71 to 88: where a filter fits, and strides."""

from itertools import product

import numpy as np

from coursekit.lectures.claim import Claim, Compute, Finding, Sides
from coursekit.lectures.k_sizes import places
from coursekit.reference import conv2d, conv2d_cost, output_size


def made(side: int, F: int, *, stride: int = 1, padding: int = 0) -> tuple[int, ...]:
    """Return height and width of what a layer really makes."""
    y = conv2d(np.ones((1, 1, side, side)), np.ones((1, 1, F, F)), stride=stride, padding=padding)
    return y.shape[2:]


def by_formula(N: int, F: int, S: int) -> float:
    """Return (N - F) / stride + 1, with nothing rounded."""
    return (N - F) / S + 1


def _formula(keep: str) -> Sides:
    cases = list(product(range(5, 15), range(1, 6), range(1, 5)))
    if keep == "strides that fit":
        cases = [(N, F, S) for N, F, S in cases if (N - F) % S == 0]
    printed = [by_formula(*case) for case in cases]
    if keep == "rounded down":
        printed = [float(np.floor(size)) for size in printed]
    counted = [places(N, F, 0, S) for N, F, S in cases]
    return Sides(printed, counted, f"{len(cases)} combinations of size, filter and stride")


def _fits(stride: int) -> bool:
    """Say whether a filter of 3 goes over 7 pixels without anything left over."""
    try:
        output_size(7, 3, stride=stride, fit="exact")
    except ValueError:
        return False
    return True


def _refused() -> Finding:
    try:
        output_size(7, 3, stride=3)
    except ValueError:
        return Finding(True, "an error")
    rows, columns = made(7, 3, stride=3)
    return Finding(False, f"it can: {rows}×{columns} places; the last row and column are not read")


def _refused_where_all_is_read() -> Finding:
    return Finding(not _fits(3), "3, 6 and 9 pixels fit, 7 do not")


def _no_strides() -> Sides:
    rng = np.random.default_rng(87)
    x, w = rng.normal(size=(1, 1, 4, 4)), rng.normal(size=(1, 1, 3, 3))
    every = [[np.sum(x[0, 0, i : i + 3, j : j + 3] * w[0, 0]) for j in (0, 1)] for i in (0, 1)]
    return Sides(conv2d(x, w, stride=1, padding=0)[0, 0], every, "a random 4×4 image")


def _four_pixels() -> Finding:
    result, counted = made(4, 3), places(4, 3, 0, 1)
    return Finding(result == (counted, counted), f"they make {result[0]}×{result[1]}")


def _five_pixels() -> Finding:
    exact = output_size(5, 3, stride=2, padding=1, fit="exact")
    result = made(5, 3, stride=2, padding=1)
    return Finding(
        result == (exact, exact), f"they make {result[0]}×{result[1]}, and nothing is left over"
    )


def shape_claim(
    id_: str, says: str, printed: str, compute: Compute, cell: str, place: str = ""
) -> Claim:
    """Return a claim on the size of an output, which chapter 03 treats."""
    return Claim(
        f"H{id_}",
        says,
        "shape",
        printed=printed,
        compute=compute,
        chapter=3,
        cell=cell,
        place=place,
    )


CLAIMS = (
    shape_claim(
        "71-map",
        "a 5×5 filter over all places of 32×32 makes one map of 28×28",
        "28×28×1",
        lambda: (*made(32, 5), conv2d_cost((3, 32, 32), 1, 5).shape[0]),
        "count-places",
    ),
    shape_claim(
        "76-stride-1",
        "7×7 input, 3×3 filter",
        "5×5",
        lambda: made(7, 3),
        "count-places",
        "slides 72 to 76",
    ),
    shape_claim(
        "79-stride-2",
        "7×7 input, 3×3 filter, stride 2",
        "3×3",
        lambda: made(7, 3, stride=2),
        "stride-three",
        "slides 77 to 79",
    ),
    Claim(
        "H81-fit",
        "3×3 does not fit 7×7 with stride 3",
        "worked example",
        compute=lambda: Finding(not _fits(3), f"pixels left over on 7: {(7 - 3) % 3}"),
        place="slides 80 and 81",
        chapter=3,
        cell="stride-three",
    ),
    Claim(
        "H81-cannot",
        "so it cannot be applied",
        "worked example",
        compute=_refused,
        conventions={
            "every pixel has to be read; torch rounds down instead": _refused_where_all_is_read
        },
        chapter=3,
        cell="explain-stride-three",
    ),
    Claim(
        "H82-formula",
        "the output has the size (N - F) / stride + 1, without brackets that round",
        "formula",
        compute=lambda: _formula("all"),
        conventions={
            "only strides that fit are allowed, as this lecture says": (
                lambda: _formula("strides that fit")
            ),
            "rounded down, as in torch": lambda: _formula("rounded down"),
        },
        chapter=3,
        cell="explain-stride-three",
    ),
    Claim(
        "H82-stride-1",
        "stride 1: (7 - 3)/1 + 1",
        "worked example",
        printed="5",
        compute=lambda: places(7, 3),
        chapter=3,
        cell="stride-three",
    ),
    Claim(
        "H82-stride-2",
        "stride 2: (7 - 3)/2 + 1",
        "worked example",
        printed="3",
        compute=lambda: places(7, 3, 0, 2),
        chapter=3,
        cell="stride-three",
    ),
    Claim(
        "H82-stride-3",
        "stride 3: (7 - 3)/3 + 1",
        "worked example",
        printed="2.33",
        compute=lambda: by_formula(7, 3, 3),
        chapter=3,
        cell="stride-three",
    ),
    Claim(
        "H87-no-strides",
        "without strides means unit strides: the filter stops at every place",
        "formula",
        compute=_no_strides,
        chapter=3,
        cell="count-places",
    ),
    Claim(
        "H87-four",
        "a 3×3 kernel over 4×4 with unit strides: i = 4, k = 3, s = 1, p = 0",
        "worked example",
        compute=_four_pixels,
        chapter=3,
        cell="count-places",
    ),
    Claim(
        "H88-five",
        "5×5 input, 3×3 kernel, stride 2 and padding 1 go together in both directions",
        "worked example",
        compute=_five_pixels,
        chapter=3,
        cell="what-fits",
    ),
)
