"""The figures of chapter 12 show what they say."""

import json
from math import comb

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from torch import nn

from coursekit.models import resnet, summary
from coursekit.models.residual import basic_layers, bottleneck_layers, shortcut_around
from coursekit.paths import CourseNotFoundError, course_root
from coursekit.show import residual_networks as show
from coursekit.show import residual_networks_blocks as blocks
from coursekit.show import residual_networks_paths as paths
from coursekit.show import residual_networks_record as recorded

# --- the chain of blocks


@pytest.mark.parametrize(("n", "slope"), [(1, 0.5), (12, 0.3), (7, -1.2), (30, 1.5)])
def test_the_paths_add_up_to_the_whole_gradient(n, slope):
    parts = paths.path_parts(n, slope)
    assert len(parts) == n + 1
    assert parts.sum() == pytest.approx((1 + slope) ** n)
    assert parts[1] == pytest.approx(n * slope)


def test_the_chain_tells_the_size_of_both_gradients():
    drawn = paths.chain(2, 0.5)
    assert "0.5 to the power of 2, 0.25 in size" in drawn.caption
    assert "1.5 to the power of 2, 2.2 in size, the sum of 4 paths" in drawn.caption
    assert "through plain blocks 0.25 at the end, through residual ones 2.2" in drawn.alt


def test_the_paths_that_bring_most_are_named_also_where_two_lengths_are_equal():
    assert comb(12, 3) * 0.3**3 == pytest.approx(comb(12, 2) * 0.3**2)  # as the chapter says: 5.94
    assert "most through 2 or 3" in paths.chain(12, 0.3).alt
    assert "those through 1 block bring most" in paths.chain(2, 1.0).caption


@pytest.mark.parametrize("slope", [0, -1])
def test_a_gradient_that_is_gone_can_be_drawn(slope):
    told = paths.chain(5, slope).caption
    assert (
        "1 to the power of 5, 1 in size" if slope == 0 else "0 to the power of 5, 0 in size"
    ) in told


def test_the_chain_widget_moves():
    widget = show.chain_widget()
    before = widget.html
    widget.children[0].value += 1
    after = widget.html
    assert after != before
    widget.children[1].value += 0.1
    assert widget.html != after
    assert not widget.message


# --- the blocks


@pytest.mark.parametrize("kind", ["basic", "bottleneck"])
@pytest.mark.parametrize(("C", "K", "stride"), [(64, 64, 1), (64, 256, 1), (128, 128, 2)])
def test_a_drawn_block_has_the_parameters_of_a_built_one(kind, C, K, stride):
    build = basic_layers if kind == "basic" else bottleneck_layers
    built = [build(C, K, stride), shortcut_around(C, K, stride, "B")]
    inside, around = (sum(p.numel() for p in part.parameters()) for part in built)
    drawn = blocks.block(kind, C, K, stride)
    assert f"{inside:,} parameters in its layers, {around:,} in its shortcut" in drawn.caption
    assert f"{inside + around:,} parameters." in drawn.alt
    assert ("around them the identity" in drawn.alt) == isinstance(built[1], nn.Identity)


def test_a_block_tells_the_size_of_the_image_behind_it():
    assert "to 512 of 14 by 14" in blocks.block("bottleneck", 256, 512, 2).alt
    assert "to 64 of 28 by 28" in blocks.block("basic", 64, 64, 1).alt


def test_a_bottleneck_needs_channels_in_fours():
    with pytest.raises(ValueError, match="a quarter of 6 channels inside: take a multiple of 4"):
        blocks.block("bottleneck", 8, 6, 1)


def test_the_block_widget_moves_with_each_of_its_controls():
    widget = show.block_widget()
    seen = {widget.html}
    for control, value in zip(widget.children, ("bottleneck", 128, 256, 2), strict=False):
        control.value = value
        assert widget.html not in seen
        seen.add(widget.html)
    assert "from 128 channels of 28 by 28 to 256 of 14 by 14" in widget.html


# --- what is recorded


@pytest.fixture
def record():
    return {
        "machine": {
            "date": "2026-01-02", "threads": 1, "processor": "abc", "torch": "9", "command": "python x",
        },
        "runs": [
            {
                "kind": kind, "depth": depth, "width": 16, "pixels": 14, "epochs": 3, "seed": seed,
                "losses": [2.0, 1.0, loss], "train_loss": loss, "test_accuracy": 1 - loss, "without": [0.1, 0.3],
            }
            for kind, first in (("plain", 0.4), ("residual", 0.2))
            for depth in (8, 20)
            for seed, loss in ((0, first), (1, first + 0.2))
        ],
    }  # fmt: skip


def test_means_and_spreads_are_those_of_the_seeds(record):
    told = show.summed_up(record, ["plain"])
    assert told.splitlines()[0] == "plain           8 layers: 0.500 ± 0.141 (2 seeds)"
    assert "residual" not in told  # its question comes later
    assert "0.700 ± 0.141" in show.summed_up(record, ["residual"], "test_accuracy")


def test_the_degradation_tells_means_machine_and_seeds(record):
    drawn = show.degradation(record, ["plain", "residual"])
    assert "plain 8: 0.50 and 50%; plain 20: 0.50 and 50%; residual 8: 0.30 and 70%" in drawn.alt
    for part in ("2026-01-02", "1 thread, abc", "torch 9", "`python x`", "Points: 2 seeds"):
        assert part in drawn.caption


def test_deletions_are_averaged_over_blocks_and_seeds(record):
    first = show.deleted(record).splitlines()[0]
    assert first.startswith("plain    20: 50.0% whole; without one block 20.0% ± 0.0% on average")
    assert first.endswith("10.0% to 30.0% (2 seeds)")


def test_the_grid_tells_cost_loss_and_accuracy(record):
    drawn = show.grid(record, {(8, 16, 14): 0.5, (20, 16, 14): 2.0})
    assert "depth 8, width 16, 14 pixels: 0.50 million, 0.300, 70.0%" in drawn.alt


def test_without_the_repository_the_figures_say_where_the_record_is(monkeypatch):
    def nowhere():
        raise CourseNotFoundError("no checkout")

    monkeypatch.setattr(recorded, "course_root", nowhere)
    assert show.record() is None
    for shown in (show.degradation(None), show.grid(None, {})):
        assert "benchmarks/degradation.json" in shown.data
    for text in (show.summed_up(None, ["plain"]), show.deleted(None)):
        assert "benchmarks/degradation.json" in text


def test_the_record_holds_what_the_chapter_says():
    found = json.loads(
        (course_root() / "benchmarks" / "degradation.json").read_text(encoding="utf-8")
    )
    assert found["machine"]["command"] == "python benchmarks/degradation.py"

    def mean(what="train_loss", **wanted):
        runs = recorded.chosen(found, **wanted)
        assert len(runs) == 5
        return np.mean([run[what] for run in runs])

    plain, residual, quiet = (
        [mean(kind=kind, depth=depth) for depth in (8, 20, 44)] for kind in recorded.KINDS
    )
    assert plain[0] < plain[1] < plain[2] - 0.5
    assert residual[2] < plain[2] - 0.5
    assert quiet[0] > quiet[1] > quiet[2]
    for seed in range(5):
        runs = {r["depth"]: r for r in recorded.chosen(found, kind="plain", seed=seed)}
        assert runs[8]["train_loss"] < runs[20]["train_loss"] < runs[44]["train_loss"]


# --- figures of what a cell measured


def test_a_race_tells_the_end_of_each_run_and_keeps_the_colors_of_the_record(monkeypatch):
    drawn = []
    monkeypatch.setattr(show, "picture", lambda figure, **told: drawn.append((figure, told)))
    show.race({"plain 8": [2.0] * 30, "residual 44": [3.0] * 10 + [1.0] * 20}, "Look.")
    figure, told = drawn[0]
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    assert "plain 8 2.00, residual 44 1.00" in told["alt"]
    assert told["caption"].startswith("Look. ")
    for name in ("plain 8", "residual 44"):
        kind, depth = name.split()
        assert lines[name].get_color() == recorded.KINDS[kind][0]
        assert lines[name].get_linestyle() == recorded.DASHES[(8, 20, 44).index(int(depth))]


def test_the_gradient_is_told_from_the_last_block_to_the_first():
    lines = {"plain": np.array([[100.0, 1.0]] * 3), "residual": np.array([[2.0, 1.0]] * 3)}
    drawn = show.reach({"with batchnorm": lines})
    assert "with batchnorm: plain 1 at the last block, 100 at the first" in drawn.alt
    assert "range of 3 seeds" in drawn.caption


@pytest.mark.parametrize("values", [np.ones(3), np.zeros((1, 3))])
def test_gradients_without_seeds_or_without_length_are_refused(values):
    with pytest.raises(ValueError, match=r"expected positive lengths \(seeds, blocks\)"):
        show.reach({"title": {"plain": values}})


def test_the_growth_of_the_signal_is_told():
    assert "residual from 1 to 3" in show.growth({"residual": [1.0, 2.0, 3.0]}).alt


def test_deleting_blocks_tells_the_worst_and_the_best_place():
    drawn = show.without_one({"plain 20": [0.1, 0.2]}, {"plain 20": 0.8}, ["1.1", "1.2"])
    assert "plain 20: 80% whole, without one block between 10% and 20%" in drawn.alt


def test_the_family_tells_depth_parameters_and_cost():
    table = summary(resnet(18), (3, 224, 224))
    drawn = show.family([("ResNet-18", 18, table.parameters / 1e6, table.multiply_adds / 1e9)])
    assert "ResNet-18 18 layers, 11.7 million and 1.8 billion" in drawn.alt


def test_halved_images_stand_below_the_whole_ones():
    images, labels = np.zeros((10, 1, 4, 4), np.uint8), np.arange(10)
    drawn = show.halved(images, images[:, :, ::2, ::2], labels, [f"class {k}" for k in range(10)])
    assert "class 0, class 5, class 6, class 9" in drawn.alt
    assert "2 by 2 pixels" in drawn.alt


# --- what is drawn, not only what is told


@pytest.fixture
def drawn(monkeypatch):
    kept = []
    for module in (show, paths, blocks, recorded):
        monkeypatch.setattr(module, "picture", lambda figure, **_: kept.append(figure.axes))
    return kept


def points(line):
    return [tuple(map(float, point)) for point in line.get_xydata()]


def test_bars_and_lines_of_a_chain_are_its_numbers(drawn):
    paths.chain(2, 0.5)
    left, right = drawn[0]
    assert [bar.get_height() for bar in right.patches] == [1, 1, 0.25]
    residual, plain = (10 ** line.get_ydata() for line in left.lines[:2])
    assert residual == pytest.approx([1, 1.5, 2.25])
    assert plain == pytest.approx([1, 0.5, 0.25])


def test_the_gradient_is_drawn_as_the_mean_of_its_logarithms(drawn):
    show.reach({"title": {"plain": np.array([[100.0, 1.0], [1.0, 1.0]])}})
    assert drawn[0][0].lines[0].get_ydata() == pytest.approx([10, 1])


def test_the_growth_is_drawn_block_by_block(drawn):
    show.growth({"residual": [1.0, 3.0]})
    assert points(drawn[0][0].lines[0]) == [(1, 1), (2, 3)]


def test_a_missing_block_is_drawn_between_what_is_left_and_the_whole(drawn):
    show.without_one({"plain 20": [0.1, 0.2]}, {"plain 20": 0.8}, ["1.1", "1.2"])
    ax = drawn[0][0]
    whole, guess, left = ax.lines
    assert list(whole.get_ydata()) == [0.8, 0.8]
    assert list(guess.get_ydata()) == [0.1, 0.1]
    assert points(left) == [(0, 0.1), (1, 0.2)]
    assert [segment[:, 1].tolist() for segment in ax.collections[0].get_segments()] == [
        [0.1, 0.8],
        [0.2, 0.8],
    ]


def test_a_net_of_the_family_stands_at_its_depth_and_parameters(drawn):
    show.family([("ResNet-18", 18, 11.7, 1.8), ("VGG-16", 16, 138.0, 15.5)])
    small, large = drawn[0][0].collections
    assert small.get_offsets().tolist() == [[18, 11.7]]
    assert large.get_offsets().tolist() == [[16, 138]]
    assert large.get_sizes() > small.get_sizes()


def test_the_degradation_draws_every_seed_and_the_means(drawn, record):
    show.degradation(record, ["plain", "residual"])
    curves, after, test = drawn[0]
    assert curves.lines[0].get_ydata() == pytest.approx([2, 1, 0.5])
    assert after.lines[0].get_ydata() == pytest.approx([0.4, 0.6])
    assert points(after.lines[-1])[0] == pytest.approx((8, 0.3))
    assert test.lines[-1].get_ydata() == pytest.approx([0.7, 0.7])


def test_the_lines_of_the_degradation_run_through_the_means_of_each_depth(drawn, record):
    for run in record["runs"]:
        run["train_loss"] += run["depth"] / 10
    show.degradation(record, ["plain"])
    line = drawn[0][1].lines[-1]
    assert line.get_xdata() == pytest.approx([8, 20])
    assert line.get_ydata() == pytest.approx([1.3, 2.5])


def test_the_grid_draws_range_and_mean_at_the_cost(drawn, record):
    record["runs"][0]["train_loss"] = 9.0  # a plain net: no part of the grid
    show.grid(record, {(8, 16, 14): 0.5, (20, 16, 14): 2.0})
    smallest, deeper = drawn[0][0].lines[1::2]
    assert points(smallest)[0] == pytest.approx((0.5, 0.3))
    assert points(deeper)[0] == pytest.approx((2.0, 0.3))
    assert list(drawn[0][0].lines[0].get_ydata()) == pytest.approx([0.2, 0.4])
    assert (smallest.get_marker(), deeper.get_marker()) == ("s", "o")


def test_a_drawn_block_has_the_parameters_of_each_layer_beside_it(drawn):
    blocks.block("bottleneck", 64, 256, 2)
    texts = [text.get_text() for text in drawn[0][0].texts]
    for weights in (64 * 64 + 128, 9 * 64 * 64 + 128, 64 * 256 + 512, 64 * 256 + 512):
        assert f"{weights:,}" in texts
    assert "batchnorm, ReLU   64 × 28 × 28" in texts
    assert "batchnorm   256 × 14 × 14" in texts


def test_the_coarse_picture_is_that_of_the_whole_one(monkeypatch):
    seen = {}
    monkeypatch.setattr(show, "gallery", lambda shown, **_: seen.update(shown))
    labels = np.arange(10)
    images = np.tile(labels[:, None, None, None] * 25.0, (1, 1, 4, 4))
    show.halved(images, images[:, :, ::2, ::2], labels, [f"class {k}" for k in labels])
    for k in (0, 5, 6, 9):
        assert (seen[f"class {k}"] == k * 25 / 255).all()
        assert seen[f"class {k}, coarse"].shape == (2, 2)
        assert (seen[f"class {k}, coarse"] == k * 25 / 255).all()


def test_the_band_of_the_gradient_is_the_range_of_the_seeds(drawn):
    values = np.array([[100.0, 1.0], [1.0, 4.0]])
    show.reach({"with": {"plain": values}, "without": {"residual": values}})
    (left, right) = drawn[0]
    corners = left.collections[0].get_paths()[0].vertices
    assert {tuple(corner) for corner in corners} >= {(1, 1), (1, 100), (2, 1), (2, 4)}
    assert [ax.get_title() for ax in (left, right)] == ["with", "without"]
    assert left.lines[0].get_color() == show.STYLES["plain"][0]
    assert right.lines[0].get_color() == show.STYLES["residual"][0]
    assert left.get_yscale() == "log"


def test_a_race_is_smoothed_between_zero_and_three_with_the_guess_at_its_height(drawn):
    show.race({"plain 8": [2.0, 1.0] * 30}, "Look.")
    ax = drawn[0][0]
    assert ax.lines[0].get_ydata() == pytest.approx(show.smooth([2.0, 1.0] * 30))
    assert list(ax.lines[1].get_ydata()) == pytest.approx([np.log(10)] * 2)
    assert ax.get_ylim() == (0, 3)


def test_the_lines_of_the_growth_have_names_and_styles_of_their_own(drawn):
    show.growth({"residual": [1.0, 3.0], "plain": [1.0, 2.0], "identity start": [1.0, 1.0]})
    ax = drawn[0][0]
    assert [line.get_label() for line in ax.lines] == ["residual", "plain", "identity start"]
    assert len({(line.get_color(), line.get_linestyle()) for line in ax.lines}) == 3
    assert ax.lines[0].get_color() == show.STYLES["residual"][0]
    assert ax.lines[1].get_color() == show.STYLES["plain"][0]


def test_panels_and_places_of_missing_blocks_have_their_names(drawn):
    whole = {"plain 20": 0.8, "residual 20": 0.9}
    show.without_one({name: [0.1, 0.2] for name in whole}, whole, ["1.1", "2.3"])
    for ax, (name, right) in zip(drawn[0], whole.items(), strict=True):
        assert ax.get_title() == name
        assert ax.lines[0].get_ydata()[0] == right
        assert [label.get_text() for label in ax.get_xticklabels()] == ["1.1", "2.3"]
        assert ax.lines[2].get_color() == show.STYLES[name.split()[0]][0]


def test_the_family_is_told_from_the_others_by_color_and_name(drawn):
    show.family([("ResNet-18", 18, 11.7, 1.8), ("VGG-16", 16, 138.0, 15.5)])
    ax = drawn[0][0]
    small, large = (one.get_facecolor()[0, :3].tolist() for one in ax.collections)
    assert small == pytest.approx(to_rgb(show.BLUE))
    assert large == pytest.approx(to_rgb(show.KERNEL))
    assert [(one.get_text(), one.xy) for one in ax.texts] == [
        ("ResNet-18, 1.8", (18, 11.7)),
        ("VGG-16, 15.5", (16, 138.0)),
    ]


def test_the_way_around_a_block_is_named_and_counted(drawn):
    blocks.block("basic", 64, 128, 2)
    texts = [text.get_text() for text in drawn[0][0].texts]
    assert "1 × 1, 64 to 128, stride 2\nbatchnorm" in texts
    for weights in (9 * 64 * 128 + 256, 9 * 128 * 128 + 256, 64 * 128 + 256):
        assert f"{weights:,}" in texts
    assert "x   64 × 28 × 28" in texts
    assert "y = ReLU   128 × 14 × 14" in texts
    blocks.block("basic", 64, 64, 1)
    assert "identity" in [text.get_text() for text in drawn[1][0].texts]


def test_paths_that_take_away_have_another_color(drawn):
    paths.chain(3, -0.5)
    left, right = drawn[0]
    one, other = (to_rgb(bar.get_facecolor()) for bar in right.patches[:2])
    assert one != other
    assert to_rgb(right.patches[2].get_facecolor()) == one
    assert [line.get_label() for line in left.lines[:2]] == [
        "residual, |1 + a|ᵏ", "plain, |a|ᵏ",
    ]  # fmt: skip


def test_the_degradation_names_its_lines_and_draws_its_steps(drawn, record):
    show.degradation(record, ["plain", "residual"])
    curves, after, test = drawn[0]
    assert [line.get_label() for line in curves.lines] == [
        "plain 8", "plain 20", "residual 8", "residual 20",
    ]  # fmt: skip
    assert curves.lines[0].get_xdata() == pytest.approx([5, 15, 25])  # means of ten steps
    assert curves.lines[0].get_linestyle() != curves.lines[1].get_linestyle()
    assert after.lines[-1].get_color() == recorded.KINDS["residual"][0]
    assert [ax.get_ylabel() for ax in (curves, after, test)] == [
        "training loss L", "training loss L", "share right",
    ]  # fmt: skip


def test_a_point_of_the_grid_has_its_sizes_beside_it_in_both_panels(drawn, record):
    show.grid(record, {(8, 16, 14): 0.5, (20, 16, 14): 2.0})
    for ax, heights in zip(drawn[0], ((0.3, 0.3), (0.7, 0.7)), strict=True):
        assert [one.get_text() for one in ax.texts] == ["8, 16, 14", "20, 16, 14"]
        assert [one.xy for one in ax.texts] == [
            (cost, pytest.approx(height)) for cost, height in zip((0.5, 2.0), heights, strict=True)
        ]
        low, high = ax.get_xlim()
        assert low < 0.5
        assert high > 3 * 2.0  # room for the last label
