"""Louppe, "Convolutions as matrix multiplications": what kind of matrix a convolution is."""

import numpy as np

from coursekit.lectures.claim import Claim, Compute, Finding
from coursekit.lectures.l_matrix import PLACE, U
from coursekit.reference import toeplitz2d


def one_on_every_diagonal(matrix: np.ndarray) -> bool:
    """Say whether a matrix is Toeplitz: along every diagonal stands one number."""
    return bool((matrix[1:, 1:] == matrix[:-1, :-1]).all())


def _toeplitz() -> Finding:
    T = toeplitz2d(U, 4, 4)
    diagonal = " ".join(f"{one:g}" for one in np.diag(T))
    return Finding(one_on_every_diagonal(T), f"the diagonal from the top left corner: {diagonal}")


def _blocks() -> Finding:
    """See whether the matrix of the example is Toeplitz block by block, and its blocks are."""
    blocks = toeplitz2d(U, 4, 4).reshape(2, 2, 4, 4).swapaxes(1, 2)  # rows of outputs, of inputs
    inside = all(one_on_every_diagonal(block) for row in blocks for block in row)
    pattern = bool((blocks[1:, 1:] == blocks[:-1, :-1]).all())
    return Finding(
        inside and pattern, f"its blocks are Toeplitz: {inside}, and so is their pattern: {pattern}"
    )


def _turned_blocks() -> Finding:
    """See whether each block, and each row of blocks, is the one above, moved by one around the end."""
    blocks = toeplitz2d(U, 4, 4).reshape(2, 2, 4, 4).swapaxes(1, 2)
    inside = all(np.array_equal(np.roll(block[0], 1), block[1]) for row in blocks for block in row)
    pattern = bool(np.array_equal(np.roll(blocks[0], 1, axis=0), blocks[1]))
    return Finding(
        inside and pattern,
        f"its blocks move on around the end: {inside}, and so does their pattern: {pattern}",
    )


def _circulant() -> Finding:
    T = toeplitz2d(U, 4, 4)
    turned = [bool(np.array_equal(T[i], np.roll(T[i - 1], 1))) for i in range(1, 4)]
    return Finding(
        all(turned), f"rows 2, 3, 4 are the row above, moved by one around the end: {turned}"
    )


def _sparse() -> Finding:
    small, large = (np.count_nonzero(toeplitz2d(U, n, n)) / ((n - 2) ** 2 * n**2) for n in (4, 28))
    shown = f"not zero are {small:.0%} for 4×4 pixels, {large:.1%} for 28×28"
    return Finding(bool(large < 0.05), shown)


def _name(id_: str, says: str, compute: Compute, blocks: Compute, of: str) -> Claim:
    return Claim(
        f"L-matrix-{id_}",
        says,
        "comparison",
        compute=compute,
        conventions={of: blocks},
        place=PLACE,
        chapter=2,
        cell="is-it-toeplitz",
    )


CLAIMS = (
    _name(
        "toeplitz",
        "U is a Toeplitz matrix",
        _toeplitz,
        _blocks,
        "block by block: a doubly blocked Toeplitz matrix",
    ),
    _name(
        "circulant",
        "U is circulant",
        _circulant,
        _turned_blocks,
        "block by block, and not square: some of the rows of a doubly blocked circulant matrix",
    ),
    Claim(
        "L-matrix-sparse",
        "U is sparse",
        "comparison",
        compute=_sparse,
        place=PLACE,
        chapter=2,
        cell="the-matrix-of-a-photograph",
        remark="The larger the image, the sparser; in the lecture's example more than half is not zero",
    ),
)
