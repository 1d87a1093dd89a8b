"""output_size: counted, and against what torch says."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from coursekit.reference import output_size

sizes = (
    st.integers(0, 60),
    st.integers(1, 9),
    st.integers(1, 7),
    st.integers(0, 9),
    st.integers(1, 5),
)


@given(*sizes)
def test_output_size_counts_the_places_where_the_kernel_fits(
    size, kernel, stride, padding, dilation
):
    last_tap = dilation * (kernel - 1)
    padded = range(size + 2 * padding)
    places = [i for i in padded if i % stride == 0 and i + last_tap in padded]
    assume(places)
    steps = {"stride": stride, "padding": padding, "dilation": dilation}
    W_out = output_size(size, kernel, **steps)
    assert type(W_out) is int
    assert W_out == len(places)


@given(*sizes)
def test_output_size_refuses_exactly_what_torch_refuses(size, kernel, stride, padding, dilation):
    assume(size)  # of an empty signal torch says something else
    steps = {"stride": stride, "padding": padding, "dilation": dilation}
    try:
        y = torch.nn.functional.conv1d(torch.ones(1, 1, size), torch.ones(1, 1, kernel), **steps)
    except RuntimeError:
        with pytest.raises(ValueError, match="is larger than the padded input"):
            output_size(size, kernel, **steps)
    else:
        assert output_size(size, kernel, **steps) == y.shape[2]


def test_sizes_from_the_lectures():
    assert output_size(7, 3) == 5
    assert output_size(7, 3, stride=2) == 3
    assert output_size(7, 3, padding=1) == 7
    assert output_size(227, 11, stride=4) == 55


@given(st.integers(1, 40), st.integers(0, 9), st.integers(1, 5))
def test_half_the_span_as_padding_keeps_the_size(size, half, dilation):
    assert output_size(size, 2 * half + 1, padding=half * dilation, dilation=dilation) == size


def test_numpys_whole_numbers_are_numbers():
    assert output_size(np.int32(7), np.uint8(3), stride=np.array(2), padding=np.int64(1)) == 4
    assert type(output_size(np.int32(7), np.uint8(3))) is int


@given(*sizes)
def test_exact_refuses_exactly_the_strides_that_leave_entries_over(
    size, kernel, stride, padding, dilation
):
    steps = {"stride": stride, "padding": padding, "dilation": dilation}
    span, padded = dilation * (kernel - 1) + 1, size + 2 * padding
    assume(span <= padded)
    last_read = (output_size(size, kernel, **steps) - 1) * stride + span
    if last_read == padded:
        assert output_size(size, kernel, **steps, fit="exact") == output_size(size, kernel, **steps)
    else:
        with pytest.raises(ValueError, match=f"{padded - last_read} entr(y is|ies are) left over"):
            output_size(size, kernel, **steps, fit="exact")
        # both sizes that the sentence recommends do fit
        for fitting in (last_read, last_read + stride):
            output_size(fitting, kernel, stride=stride, dilation=dilation, fit="exact")


def test_the_lectures_stride_that_does_not_fit():
    # Hierarchical compositionality and convolutions, slides 79 to 82: (7 - 3) / 3 + 1 = 2.33
    assert output_size(7, 3, stride=1, fit="exact") == 5
    assert output_size(7, 3, stride=2, fit="exact") == 3
    assert output_size(7, 3, stride=3) == 2
    with pytest.raises(ValueError) as error:
        output_size(7, 3, stride=3, fit="exact")
    assert str(error.value) == (
        "kernel 3 with stride 3 does not fit input 7: 1 entry is left over, expected a padded "
        "input of 6 or 9"
    )


def test_a_stride_that_does_not_fit_is_named_with_padding_and_dilation():
    with pytest.raises(ValueError) as error:
        output_size(7, 2, stride=4, padding=2, dilation=3, fit="exact")
    assert str(error.value) == (
        "kernel 2 with stride 4 and dilation 3 does not fit the padded input 11 (input 7, "
        "padding 2): 3 entries are left over, expected a padded input of 8 or 12"
    )


@pytest.mark.usefixtures("unchecked_shapes")
@pytest.mark.parametrize("fit", ["ceil", "", None, True, 1, ["floor"]])
def test_there_are_two_ways_to_fit(fit):
    with pytest.raises(ValueError) as error:
        output_size(7, 3, fit=fit)
    assert str(error.value) == f"fit is {fit!r}, expected 'floor' or 'exact'"


@pytest.mark.parametrize(("dilation", "how"), [(1, "stride 3"), (2, "stride 3 and dilation 2")])
def test_a_stride_that_does_not_fit_is_said_with_the_dilation_if_there_is_one(dilation, how):
    with pytest.raises(ValueError, match=how + "(?! and)"):
        output_size(9 + dilation, 2, stride=3, dilation=dilation, fit="exact")
