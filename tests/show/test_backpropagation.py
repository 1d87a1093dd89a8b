"""The figures of chapter 06 show what they say."""

import numpy as np
import pytest
from matplotlib.axes import Axes

from coursekit.reference import conv2d_backward, conv2d_forward, toeplitz2d
from coursekit.show import backpropagation as show
from coursekit.show.backpropagation_graph import BACK, EVERYWHERE, STEPS

LECTURE = [2.0, -1.0, -3.0, -2.0, -3.0]


# --- the graph of a neuron


def test_the_graph_has_the_lectures_values_and_the_right_sign():
    drawn = show.neuron_graph(LECTURE)
    assert (
        "p = −2.00, q = 6.00, r = 4.00, s = 1.00, n = −1.00, e = 0.37, d = 1.37, y = 0.73"
        in drawn.alt
    )
    assert "dx₁ = −0.59, dw₁ = −0.39, dx₀ = 0.39, dw₀ = −0.20" in drawn.alt


def test_the_graphs_gradients_are_those_of_nudging():
    def neuron(w0, x0, w1, x1, b):
        return 1 / (1 + np.exp(-(w0 * x0 + w1 * x1 + b)))

    at, h = [0.5, 3.0, -1.5, 1.0, 0.5], 1e-5
    drawn = show.neuron_graph(at)
    for k, name in enumerate(("w₀", "x₀", "w₁", "x₁", "b")):
        up, down = at.copy(), at.copy()
        up[k], down[k] = up[k] + h, down[k] - h
        slope = (neuron(*up) - neuron(*down)) / (2 * h)
        assert f"d{name} = {slope:.2f}".replace("-", "−") in drawn.alt


def test_the_gradient_stops_where_it_is_told():
    drawn = show.neuron_graph(LECTURE, back=3)
    assert drawn.alt.endswith("Gradients: dy = 1.00, dd = −0.53, de = −0.53, dn = −0.20.")
    assert "through e = exp(n): dn = −0.53 · 0.37 = −0.20." in drawn.caption
    assert "starts at y with 1" in show.neuron_graph(LECTURE, back=0).caption


def test_values_stand_alone_before_there_are_gradients():
    drawn = show.neuron_graph(LECTURE, back=None)
    assert drawn.alt.endswith("d = 1.37, y = 0.73.")
    assert "gradient" not in drawn.caption


def test_tiny_gradients_are_not_written_as_zero():
    assert "db = 3e−04" in show.neuron_graph([4, 2, 0, 0, 0]).alt
    assert "dx₁ = 0.00" in show.neuron_graph([4, 2, 0, 0, 0]).alt


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ([1.0, 2.0], "expected five finite numbers"),
        ([1, 1, 1, 1, np.nan], "expected five finite numbers"),
        ([100, -4, 0, 0, 0], r"exp\(400\) is too large"),
    ],
)
def test_a_graph_that_cannot_be_drawn(inputs, sentence):
    with pytest.raises(ValueError, match=sentence):
        show.neuron_graph(inputs)


def test_the_neurons_widget_follows_its_inputs_and_its_menu():
    widget = show.neuron_widget()
    menu, w0, *_ = widget.children[:6]
    assert menu.value == EVERYWHERE
    w0.value = 2.5
    assert "w₀ = 2.50" in widget.html
    assert len(BACK) == len(STEPS) + 1
    menu.value = BACK[2]
    assert "de = " in widget.html
    assert "dn = " not in widget.html
    menu.value = "through e = exp(n)"
    assert "dn = " in widget.html


def test_the_widget_survives_its_extremes():
    widget = show.neuron_widget()
    for slider in widget.children[1:6]:
        slider.value = slider.min
    assert widget.message == ""
    for slider in widget.children[1:6]:
        slider.value = slider.max
    assert widget.message == ""


# --- three structures


@pytest.mark.parametrize(
    ("H", "F", "stride", "counts"),
    [
        (3, 2, 1, (36, 16, 4)),
        (4, 2, 1, (144, 36, 4)),
        (4, 2, 2, (64, 16, 4)),
        (7, 3, 1, (1225, 225, 9)),
        (3, 3, 1, (9, 9, 9)),
    ],
)
def test_the_structures_count_their_weights(H, F, stride, counts):
    dense, local, shared = counts
    drawn = show.structures(H, F, stride)
    assert f"Dense {dense:,}, local {local:,}, shared {shared:,}." in drawn.caption
    assert f"{local} cells are filled" in drawn.alt


def test_only_shared_weights_have_colors(monkeypatch):
    drawn = []
    monkeypatch.setattr(Axes, "imshow", lambda _, image, **how: drawn.append(np.asarray(image)))
    for H in (3, 6):  # with numbers in the cells, and too many for that
        drawn.clear()
        show.structures(H, 2)
        dense, local, shared = (np.unique(image.reshape(-1, 3), axis=0) for image in drawn)
        assert len(dense) == 1
        assert len(local) == 2  # white where there is no connection
        assert len(shared) == 1 + 4


def test_a_kernel_larger_than_the_image_is_not_drawn():
    widget = show.structures_widget()
    before = widget.html
    widget.children[1].value = 5
    assert "kernel 5 is larger than the padded input 3" in widget.message
    assert widget.html == before
    widget.children[0].value = 6
    assert widget.message == ""
    assert "2 × 2 outputs" in widget.html


def test_the_three_gradients_say_their_numbers():
    kernel = np.array([[1.0, 2], [3, 4]])
    T = toeplitz2d(kernel, 3, 3)
    dense = np.outer(np.arange(1.0, 5), np.arange(1.0, 10))
    shared = np.array([[dense[v == T].sum() for v in row] for row in kernel])
    drawn = show.gradients_of_three_layers(dense, np.where(T != 0, dense, 0), shared, T)
    assert "all 36 entries filled" in drawn.alt
    assert "16 of them in 4 colors" in drawn.alt
    assert "kernel: 37, 47, 67, 77." in drawn.alt


# --- back through a convolution


def test_the_walk_over_dx_gives_the_gradient():
    dy, w = np.array([[1.0, 2], [0, -1]]), np.array([[1.0, 4, 1], [1, 4, 3], [3, 3, 1]])
    cache = conv2d_forward(np.zeros((1, 1, 4, 4)), w[None, None])[1]
    dx = conv2d_backward(dy[None, None], cache)[0][0, 0]
    for row, column in ((0, 0), (1, 2), (3, 3)):
        drawn = show.back_through_convolution(dy, w, row, column)
        assert f"({row}, {column}) of dx is framed and holds {dx[row, column]:g}." in drawn.alt
        assert f" = {dx[row, column]:g}. Every product" in drawn.caption


def test_the_caption_adds_the_products_of_the_window():
    drawn = show.back_through_convolution([[1, 2], [0, -1]], np.arange(1, 10).reshape(3, 3), 0, 1)
    assert drawn.caption.startswith("dx[0, 1] = (1)(2) + (2)(1) = 4.")
    drawn = show.back_through_convolution([[0, 0], [0, 0]], np.ones((3, 3)), 0, 0)
    assert drawn.caption.startswith("dx[0, 0] = 0 = 0.")


@pytest.mark.parametrize(
    ("control", "value", "sentence"),
    [
        (0, 4, "dx has 4 rows and 4 columns here, there is no pixel (4, 1)"),
        (2, "1, two, 3", "something else than numbers"),
        (2, "1 2; 3", "the rows of dy have [2, 1] numbers"),
        (3, "1 2 3", "shape (1, 3), expected as many rows as columns"),
        (3, "", "the kernel is empty"),
    ],
)
def test_the_walk_says_what_is_not_possible(control, value, sentence):
    widget = show.back_widget()
    before = widget.html
    widget.children[control].value = value
    assert sentence in widget.message
    assert widget.html == before


def test_the_walk_moves():
    widget = show.back_widget()
    seen = {widget.html}
    for control, value in ((0, 2), (1, 2), (2, "1 1; 1 1"), (3, "1 2; 3 4")):
        widget.children[control].value = value
        seen.add(widget.html)
    assert len(seen) == 5


# --- curves


def test_curves_say_where_they_end():
    drawn = show.loss_curves({"right": [2.0, 0.5], "wrong": [2.0, 0.75]})
    assert "over 2 steps" in drawn.alt
    assert "right at 0.50, wrong at 0.75" in drawn.alt
    drawn = show.dead_units({"rate 1": [0, 3], "rate 4": [1, 8]}, units=8)
    assert "3 with rate 1, 8 with rate 4" in drawn.alt
    h = np.array([1e-8, 1e-5, 1e-2])
    drawn = show.step_sizes(h, {"both sides": np.array([1e-6, 1e-11, 1e-4])})
    assert "both sides 1e-11 at h = 1e-05" in drawn.alt
