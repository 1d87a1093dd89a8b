"""Louppe, "Convolutions: Equivariance"."""

import numpy as np

from coursekit.lectures.claim import Claim, Finding, Sides
from coursekit.reference import conv1d, conv2d, toeplitz1d

PLACE = "Convolutions: Equivariance"


def _picture() -> np.ndarray:
    """Return random pixels with so wide a margin of zeros that nothing falls off when they move."""
    image = np.zeros((1, 1, 20, 24))
    image[..., 8:13, 9:15] = np.random.default_rng(8).normal(size=(5, 6))
    return image


def _kernel() -> np.ndarray:
    return np.random.default_rng(9).normal(size=(1, 1, 3, 3))


def _commutes() -> Sides:
    def move(image: np.ndarray) -> np.ndarray:
        return np.roll(image, (2, 3), axis=(-2, -1))

    x, u = _picture(), _kernel()
    return Sides(conv2d(move(x), u), move(conv2d(x, u)), "a picture on black, moved by 2 and 3")


def _same_amount(strides: tuple[int, ...]) -> Finding:
    """Move the picture by 2 and by 4 columns and see by how many its representation moves."""
    x, u, found = _picture(), _kernel(), {}
    for stride in strides:
        y = conv2d(x, u, stride=stride)
        for moved in (2, 4):
            new = conv2d(np.roll(x, moved, axis=-1), u, stride=stride)
            found[stride, moved] = next(
                (k for k in range(6) if np.allclose(np.roll(y, k, axis=-1), new)), -1
            )
    return Finding(
        all(k == moved for (_, moved), k in found.items()),
        ", ".join(
            f"stride {stride}: moved by {moved}, its answer by {k}"
            for (stride, moved), k in found.items()
        ),
    )


def _because_of_sharing() -> Finding:
    """Compare a convolution with a layer that sees the same neighborhoods with weights of its own at each place."""
    rng = np.random.default_rng(10)
    x = np.pad(rng.normal(size=6), 5)
    shared = toeplitz1d(rng.normal(size=3), x.size)
    own = np.where(shared != 0, rng.normal(size=shared.shape), 0)
    follows = [bool(np.allclose(T @ np.roll(x, 2), np.roll(T @ x, 2))) for T in (shared, own)]
    return Finding(
        follows == [True, False],
        f"its output moves along with shared weights: {follows[0]}, with local weights of their own: {follows[1]}",
    )


def _not_turned_or_enlarged() -> Finding:
    x, u = _picture(), _kernel()
    changes = {
        "turned": lambda image: np.rot90(image, axes=(-2, -1)),
        "enlarged": lambda image: image.repeat(2, -1).repeat(2, -2),
    }
    change = {}
    for name, g in changes.items():
        before, after = g(conv2d(x, u, padding=1)), conv2d(g(x), u, padding=1)
        change[name] = float(np.linalg.norm(after - before) / np.linalg.norm(before))
    return Finding(
        min(change.values()) > 0.1,
        ", ".join(f"{name}: {one:.0%} change" for name, one in change.items()),
    )


def _everywhere() -> Finding:
    """Let one edge detector find edges at every place of a signal."""
    edges = [4, 11, 17]
    x = np.isin(np.arange(24), edges).cumsum() % 2.0
    answer = np.abs(conv1d(x, np.array([-1.0, 1])))
    found = [int(place) + 1 for place in np.flatnonzero(answer)]
    return Finding(found == edges, f"edges at {edges}, found at {found} with two weights")


CLAIMS = (
    Claim(
        "L-equivariant",
        "f(g(x)) = g(f(x)) for a convolutional layer f and a translation g",
        "formula",
        compute=_commutes,
        place=PLACE,
        chapter=4,
        cell="move-and-convolve",
        remark="Away from the borders",
    ),
    Claim(
        "L-sharing-causes",
        "that the parameters are shared causes the equivariance",
        "comparison",
        compute=_because_of_sharing,
        place=PLACE,
        chapter=4,
        cell="three-matrices",
    ),
    Claim(
        "L-same-amount",
        "when an object moves, its representation moves by the same amount",
        "comparison",
        compute=lambda: _same_amount((1, 2)),
        conventions={"for layers with stride 1": lambda: _same_amount((1,))},
        place=PLACE,
        chapter=4,
        cell="stride-two",
    ),
    Claim(
        "L-useful-everywhere",
        "equivariance is useful where a local function is useful everywhere, as an edge detector is",
        "comparison",
        compute=_everywhere,
        place=f"{PLACE}, notes",
        chapter=1,
        cell="difference-kernel",
    ),
    Claim(
        "L-not-turned",
        "convolution is not equivariant to changes of scale or to rotation",
        "comparison",
        compute=_not_turned_or_enlarged,
        place=f"{PLACE}, notes",
        chapter=4,
        cell="mirror-turn-enlarge",
        remark="In general: a kernel that looks the same turned, such as the Laplacian, follows a quarter turn",
    ),
)
