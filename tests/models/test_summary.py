"""The table of a model: right for branches, for anybody's model, and without a trace left behind."""

from html.parser import HTMLParser

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from nets import NETS
from torch import nn
from torch.nn.functional import max_pool2d, relu
from torch.utils.flop_counter import FlopCounterMode

from coursekit.errors import CourseError
from coursekit.models import googlenet, lenet5, resnet, summary
from coursekit.reference.accounting import conv2d_cost, linear_cost, pool2d_cost
from coursekit.reference.geometry import Layer, receptive_field


def only(model, shape):
    (row,) = summary(model, shape)
    return row


# ---- costs


# one of each kind
COSTED = [
    *(
        "lenet5",
        "lenet5 of 1998",
        "alexnet",
        "zfnet",
        "vgg-16 with batchnorm",
        "googlenet with both",
    ),
    *("resnet-34", "resnet-50 as published", "plain-34", "cifar resnet-20", "resnet9", "a pattern"),
]


@pytest.mark.parametrize("name", COSTED)
def test_costs_are_those_that_torch_counts_and_shapes_those_that_its_layers_return(name):
    net = NETS[name]
    shapes = {}
    with torch.device("meta"):
        model = net().eval()
        x = torch.zeros(1, *net.shape)
    table = summary(model, net.shape)
    for place, module in model.named_modules():
        if not list(module.children()):
            module.register_forward_hook(
                lambda m, x, y, place=place: shapes.update({place: tuple(y.shape[1:])})
            )
    with FlopCounterMode(display=False) as counter:
        model(x)
    assert table.parameters == sum(p.numel() for p in model.parameters())
    assert table.multiply_adds == counter.get_total_flops() // 2  # torch counts both operations
    found = {row.name: row.shape for row in table if row.name in shapes}
    assert all(found[place] == shapes[place] for place in found)
    left_out = [model.get_submodule(place) for place in set(shapes) - set(found)]
    assert all(isinstance(module, nn.Identity) for module in left_out)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_single_layers_cost_what_the_reference_says(data):
    C, K, F_, S, P = (data.draw(st.integers(1, 4), label=name) for name in "CKFSP")
    H, W = (data.draw(st.integers(F_, 9), label=name) for name in "HW")
    P = min(P, F_ // 2)
    convolution = nn.Conv2d(C, K, F_, S, P)
    for row, cost in (
        (only(convolution, (C, H, W)), conv2d_cost((C, H, W), K, F_, stride=S, padding=P)),
        (only(nn.MaxPool2d(F_, S, P), (C, H, W)), pool2d_cost((C, H, W), F_, stride=S, padding=P)),
        (only(nn.Linear(C, K), (C,)), linear_cost(C, K)),
    ):
        assert (row.shape, row.parameters, row.activations, row.multiply_adds) == cost
    assert only(convolution, (C, H, W)).receptive_field == (F_, F_)


def test_a_transposed_convolution_multiplies_every_entry_of_its_input():
    row = only(nn.ConvTranspose2d(3, 5, 4, stride=2, groups=1), (3, 6, 7))
    assert row.multiply_adds == 3 * 6 * 7 * 5 * 16
    assert row.receptive_field is None


def test_what_shares_memory_with_its_input_is_no_new_activation():
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.ReLU(inplace=True), nn.Dropout(), nn.Flatten(), nn.Linear(8, 3)
    )
    assert [row.activations for row in summary(model, (1, 4, 4))] == [8, 0, 0, 0, 3]


def test_groups_and_batchnorm():
    model = nn.Sequential(nn.Conv2d(4, 6, 3, groups=2, bias=False), nn.BatchNorm2d(6))
    table = summary(model, (4, 8, 8))
    assert [row.parameters for row in table] == [6 * 2 * 9, 12]
    assert [row.multiply_adds for row in table] == [6 * 36 * 2 * 9, 0]


# ---- receptive fields

steps = st.builds(
    Layer,
    kernel=st.integers(1, 4),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 2),
    padding=st.integers(0, 2),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, min_size=1, max_size=4))
def test_a_stack_has_the_receptive_field_of_the_reference(stack):
    model = nn.Sequential(
        *(nn.Conv2d(1, 1, s.kernel, s.stride, s.padding, s.dilation) for s in stack)
    )
    field = summary(model, (1, 600, 600)).rows[-1].receptive_field
    assert field == (receptive_field(stack).size,) * 2


class Branches(nn.Module):
    def __init__(self, *branches, join="cat"):
        super().__init__()
        self.branches = nn.ModuleList(branches)
        self.join = join

    def forward(self, x):
        results = [branch(x) for branch in self.branches]
        return torch.cat(results, dim=1) if self.join == "cat" else sum(results[1:], results[0])


kernels = st.sampled_from([(1, 1), (1, 5), (3, 1), (3, 3), (5, 3), (7, 7)])


@settings(max_examples=30, deadline=None)
@given(
    st.lists(kernels, min_size=1, max_size=3),
    st.lists(kernels, min_size=1, max_size=3),
    st.sampled_from(["cat", "add"]),
    st.integers(1, 3),
)
def test_where_branches_meet_the_field_is_what_the_gradient_reaches(first, second, join, stride):
    def block(sizes, channels, stride):
        made = []
        for size in sizes:
            padding = tuple(n // 2 for n in size)
            made.append(nn.Conv2d(channels, 1, size, stride, padding))
        return Branches(*made, join=join)

    channels = len(first) if join == "cat" else 1
    model = nn.Sequential(block(first, 1, stride), block(second, channels, 1)).double()
    for p in model.parameters():
        nn.init.constant_(p, 1)
    x = torch.ones(1, 1, 61, 61, dtype=torch.float64, requires_grad=True)
    y = model(x)
    middle = y.shape[-1] // 2
    (gradient,) = torch.autograd.grad(y[0, :, middle, middle].sum(), x)
    rows, columns = np.nonzero(gradient[0, 0].numpy())
    extent = (np.ptp(rows) + 1, np.ptp(columns) + 1)
    field = summary(model, (1, 61, 61)).rows[-1].receptive_field
    # a stride larger than a kernel leaves pixels out, but never at the ends of the span
    assert field == tuple(map(int, extent))


def test_branches_that_look_to_different_sides_see_more_together():
    straight = nn.Conv2d(1, 1, 3, padding=1)  # from 1 pixel before to 1 behind
    aside = nn.Sequential(
        nn.ZeroPad2d((4, -2, 1, 1)), nn.Conv2d(1, 1, 3)
    )  # from 4 to 2 to the left
    assert summary(aside, (1, 20, 20)).rows[-1].receptive_field == (3, 3)
    both = summary(Branches(straight, aside, join="add"), (1, 20, 20)).rows[-1]
    assert both.receptive_field == (3, 6)


def test_a_residual_block_sees_what_its_layers_see():
    with torch.device("meta"):
        model = resnet(18)
    table = summary(model, (3, 224, 224))
    assert table["stem.3"].receptive_field == (11, 11)
    assert table["stage1.0.layers.3"].receptive_field == (27, 27)
    (add,) = [row for row in table if row.name == "stage2.0" and row.kind == "add"]
    assert table["stage2.0.shortcut.0"].receptive_field == (43, 43)
    assert add.receptive_field == (67, 67)
    assert add.shape == (128, 28, 28)


@pytest.mark.parametrize(
    ("module", "field"),
    [
        (nn.AdaptiveAvgPool2d(1), (32, 24)),
        (nn.AdaptiveMaxPool2d(1), (32, 24)),
        (nn.AdaptiveAvgPool2d((8, 6)), (4, 4)),
        (nn.AdaptiveAvgPool2d(5), None),  # windows of different sizes
        (nn.AvgPool2d(3), (3, 3)),
        (nn.MaxPool2d(2, dilation=3), (4, 4)),
        (nn.LocalResponseNorm(3), (1, 1)),
        (nn.BatchNorm2d(4), (1, 1)),
        (nn.GELU(), (1, 1)),
        (nn.ZeroPad2d(2), (1, 1)),
        (nn.Softmax(dim=-1), None),  # looks along a row, and no rule says so
        (nn.Upsample(scale_factor=2), None),
        (nn.Conv2d(4, 4, (3, 5), stride=(2, 1)), (3, 5)),
    ],
)
def test_single_modules(module, field):
    assert summary(module, (4, 32, 24)).rows[-1].receptive_field == field


class Functional(nn.Module):
    """The way many write their first network: poolings and activations are functions."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 10)

    def forward(self, x):
        x = max_pool2d(relu(self.conv1(x)), 2)
        x = max_pool2d(relu(self.conv2(x)), 2)
        return self.fc2(relu(self.fc1(torch.flatten(x, 1))))


def test_functions_in_a_forward_have_rows_and_fields():
    table = summary(Functional(), (3, 32, 32))
    pool = "max_pool2d_with_indices"
    expected = [
        *(("conv1", "Conv2d", (5, 5)), ("", "relu", (5, 5)), ("", pool, (6, 6))),
        *(("conv2", "Conv2d", (14, 14)), ("", "relu", (14, 14)), ("", pool, (16, 16))),
        *(("fc1", "Linear", (32, 32)), ("", "relu", (32, 32)), ("fc2", "Linear", (32, 32))),
    ]
    assert [(row.name, row.kind, row.receptive_field) for row in table] == expected
    assert len(summary(Functional(), (3, 32, 32), depth=1)) == len(expected)


class Slices(nn.Module):
    def forward(self, x):
        y = x[:, :2, 1::2, ::3]
        return y.mean(dim=1, keepdim=True)


def test_slices_move_the_fields_apart():
    model = nn.Sequential(Slices(), nn.Conv2d(1, 1, 2))
    assert summary(model, (4, 32, 33)).rows[-1].receptive_field == (3, 4)


class Mean(nn.Module):
    def forward(self, x):
        return x.mean(dim=(2, 3))


def test_a_mean_over_the_image_sees_it_all():
    assert only(Mean(), (4, 9, 7)).receptive_field == (9, 7)


def test_behind_the_last_linear_layer_nobody_sees_more():
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 5), nn.Softmax(dim=1), nn.LayerNorm(5))
    fields = [row.receptive_field for row in summary(model, (1, 3, 4))]
    assert fields == [(1, 1), (3, 4), (3, 4), (3, 4)]


def test_one_and_no_axes_of_an_image():
    row = only(nn.Conv1d(2, 3, 5, stride=2), (2, 20))
    assert (row.shape, row.receptive_field, row.multiply_adds) == ((3, 8), (5,), 3 * 8 * 10)
    row = only(nn.Conv3d(1, 2, 3), (1, 5, 6, 7))
    assert row.receptive_field == (3, 3, 3)
    row = only(nn.AvgPool3d(3, stride=1, padding=1), (1, 5, 6, 7))
    assert row.receptive_field == (3, 3, 3)
    row = only(nn.Linear(4, 3), (4,))
    assert (row.shape, row.receptive_field) == ((3,), None)


# ---- parameters that belong to several, to none, or to nobody who runs


def test_shared_layers_are_counted_once_and_shown_twice():
    layer = nn.Linear(4, 4)
    table = summary(nn.Sequential(layer, nn.ReLU(), layer), (4,))
    assert [(row.name, row.parameters, row.multiply_adds) for row in table] == [
        ("0", 20, 16),
        ("1", 0, 0),
        ("0", 0, 16),
    ]


def test_shared_weights_are_counted_once():
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    model[1].weight = model[0].weight
    table = summary(model, (4,))
    assert [row.parameters for row in table] == [20, 4]


def test_what_does_not_run_is_in_the_table_and_in_the_sum():
    with torch.device("meta"):
        model = googlenet(auxiliary=True)
    table = summary(model, (3, 224, 224), depth=1)
    assert [row.name for row in table if row.shape is None] == ["after_4a", "after_4d"]
    assert table["after_4a"].cells[2] == "not used"
    assert table.parameters == 13378280
    assert table.multiply_adds == summary(googlenet(), (3, 224, 224)).multiply_adds


class Offset(nn.Module):
    """Holds a parameter beside its parts."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(3, 3)
        self.offset = nn.Parameter(torch.zeros(3))

    def forward(self, x):
        return self.inner(x) + self.offset


def test_a_parameter_beside_the_parts_is_counted_where_it_is_used():
    rows = [(row.name, row.kind, row.parameters) for row in summary(Offset(), (3,))]
    assert rows == [("inner", "Linear", 12), ("", "add", 3)]


@pytest.mark.parametrize("depth", [1, 2, 9])
@pytest.mark.parametrize("name", ["googlenet with heads", "resnet-50", "lenet5 of 1998", "resnet9"])
def test_folding_keeps_every_sum(name, depth):
    net = NETS[name]
    with torch.device("meta"):
        model = net()
    full, folded = summary(model, net.shape), summary(model, net.shape, depth=depth)
    for what in ("parameters", "activations", "multiply_adds"):
        assert getattr(full, what) == getattr(folded, what)
    last = [table.rows[-1].shape for table in (full, folded)]
    assert last[0] == last[1]
    assert all(row.name.count(".") < depth for row in folded)


# ---- no trace


class Numbers(nn.Module):
    """Decides by the numbers it sees, which have none on the meta device."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(1)
        self.conv = nn.Conv2d(1, 2, 3)

    def forward(self, x):
        return self.conv(self.norm(x)) if x.sum().item() <= 0 else x


@pytest.mark.parametrize(
    "build", [lambda: nn.Sequential(nn.BatchNorm2d(1), nn.Conv2d(1, 2, 3)), Numbers]
)
def test_the_model_comes_back_as_it_was(build):
    model = build()
    model[1].eval() if isinstance(model, nn.Sequential) else model.conv.eval()
    modes = [m.training for m in model.modules()]
    before = {name: t.clone() for name, t in model.state_dict().items()}
    identity = [id(p) for p in model.parameters()]
    random = torch.get_rng_state()
    assert summary(model, (1, 5, 5)).parameters == 22
    assert [m.training for m in model.modules()] == modes
    assert [id(p) for p in model.parameters()] == identity
    assert all(torch.equal(t, before[name]) for name, t in model.state_dict().items())
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())
    assert all(p.grad is None and p.device.type == "cpu" for p in model.parameters())
    assert torch.equal(torch.get_rng_state(), random)


def test_a_model_that_decides_by_numbers_has_the_same_table():
    rows = [(row.name, row.shape, row.receptive_field) for row in summary(Numbers(), (1, 5, 5))]
    assert ("conv", (2, 3, 3), (3, 3)) in rows


def test_nothing_is_computed_and_no_weights_are_allocated():
    with torch.device("meta"):  # 1.6 TB of weights
        model = nn.Sequential(nn.Conv2d(3, 400_000, 7), nn.Conv2d(400_000, 1_000_000, 1))
    table = summary(model, (3, 224, 224))
    assert table.parameters == sum(p.numel() for p in model.parameters())
    assert table.rows[-1].shape == (1_000_000, 218, 218)


def test_hooks_of_others_stay():
    model = nn.Sequential(nn.Linear(2, 2))
    calls = []
    model[0].register_forward_hook(lambda *_: calls.append(1))
    summary(model, (2,))
    model(torch.zeros(1, 2))
    assert len(calls) == 2


def test_half_precision_and_double_precision():
    for dtype in (torch.float64, torch.bfloat16):
        assert summary(nn.Conv2d(1, 2, 3).to(dtype), (1, 5, 5)).parameters == 20


# ---- refusals


def test_images_of_the_wrong_shape_are_refused_with_the_layer_that_complained():
    model = nn.Sequential(nn.Sequential(nn.Conv2d(1, 2, 3)), nn.Flatten(), nn.Linear(5, 2))
    with pytest.raises(
        CourseError, match=r"one image of shape \(3, 8, 8\).*\n?.*layer 0.0 \(Conv2d\)"
    ):
        summary(model, (3, 8, 8))
    with pytest.raises(CourseError, match=r"layer 2 \(Linear\)"):
        summary(model, (1, 8, 8))
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())
    assert all(m.training for m in model.modules())


@pytest.mark.parametrize(
    ("model", "shape", "depth", "words"),
    [
        ("resnet", (3, 4, 4), None, "model is a str, expected a torch.nn.Module"),
        (nn.ReLU(), 224, None, "input_shape is 224, expected that of one image"),
        (nn.ReLU(), (3, 0), None, r"input_shape\[1\] is 0"),
        (nn.ReLU(), (3, 2.0), None, r"input_shape\[1\] is 2.0"),
        (nn.ReLU(), (3, 2), 0, "depth is 0"),
        (nn.LazyLinear(3), (3,), None, "learn their sizes from the first images"),
    ],
)
@pytest.mark.filterwarnings("ignore:Lazy modules:UserWarning")
def test_nonsense_is_refused(model, shape, depth, words):
    with pytest.raises(CourseError, match=words):
        summary(model, shape, depth=depth)


def test_a_name_that_is_no_row_is_refused_with_those_there_are():
    with pytest.raises(KeyError, match="'conv9' is no row, expected one of: conv1"):
        summary(Functional(), (3, 32, 32))["conv9"]


# ---- how it looks

TEXT = """\
Sequential for 1×28×28
name      kind       output    parameters  activations  multiply-adds  receptive field
--------------------------------------------------------------------------------------
0         Conv2d     6×28×28          156        4,704        117,600              5×5
1         ReLU       6×28×28            0        4,704              0              5×5
2         MaxPool2d  6×14×14            0        1,176              0              6×6
3         Conv2d     16×10×10       2,416        1,600        240,000            14×14
4         ReLU       16×10×10           0        1,600              0            14×14
5         MaxPool2d  16×5×5             0          400              0            16×16
6         Flatten    400                0            0              0            16×16
7         Linear     120           48,120          120         48,000            32×32
8         ReLU       120                0          120              0            32×32
9         Linear     84            10,164           84         10,080            32×32
10        ReLU       84                 0           84              0            32×32
11        Linear     10               850           10            840            32×32
--------------------------------------------------------------------------------------
together                           61,706       14,602        416,520"""


def test_it_prints_as_a_table():
    assert str(summary(lenet5(), (1, 28, 28))) == TEXT


class Cells(HTMLParser):
    def __init__(self):
        super().__init__()
        self.rows, self.open = [], []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


def test_it_is_the_same_table_in_a_notebook():
    html = Cells()
    html.feed(summary(lenet5(), (1, 28, 28))._repr_html_())
    html.close()
    assert html.open == []
    lines = [line for line in TEXT.splitlines()[1:] if not line.startswith("-")]
    assert [[cell for cell in row if cell] for row in html.rows[1:]] == [
        line.split() for line in lines[1:]
    ]
    assert len(html.rows) == len(lines)
    assert {len(row) for row in html.rows} == {7}


def test_names_in_html_are_escaped():
    model = nn.Sequential()
    model.add_module("<b>", nn.ReLU())
    assert "&lt;b&gt;" in summary(model, (3, 3))._repr_html_()
