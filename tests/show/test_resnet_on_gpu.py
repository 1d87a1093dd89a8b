"""The figures of chapter 13 show what they say."""

import json
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.profiler import record_function

from coursekit.models import resnet9, summary
from coursekit.paths import CourseNotFoundError
from coursekit.show import resnet_on_gpu as show
from coursekit.show.resnet_on_gpu_limits import step_limits
from coursekit.show.resnet_on_gpu_recipe import averaging
from coursekit.training import Recipe

TABLE = summary(resnet9(), (3, 32, 32))


def made_up(network, seed, accuracy, seconds, preparing):
    """A run as benchmarks/gpu.py records it, with numbers that no machine measured."""
    return {
        "row": "one",
        "network": network,
        "seed": seed,
        "accuracy": accuracy,
        "seconds": seconds,
        "preparing": preparing,
        "machine": {"GPU": "a made-up GPU"},
        "date": "2000-01-01",
        "command": "python made_up.py",
    }


MADE_UP = {
    "runs": [
        made_up("one", 3, 0.5, 10, 2),
        made_up("one", 4, 0.6, 12, 4),
        made_up("two", 3, 0.7, 99, 0),
    ]
}


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    (tmp_path / "benchmarks").mkdir()
    monkeypatch.setattr(show, "course_root", lambda: tmp_path)
    return tmp_path


# --- limits


def test_arithmetic_is_six_operations_for_a_multiply_add_at_the_peak_rate():
    found = show.limits(TABLE, show.GPUS["A100"], 512)
    assert found["arithmetic"] == pytest.approx(6 * 379_261_952 * 512 / 19.5e12)
    half = show.limits(TABLE, show.GPUS["A100"], 512, half=True)
    assert found["arithmetic"] / half["arithmetic"] == pytest.approx(312 / 19.5)
    assert found["memory"] / half["memory"] == pytest.approx(2)
    assert found["starting operations"] == half["starting operations"]


def test_fusing_saves_trips_and_starts_and_no_arithmetic():
    plain = show.limits(TABLE, show.GPUS["H100"], 64)
    fused = show.limits(TABLE, show.GPUS["H100"], 64, way="fused")
    graph = show.limits(TABLE, show.GPUS["H100"], 64, way="fused, one graph")
    assert fused["arithmetic"] == plain["arithmetic"]
    assert fused["memory"] < plain["memory"] / 3
    # nine weighty layers, three operations each, and a single start
    assert fused["starting operations"] == pytest.approx(3 * 9 * 5e-6)
    assert graph["starting operations"] == pytest.approx(5e-6)


def test_memory_counts_five_trips_of_four_bytes():
    found = show.limits(TABLE, show.GPUS["V100"], 10)
    assert found["memory"] == pytest.approx(5 * 4 * 10 * TABLE.activations / 900e9)


def test_a_step_is_limited_by_the_longest():
    drawn = step_limits("ResNet-110", "H100", 8, "16 bits", "as written")
    assert "Starting operations is the tightest limit" in drawn.caption
    assert "The longest is starting operations" in drawn.alt
    assert "not a measurement" in drawn.caption


def test_resnet_110_is_limited_by_starting_below_the_batch_that_the_chapter_names():
    for batch, limited in ((128, True), (256, False)):
        caption = step_limits("ResNet-110", "H100", batch, "32 bits", "as written").caption
        assert ("Starting operations" in caption) == limited


def test_the_widget_of_limits_follows_its_controls():
    widget = show.limits_widget()
    before = widget.html
    widget.children[2].value = 1
    assert widget.html != before
    assert "with 1 images" in widget.html


# --- profiles


def test_a_profile_has_the_parts_of_the_loop():
    def loop():
        for part in show.PARTS:
            with record_function(part):
                torch.ones(200, 200) @ torch.ones(200, 200)

    found = show.profiled(loop)
    assert list(show.parts_of(found)) == ["prepare", "forward", "backward", "update"]
    drawn = show.profiles({"this loop": found}, 10)
    assert "this loop: prepare" in drawn.alt
    assert "µs for an image" in drawn.alt


def test_the_fastest_of_three_calls_is_kept():
    naps = iter((0.2, 0.2, 0.01, 0.2))  # of the first nobody takes notice

    def run():
        with record_function("prepare"):
            time.sleep(next(naps))

    assert show.parts_of(show.profiled(run))["prepare"] < 150
    assert not list(naps)


def test_operations_have_short_names():
    class Seen:
        def key_averages(self):
            long = "enumerate(DataLoader)#_SingleProcessDataLoaderIter.__next__"
            times = {long: 30, "aten::mkldnn_convolution": 20, "prepare": 90}
            return [
                SimpleNamespace(key=key, self_cpu_time_total=time, cpu_time_total=time, count=2)
                for key, time in times.items()
            ]

    drawn = show.profiles({"this loop": Seen()}, 10)
    assert "this loop has 4 operations, longest DataLoader, in Python" in drawn.alt


def test_profiling_writes_nothing_to_standard_error(capfd):
    show.profiled(lambda: None)
    assert capfd.readouterr().err == ""


def test_the_ladder_tells_its_numbers():
    assert "slow: 1,234, fast: 5,678" in show.ladder({"slow": 1234, "fast": 5678}).alt


def test_changed_images_stand_below_their_own():
    images = torch.zeros(3, 1, 4, 4, dtype=torch.uint8)
    assert show.augmented(images, images).alt.startswith("3 gray pictures")


# --- parts of a recipe


def test_rates_tell_where_they_begin_and_end():
    recipe = Recipe(lr=0.6, schedule="linear", warm_up=2, epochs=8)
    assert "mine: 0.2 at first, 0.6 at epoch 2, then down (linear) to 0 after 8" in (
        show.rates({"mine": recipe}).alt
    )


def test_eigenvectors_tell_their_shares():
    drawn = show.eigenvectors(np.ones((2, 3, 3)), np.array([3.0, 1.0]))
    assert "75.00%, 25.00%" in drawn.alt


def test_covariances_tell_what_is_off_the_diagonal():
    drawn = show.covariances(np.array([[1, 0.5], [0.5, 1]]), np.diag([1.0, 0.9]))
    assert "up to 0.50 off the diagonal" in drawn.alt
    assert "from 1.00 down to 0.90" in drawn.alt


def test_without_decay_the_average_is_the_weight():
    path, average = show.walk(0.1, 0.0)
    assert np.array_equal(path, average)


def test_the_average_follows_the_rule_of_the_chapter():
    path, average = show.walk(0.1, 0.98)
    assert average[0] == pytest.approx(0.1 * 3 + 0.9 * path[0])
    assert average[-1] == pytest.approx(0.98 * average[-2] + 0.02 * path[-1])


def test_with_a_fixed_decay_the_average_remembers_the_start():
    path, fixed = show.walk(0.1, 0.999, fixed=True)
    assert fixed[0] == pytest.approx(0.999 * 3 + 0.001 * path[0])
    off = np.sqrt(np.mean(fixed[300:] ** 2))
    assert off > 1.5
    assert f"with a fixed d by {off:.2f}" in averaging(0.1, 0.999).caption


def test_a_decay_above_the_bound_of_600_steps_changes_next_to_nothing():
    one, other = (show.walk(0.1, decay)[1] for decay in (0.98, 0.999))
    assert np.abs(one - other).max() < 0.03


def test_the_default_average_is_less_than_half_as_far_from_the_goal():
    path, average = show.walk(0.1, 0.98)
    off, averaged = (np.sqrt(np.mean(a[300:] ** 2)) for a in (path, average))
    assert averaged < off / 2
    assert f"off by {off:.2f}, its average by {averaged:.2f}" in averaging(0.1, 0.98).caption


def test_the_widget_of_averages_follows_its_controls():
    widget = show.averaging_widget()
    before = widget.html
    widget.children[1].value = 0.999
    assert widget.html != before


def test_a_smoothed_loss_tells_where_it_is_lowest():
    gaps = np.array([0.0, 1.0, 2.0])
    drawn = show.smoothed_loss(gaps, {0.0: np.array([2, 1, 0.5]), 0.2: np.array([2, 1.2, 1.5])})
    assert "without smoothing it falls to 0.500" in drawn.alt
    assert "with smoothing 0.2 lowest, 1.20, at 1.0" in drawn.alt


# --- runs that die, and records


def test_a_mortal_net_dies_in_its_step_and_not_in_testing():
    net, x = show.mortal(2), torch.zeros(4, 1, 28, 28)
    net.eval()(x)
    net.train()(x)
    with pytest.raises(show.PowerCutError, match="step 2"):
        net(x)


def test_mortal_nets_are_equal_until_one_number_differs():
    one, other = show.mortal(None), show.mortal(3)
    assert show.equal(one, other)
    with torch.no_grad():
        next(other.parameters())[0] += 1e-6
    assert not show.equal(one, other)


def test_without_a_record_the_cell_says_so_and_names_the_command(checkout):
    said = show.recorded_runs().data
    assert "No GPU runs are recorded yet" in said
    assert "python benchmarks/gpu.py" in said


def test_without_the_repository_it_says_the_same(monkeypatch):
    def nowhere():
        raise CourseNotFoundError("no checkout")

    monkeypatch.setattr(show, "course_root", nowhere)
    assert "No GPU runs are recorded yet" in show.recorded_runs().data


def test_a_record_is_shown_as_soon_as_it_is_there(checkout):
    (checkout / "benchmarks" / "gpu.json").write_text(json.dumps(MADE_UP), encoding="utf-8")
    drawn = show.recorded_runs()
    assert "Recorded, not run here: a made-up GPU, 2000-01-01, by python made_up.py" in (
        drawn.caption
    )
    assert "one: 55.00% on average, 50.00% to 60.00%, in 11.0 s of training" in drawn.alt
    assert "compiling apart, 3 s), seeds 3, 4" in drawn.alt
    assert "two by the recipe of one: 70.00%" in drawn.alt


def test_what_the_benchmark_records_is_what_is_drawn():
    source = (Path(__file__).parents[2] / "benchmarks" / "gpu.py").read_text(encoding="utf-8")
    for name in (*MADE_UP["runs"][0], "GPU"):
        assert f'"{name}": ' in source


def test_a_record_without_runs_is_no_picture():
    with pytest.raises(ValueError, match="holds no runs"):
        show.draw_runs({"runs": []})


def test_without_cifar10_the_other_images_are_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    others = object()
    assert show.cifar10_or(others) is others
