"""The figures of chapter 15 show what they say."""

import json

import numpy as np
import pytest
from IPython.display import Markdown

from coursekit.data import scenes
from coursekit.show import dense_prediction as show
from coursekit.show import dense_prediction_maps as maps


@pytest.fixture(scope="module")
def two():
    return scenes(3, objects=(2, 3), seed=1)


@pytest.fixture(scope="module")
def predicted(two):
    right = np.where(two.masks == 255, 0, two.masks)
    return {"perfect": right, "lazy": np.zeros_like(right)}


def test_boxes_name_their_objects_and_measure_the_closest(two):
    drawn = show.boxes(two, count=2)
    names = [show.CLASSES[k] for k in two.labels[0] if k]
    assert ", ".join(names) in drawn.alt
    best = show.boxes(two, two.boxes[:, 1], count=2, caption="look")
    assert "IoU with the closest object: 1.00; 1.00" in best.alt
    assert best.caption == "look"


def test_two_boxes_say_the_division():
    drawn = show.two_boxes(7, 7, 1.0)
    assert "784 + 784 − 441 = 1127, IoU 441 / 1127 = 0.391" in drawn.caption
    assert "They share 441 pixels" in drawn.alt
    assert "IoU 0 / 1568 = 0.000" in show.two_boxes(30, 0, 1.0).caption


def test_the_box_follows_its_sliders():
    widget = show.box_widget()
    down, right, growth = widget.children[:3]
    assert "0.391" in widget.html
    down.value = right.value = 0
    assert "= 1.000" in widget.html
    growth.value = 1.4
    assert "IoU 784 / 1537 = 0.510" in widget.html


def test_masks_list_the_classes_of_every_scene(two):
    drawn = show.masks(two, count=3)
    for mask in two.masks:
        names = [show.CLASSES[k] for k in np.unique(mask) if 0 < k < 255]
        assert ", ".join(names) in drawn.alt


def test_labels_tell_how_much_is_wrong_and_void_is_not(two, predicted):
    drawn = show.labeled(two, predicted, (0, 2), "look")
    assert "perfect 0, 0 %" in drawn.alt
    assert drawn.caption == "look The numbers are shares of wrong pixels."
    counted = two.masks[0] != 255
    share = (two.masks[0][counted] != 0).mean()
    assert f"lazy {100 * share:.0f}, " in drawn.alt


def test_the_scene_widget_walks_scenes_and_nets(two, predicted):
    widget = show.scene_widget(two, predicted)
    scene, net = widget.children[:2]
    assert scene.max == 2
    assert "0.0 % of the pixels that count are wrong" in widget.html
    before = widget.html
    scene.value = 1
    assert "Scene 1 with" in widget.html
    assert widget.html != before
    net.value = "lazy"
    assert "those that lazy predicts" in widget.html
    assert " 0.0 % of the pixels" not in widget.html


def test_pixels_near_an_outline_are_near_void_and_not_void():
    masks = np.zeros((1, 9, 9), np.uint8)
    masks[0, 4, 4] = 255
    near = show.near_outline(masks, 2)
    assert near.sum() == 24
    assert near[0, 2:7, 2:7].sum() == 24
    assert not near[0, 4, 4]


def test_an_enlarged_map_tells_how_much_of_it_is_unsure():
    coarse = np.array([[0.0, 1.0], [0.0, 1.0]])
    drawn = maps.enlarged(coarse, 4, row=3)
    assert "nearest 0 %, bilinear 50 %" in drawn.alt
    assert "A map of 2 by 2" in drawn.alt


def test_a_mask_that_fits_the_squares_survives_by_repetition_and_not_by_interpolation():
    mask = np.zeros((16, 16), bool)
    mask[4:8, 4:8] = True
    assert "IoU 1.000; 0 % of the pixels are unsure" in maps.survives(mask, 4, "nearest").caption
    assert "IoU 1.000" not in maps.survives(mask, 4, "bilinear").caption
    assert "IoU 0.000" in maps.survives(mask, 16, "nearest").caption


def test_the_resolution_widget_moves():
    mask = np.zeros((32, 32), bool)
    mask[5:28, 10:17] = True
    widget = maps.resolution_widget(mask)
    seen = {widget.html}
    factor, way, threshold = widget.children[:3]
    for control, value in ((factor, 16), (way, "nearest"), (threshold, 0.3)):
        control.value = value
        seen.add(widget.html)
    assert len(seen) == 4
    assert "Factor 16, nearest, threshold 0.3" in widget.html


def test_agreement_lists_every_share():
    image, labels = np.zeros((8, 12)), np.zeros((8, 12), int)
    drawn = maps.agreement(image, labels, (0, 8), {"a": [1.0, 0.874], "b": [1.0, 0.5]})
    assert "shifts of 0, 8 pixels. a: 100, 87; b: 100, 50." in drawn.alt


def test_agreement_draws_every_net():
    image, labels = np.zeros((8, 12)), np.zeros((8, 12), int)
    shares = {f"net {k}": [1.0, 0.9 - 0.1 * k] for k in range(4)}
    fewer = dict(list(shares.items())[:3])
    drawn = [maps.agreement(image, labels, (0, 8), some).png for some in (shares, fewer)]
    assert drawn[0] != drawn[1]


@pytest.fixture
def recorded():
    runs = [
        {"stride": stride, "upsampling": way, "seed": seed}
        | {"pixel_accuracy": 0.9, "mean_iou": 0.5 + 0.01 * place + 0.1 * seed * (way == "nearest")}
        for way in ("learned", "nearest")
        for seed in (1, 0)
        for place, stride in enumerate((16, 8, 4))
    ]
    runs[-1]["mean_iou"] = 0.4  # nearest, seed 0, stride 4
    where = {"date": "2026-01-02", "threads": 1, "processor": "p", "torch": "2", "command": "c"}
    return {"machine": where, "runs": runs}


def test_the_record_is_summed_up_over_its_seeds(recorded):
    text = maps.summed_up(recorded, ["learned", "nearest"])
    assert (
        "learned  stride  8: pixel accuracy 0.900 ± 0.000, mean IoU 0.510 ± 0.000 (2 seeds)" in text
    )
    assert "nearest  stride 16: pixel accuracy 0.900 ± 0.000, mean IoU 0.550 ± 0.071" in text


def test_gains_compare_seed_by_seed(recorded):
    lines = maps.gains(recorded, ["nearest"]).splitlines()
    assert lines[0].endswith("+0.010 on average, +0.010 to +0.010, higher in 2 of 2 seeds")
    assert "-0.110 to +0.010, higher in 1 of 2 seeds" in lines[1]


def test_the_recorded_runs_are_drawn_with_their_origin(recorded):
    drawn = maps.recorded_runs(recorded, (0.8, 0.16))
    assert "mean IoU, learned, stride 4: 0.52" in drawn.alt
    assert "Recorded on 2026-01-02 with 1 thread, p, torch 2, c, seeds 0 to 1." in drawn.caption


def test_where_the_record_is_missing_a_sentence_says_so():
    assert isinstance(maps.recorded_runs(None, (0.8, 0.16)), Markdown)
    assert "benchmarks/dense.json" in maps.summed_up(None)
    assert "benchmarks/dense.json" in maps.gains(None)


def test_what_is_recorded_is_five_seeds_of_every_net():
    found = maps.record()
    assert found is not None
    keys = {(run["upsampling"], run["stride"], run["seed"]) for run in found["runs"]}
    assert len(keys) == len(found["runs"]) == 3 * 3 * 5
    assert json.dumps(found["machine"]["command"]) == '"python benchmarks/dense.py"'
