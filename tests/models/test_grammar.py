"""The lectures' notation: what it builds, and what it says about nonsense."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from coursekit.errors import CourseError
from coursekit.models import PatternError, parse, read_pattern
from coursekit.models.grammar import Group, Layer, Maybe, Pattern, Repeat

LOUPPE = "INPUT -> [[CONV -> RELU]*2 -> POOL]*3 -> [FC -> RELU]*2 -> FC"
GENERAL = "INPUT → [[CONV → ReLU]*N → POOL?]*M → [FC → ReLU]*K → FC"


def kinds(model):
    names = {nn.Conv2d: "CONV", nn.ReLU: "ReLU", nn.MaxPool2d: "POOL", nn.Linear: "FC"}
    return [names[type(layer)] for layer in model if not isinstance(layer, nn.Flatten)]


# ---- what it builds


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [  # the lecture's five examples
        ("INPUT -> FC", "FC"),
        ("INPUT -> [FC -> RELU]*2 -> FC", "FC ReLU FC ReLU FC"),
        ("INPUT -> CONV -> RELU -> FC", "CONV ReLU FC"),
        (
            "INPUT -> [CONV -> RELU -> POOL]*2 -> FC -> RELU -> FC",
            "CONV ReLU POOL CONV ReLU POOL FC ReLU FC",
        ),
        (LOUPPE, "CONV ReLU CONV ReLU POOL " * 3 + "FC ReLU FC ReLU FC"),
    ],
)
def test_the_lectures_examples_are_built(pattern, expected):
    model = parse(pattern)
    assert kinds(model) == expected.split()
    assert model(torch.zeros(2, 3, 32, 32)).shape == (2, 10)


def test_channels_double_behind_every_pooling_and_the_last_layer_has_the_scores():
    model = parse(LOUPPE, input_shape=(1, 40, 24), classes=5, width=8, kernel=5, hidden=20)
    convolutions = [m for m in model if isinstance(m, nn.Conv2d)]
    assert [c.weight.shape[:2] for c in convolutions] == [
        *((8, 1), (8, 8), (16, 8), (16, 16), (32, 16), (32, 32)),
    ]
    assert {(c.kernel_size, c.padding) for c in convolutions} == {((5, 5), (2, 2))}
    linear = [m for m in model if isinstance(m, nn.Linear)]
    assert [tuple(m.weight.shape) for m in linear] == [(20, 32 * 5 * 3), (20, 20), (5, 20)]


@pytest.mark.parametrize("optional", [True, False])
def test_letters_and_question_marks_are_filled_in(optional):
    model = parse(GENERAL, times={"N": 2, "M": 3, "K": 0}, optional=optional)
    stage = "CONV ReLU CONV ReLU " + "POOL " * optional
    assert kinds(model) == [*(stage * 3).split(), "FC"]


def test_a_part_of_no_times_is_left_out():
    assert kinds(parse("INPUT -> [CONV -> POOL]*0 -> FC")) == ["FC"]


def test_case_and_spaces_do_not_matter():
    assert read_pattern("input->[Conv→relu]*2\n\t-> fc") == read_pattern(
        "INPUT -> [CONV -> RELU] * 2 -> FC"
    )


# ---- round trips

layers = st.sampled_from(["CONV", "ReLU", "POOL", "FC"]).map(Layer)


def _parts(inner):
    groups = st.lists(inner, min_size=1, max_size=3).map(lambda parts: Group(tuple(parts)))
    items = layers | groups
    times = st.integers(0, 1000) | st.sampled_from(["N", "M", "K", "depth"])
    return items | st.builds(Repeat, items, times) | st.builds(Maybe, items)


patterns = st.lists(st.recursive(layers, _parts, max_leaves=8), max_size=4).map(
    lambda parts: Pattern(tuple(parts))
)


@settings(max_examples=200, deadline=None)
@given(patterns)
def test_a_pattern_written_out_is_read_as_itself(pattern):
    assert read_pattern(str(pattern)) == pattern
    assert str(read_pattern(str(pattern))) == str(pattern)


@settings(max_examples=100, deadline=None)
@given(patterns, st.data())
def test_a_part_stands_as_often_as_it_says(pattern, data):
    times = {name: data.draw(st.integers(0, 3), label=name) for name in ("N", "M", "K", "depth")}
    optional = data.draw(st.booleans())

    def expected(part):
        match part:
            case Layer():
                return [part.kind]
            case Group():
                return [kind for inner in part.parts for kind in expected(inner)]
            case Maybe():
                return expected(part.part) if optional else []
            case Repeat():
                return expected(part.part) * times.get(part.times, part.times)

    letters = {name for name in times if f"*{name}" in str(pattern)}
    try:
        found = pattern.layers({name: times[name] for name in letters}, optional=optional)
    except PatternError as error:
        assert "1000 layers" in str(error)
        return
    assert [layer.kind for layer in found] == expected(Group(pattern.parts))


# ---- nonsense


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="INPUTCOVREL F[]*?->→ 123N\n", max_size=40) | st.text(max_size=20))
def test_any_text_is_read_or_refused_with_a_place_in_it(text):
    try:
        assert str(read_pattern(text)).startswith("INPUT")
    except PatternError as error:
        assert 0 <= error.position <= len(text)
        assert "xpected" in str(error)
        assert str(error).splitlines()[-1].strip() == "^"


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(["CONV", "RELU", "POOL", "FC"]), max_size=9), st.integers(1, 9))
def test_a_chain_is_built_exactly_where_it_makes_sense(chain, size):
    flat = chain.index("FC") if "FC" in chain else len(chain)
    sensible = (
        bool(chain)
        and chain[-1] == "FC"
        and not {"CONV", "POOL"} & set(chain[flat:])
        and size >> chain[:flat].count("POOL") >= 1
    )
    build = {"input_shape": (2, size, size), "width": 2, "hidden": 3}
    pattern = " -> ".join(["INPUT", *chain])
    if sensible:
        model = parse(pattern, **build)
        assert model(torch.zeros(1, 2, size, size)).shape == (1, 10)
    else:
        with pytest.raises(PatternError):
            parse(pattern, **build)


@pytest.mark.parametrize(
    ("pattern", "problem", "place"),
    [
        ("", "Found the end, expected INPUT", 0),
        ("CONV -> FC", "Found 'CONV', expected INPUT", 0),
        ("INPUT CONV", "Found 'CONV', expected -> or the end", 6),
        ("INPUT ->", "Found the end, expected a layer (CONV, RELU, POOL or FC) or [", 8),
        ("INPUT -> CNV -> FC", "Found 'CNV', expected a layer", 9),
        ("INPUT -> [*2", "Found '*', expected a layer", 10),
        ("INPUT -> [] -> FC", "Found ']', expected a layer", 10),
        ("INPUT -> CONV] -> FC", "Found ']', expected -> or the end", 13),
        ("INPUT -> [CONV -> [RELU] -> FC", "This [ is never closed", 9),
        ("INPUT -> [CONV FC]", "Found 'FC', expected -> or ]", 15),
        ("INPUT -> [CONV]* -> FC", "Found '->', expected a number or a letter behind *", 17),
        ("INPUT -> [CONV]*-2 -> FC", "Found '-', expected a number", 16),
        ("INPUT -> CONV*2*3 -> FC", "Found '*', expected -> or the end", 15),
        ("INPUT -> CONV*1001 -> FC", "Found 1001 repetitions, expected at most 1000", 14),
        ("INPUT -> [CONV*900]*2 -> FC", "This makes more than 1000 layers", 19),
        ("INPUT -> CONV*900 -> FC*900", "This makes more than 1000 layers", 0),
        ("INPUT -> [CONV]*N -> FC", "How often is N? Give it a number: times={'N': 2}", 15),
        ("INPUT -> CONV -> INPUT", "Found 'INPUT', expected a layer", 17),
        ("INPUT", "Found no layer, expected FC as the last one", 5),
        ("INPUT -> CONV", "Found CONV as the last layer, expected FC", 9),
        ("INPUT -> FC -> CONV -> FC", "Found CONV behind FC", 15),
        ("INPUT -> [FC -> POOL]*2 -> FC", "Found POOL behind FC", 16),
        ("INPUT -> POOL*6 -> FC", "Found a POOL for an image of 1×1, expected at least 2×2", 9),
        ("INPUT -> CONV\n -> FCC", "Found 'FCC'", 18),
        ("INPUT -> " + "[" * 60 + "FC" + "]" * 60, "Brackets stand 51 deep", 59),
    ],
)
def test_nonsense_is_refused_where_it_stands(pattern, problem, place):
    with pytest.raises(PatternError) as caught:
        parse(pattern)
    assert str(caught.value).startswith(problem)
    assert caught.value.position == place
    *_, line, mark = str(caught.value).splitlines()
    column = mark.index("^") - 2
    before = pattern[:place].rpartition("\n")[2]
    assert line == "  " + pattern.splitlines()[pattern[:place].count("\n")] if pattern else True
    assert column == len(before)


@pytest.mark.parametrize("shape", [(3, 8, 1), (3, 1, 8)])
def test_a_pooling_needs_two_pixels_along_both_axes(shape):
    with pytest.raises(PatternError, match=f"an image of {shape[1]}×{shape[2]}"):
        parse("INPUT -> POOL -> FC", input_shape=shape)


def test_the_mark_stands_below_its_place_behind_a_tab():
    with pytest.raises(PatternError) as caught:
        read_pattern("INPUT ->\tCNV")
    assert str(caught.value).splitlines()[1:] == ["  INPUT ->\tCNV", "          \t^"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"pattern": 3}, "The pattern is 3, expected text"),
        ({"classes": 0}, "classes is 0"),
        ({"width": 0}, "width is 0"),
        ({"hidden": 1.5}, "hidden is 1.5"),
        ({"kernel": 4}, "kernel is 4, expected an odd number"),
        ({"kernel": 0}, "kernel is 0"),
        ({"input_shape": (32, 32)}, r"input_shape is \(32, 32\), expected \(C, H, W\)"),
        ({"input_shape": (3, 0, 32)}, r"input_shape\[1\] is 0"),
        ({"times": {"N": 2}}, "has no N, expected a letter behind"),
        ({"pattern": GENERAL, "times": {"N": -1}}, "N is -1"),
        ({"pattern": GENERAL, "times": {"N": 2.0}}, "N is 2.0"),
    ],
)
def test_other_arguments_out_of_range_are_refused(given, words):
    with pytest.raises(CourseError, match=words):
        parse(**{"pattern": LOUPPE, **given})
