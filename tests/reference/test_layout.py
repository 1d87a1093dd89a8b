"""Memory order is an implementation detail that never changes a value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems2d import LAYOUTS, laid_out

from coursekit.reference.layout import (
    batch_first,
    batch_last,
    empty_like_order,
    from_rows,
    in_order,
    is_batch_last,
    rows,
)


@given(st.tuples(*[st.integers(0, 20), *[st.integers(0, 4)] * 3]), st.sampled_from(LAYOUTS))
def test_every_order_holds_the_same_values(shape, layout):
    x = laid_out(np.arange(float(np.prod(shape))).reshape(shape), layout)
    for same in (
        batch_last(x),
        batch_first(x),
        from_rows(rows(x)),
        in_order(rows(x), True),
        in_order(rows(x), False),
    ):
        assert np.array_equal(same, x)
    assert batch_first(x).flags.c_contiguous
    assert rows(x).flags.c_contiguous
    assert rows(x).shape == tuple(shape[axis] for axis in (2, 1, 3, 0))


def test_what_is_in_order_is_not_copied():
    x = np.zeros((2, 3, 4, 5))
    last = batch_last(x)
    assert batch_first(x) is x
    assert np.shares_memory(batch_last(last), last)
    assert np.shares_memory(rows(last), last)
    assert not is_batch_last(x)
    assert is_batch_last(last)
    assert is_batch_last(in_order(rows(x), True))
    assert not is_batch_last(in_order(rows(x), False))


@pytest.mark.parametrize("order", [batch_first, batch_last])
def test_an_empty_array_of_the_same_order(order):
    x = order(np.zeros((2, 3, 4, 5)))
    made = empty_like_order(x, (6, 2, 3, 4), np.dtype(np.float32))
    assert made.shape == (6, 2, 3, 4)
    assert made.dtype == np.float32
    assert is_batch_last(made) == is_batch_last(x)
