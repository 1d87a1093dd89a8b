"""Answers that are nearly the same: copies are listed however they were dressed up, honest answers are not."""

import csv
import io
import random
import re
import tokenize
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from class_results import code, prose, submission
from honest_answers import HONEST
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from coursekit.chapters import CHAPTERS
from coursekit.grading.reports import likeness
from coursekit.grading.reports.essence import LONGEST, of_code, of_prose
from coursekit.grading.reports.likeness import percent_alike
from coursekit.grading.reports.similarity import (
    MIN_TOKENS,
    MIN_WORDS,
    Alike,
    LikeSolution,
    Published,
    Shared,
    similar,
    similar_csv,
)
from coursekit.paths import course_root
from coursekit.study.evaluate import evaluate
from coursekit.study.reveal import solution_source
from coursekit.study.tasks import all_tasks, find_task
from coursekit.study.verdict import PASSED

STUB = "def slide2d(x, w):\n    # YOUR CODE HERE\n    raise NotImplementedError()\n"
ONE, OTHER = HONEST["2.2"][2], HONEST["2.2"][5]
ESSAY = (
    "A convolution has F free numbers however long the signal is, a full matrix has one for each entry. "
    "That helps where the same thing may occur anywhere, and it hurts where the place itself has a meaning."
)


@cache
def solutions():
    """The published solutions that are long enough to be compared."""
    found = {task.id: solution_source(task) for task in all_tasks() if task.kind == "function"}
    return {name: text for name, text in found.items() if len(of_code(text)) >= MIN_TOKENS}


def named(answers, task=code, task_id="2.2"):
    """One submission for each answer."""
    return [submission(name, task(task_id, answer)) for name, answer in answers.items()]


def listed(*answers, published=None, task=code):
    """Whether two answers, or the first with any of the others, are listed as a pair."""
    found = similar(named({f"s{n}": one for n, one in enumerate(answers)}, task), published or {})
    return [(pair.first, pair.second) for pair in found.pairs]


def renamed(source, seed=0):
    """The same program with other names for everything that it names itself."""
    own = {
        "np",
        "x",
        "w",
        "y",
        "i",
        "j",
        "k",
        "r",
        "c",
        "rows",
        "cols",
        "out",
        "patch",
        "F",
        "H",
        "W",
    }
    own |= {"F_h", "F_w", "dx", "dw", "dy", "ds", "labels", "padded", "turned", "windows", "window"}
    names = random.Random(seed).sample([f"name{n}" for n in range(200)], len(own))
    new = dict(zip(sorted(own), names, strict=True))
    tokens, before = [], ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        text = new.get(token.string, token.string) if before != "." else token.string
        tokens.append((token.type, text))
        before = token.string
    return tokenize.untokenize(tokens)


# --- what a copy can change without thought --------------------------------------------------------------------


DISGUISES = {
    "no change": lambda source: source,
    "other names": renamed,
    "other spaces": lambda source: (
        source.replace("(", "( ").replace(" = ", "  =   ").replace("\n", "  \n\n")
    ),
    "a comment above every line": lambda source: re.sub(
        r"(?m)^( +)(?=\S)", r"\1# step by step\n\1", source
    ),
    "a docstring": lambda source: source.replace(":\n", ':\n    """Mine, all mine."""\n', 1),
    "no docstring and no comments": lambda source: re.sub(r'(?m)^ *(#.*|""".*""")\n', "", source),
    "annotations": lambda source: re.sub(r"^def (\w+)\((\w+)", r"def \1(\2: np.ndarray", source),
    "deeper indentation": lambda source: source.replace("    ", "        "),
    "CRLF": lambda source: source.replace("\n", "\r\n"),
    "signs that cannot be seen": lambda source: source.replace("np", "n\N{ZERO WIDTH SPACE}p"),
    "one more import": lambda source: source.replace(":\n", ":\n    import numpy as np\n", 1),
    "one more line at the end": lambda source: re.sub(
        r"\n( +)return", r"\n\1print(1)\n\1return", source
    ),
    "a helper above": lambda source: "def one(a):\n    return a\n\n" + source,
    "statements on one line": lambda source: re.sub(
        r"(=.*[^:,(\[])\n    (\w+ =)", r"\1; \2", source
    ),
    "an error of syntax": lambda source: source.replace("return", "return (", 1),
}


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES)
@pytest.mark.parametrize("original", [ONE, OTHER], ids=["one", "other"])
def test_a_copy_is_listed_in_every_disguise(original, disguise):
    copy = disguise(original)
    assert listed(original, copy) == [("s0", "s1")]


@pytest.mark.parametrize("name", solutions())
def test_renamed_copies_of_all_long_solutions_are_the_same(name):
    source = solutions()[name]
    assert percent_alike(of_code(source), of_code(renamed(source))) == 100


def test_names_comments_and_layout_leave_nothing_behind():
    plain = "def f(x, w):\n    y = np.zeros(3, dtype='f')\n    return y.T @ x\n"
    dressed = (
        'def g(a: list, b) -> int:\n    """Why."""\n    # because\n    "also a comment"\n'
        '    out = numpy.zeros(\n        3, dtype="f")  # why\n    return out . T @ a'
    )
    assert of_code(plain) == of_code(dressed)
    one_line = plain.replace("\n    return", "; return")
    assert of_code(plain) == of_code(one_line)
    assert of_code(plain) == of_code("async " + plain)
    assert of_code(plain) == of_code(plain.replace("y = ", "y = \\\n").replace("\n", "\r\n"))
    assert of_code(plain) != of_code(plain.replace("zeros", "ones"))
    assert of_code(plain) != of_code(plain.replace("dtype", "order"))
    assert of_code(plain) != of_code(plain.replace("@ x", "@ w"))
    assert of_code(plain) != of_code(plain.replace("3", "4"))
    assert of_code(plain) != of_code(plain.replace("'f'", "'d'"))


def test_one_more_line_at_the_top_does_not_hide_a_copy():
    alike = {}
    for task_id, source in solutions().items():
        more = re.sub(r"\n    (?!.*\"\"\")", "\n    tmp = 0\n    ", source, count=1)
        alike[task_id] = fuzz.ratio(of_code(source), of_code(more))
    assert len(alike) == 51  # a new chapter brings more: look which of them fall below
    assert min(alike.values()) > 85
    assert [task_id for task_id, one in alike.items() if one < 90] == ["3.4", "10.3", "14.4"]


@settings(deadline=None)
@given(st.text(max_size=200) | st.text("def f(x):\n  \"'#[{\\;=.\x00\r", max_size=200))
def test_whatever_a_cell_holds_it_can_be_compared(text):
    answers = {"a": text, "b": text + "\n" + ONE, "c": ONE}
    for task in (code, prose):
        found = similar(named(answers, task), {"2.2": Published(text, text)})
        listing = similar_csv(found)
        assert listing.encode().decode() == listing
        assert listing.lstrip("\ufeff").startswith("what,first,second")


def test_a_megabyte_of_code_is_cut_short():
    assert len(of_code("x = [" * 200_000)) <= LONGEST
    assert len(of_code("x = 1\n" * 200_000)) == LONGEST
    assert len(of_code("def f(" + ", ".join(f"a{n}" for n in range(200_000)))) <= LONGEST


# --- what is not listed ----------------------------------------------------------------------------------------


# by place in HONEST: a person would call these different programs
DIFFERENT = {
    "1.6": (0, 1, 6),
    "2.2": (1, 2, 5, 6),
    "2.5": (0, 2, 3, 5),
    "3.3": (0, 1, 2, 4),
    "3.4": (0, 2, 3),
    "3.6": (0, 2, 3),
    "5.6": (0, 1, 2, 4),
    "6.4": (0, 1, 2),
    "6.7": (0, 2, 3, 5),
}


@pytest.mark.parametrize("task_id", DIFFERENT)
def test_different_honest_implementations_are_not_listed(task_id):
    answers = [HONEST[task_id][place] for place in DIFFERENT[task_id]]
    assert all(len(of_code(one)) >= MIN_TOKENS for one in answers)
    assert listed(*answers) == []


@pytest.mark.parametrize("task_id", HONEST)
def test_the_honest_answers_are_right(task_id):
    task = find_task(task_id)
    for answer in HONEST[task_id]:
        names = {"np": np}
        exec(HONEST["2.2"][0] + answer, names)  # some use what they wrote for task 2.2
        assert evaluate(task, names[task.name]).status == PASSED, answer


def test_the_evidence_for_the_shortest_answer():
    published = {task.id: solution_source(task) for task in all_tasks()}
    pairs = {True: [], False: []}
    for task_id, answers in HONEST.items():
        essences = [of_code(one) for one in (*answers, published[task_id])]
        for one, other in combinations(essences, 2):
            long_enough = min(len(one), len(other)) >= MIN_TOKENS
            pairs[long_enough].append(percent_alike(one, other))
    assert {
        long_enough: (len(alike), sum(map(bool, alike)), alike.count(100))
        for long_enough, alike in pairs.items()
    } == {False: (239, 19, 8), True: (142, 6, 0)}


def test_short_right_answers_are_not_listed():
    short = HONEST["6.3"][0]
    assert len(of_code(short)) < MIN_TOKENS
    assert listed(short, short) == []


def test_a_line_more_or_less_decides_at_the_minimum():
    lines = "".join(f"    a{n} = b{n} * {n}\n" for n in range(MIN_TOKENS // 5))
    assert len(of_code("def f(x):\n" + lines)) == MIN_TOKENS
    assert listed(*["def f(x):\n" + lines] * 2) == [("s0", "s1")]
    assert listed(*["def f(x):\n" + lines.replace(" * 0", "")] * 2) == []


def test_unchanged_stubs_are_not_listed():
    stub = STUB + "".join(f"\ny{n} = x[{n}]" for n in range(20))
    assert listed(stub, stub) == [("s0", "s1")]
    assert listed(stub, stub, published={"2.2": Published(stub, "")}) == []
    essay = " ".join(["Write your answer here."] * 10)
    assert listed(essay, essay, task=prose) == [("s0", "s1")]
    assert listed(essay, essay, task=prose, published={"2.2": Published(essay, "")}) == []


def test_submissions_without_answers_are_left_out():
    results = [submission("a", state="missing"), submission("b", state="unreadable")]
    assert similar(results, {}).pairs == ()
    assert similar([], {}).pairs == ()
    assert listed("", "") == []


# --- written answers -------------------------------------------------------------------------------------------


def test_written_answers_are_compared_as_words():
    dressed = ESSAY.upper().replace(" ", "\n  ").replace(",", " -").replace("THE PLACE", "a place")
    assert listed(ESSAY, dressed, task=prose) == [("s0", "s1")]
    own = (
        "With a matrix every output has weights of its own, so there are many to learn. Sharing the kernel means "
        "fewer of them, which is good for pictures and bad for tables whose columns mean different things."
    )
    assert listed(ESSAY, own, task=prose) == []


def test_a_short_written_answer_is_not_listed():
    short = " ".join(ESSAY.split()[: MIN_WORDS - 1])
    assert len(of_prose(short)) == MIN_WORDS - 1
    assert listed(short, short, task=prose) == []


# --- what many share, and what is published --------------------------------------------------------------------


def distinct(count):
    """Answers of which no two are alike."""
    draw = random.Random(3)
    return [
        "def f(x):\n"
        + "".join(
            f"    a = x[{draw.randrange(10**6)}] @ {draw.randrange(10**6)}\n" for _ in range(12)
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("size", "sharing", "pairs"), [(8, 8, 28), (9, 3, 3), (9, 4, 0), (12, 4, 6), (12, 5, 0)]
)
def test_what_more_than_a_third_share_is_one_line(size, sharing, pairs):
    answers = [ONE] * sharing + distinct(size - sharing)
    found = similar(named({f"s{n:02}": one for n, one in enumerate(answers)}), {})
    assert len(found.pairs) == pairs
    names = tuple(f"s{n:02}" for n in range(sharing))
    assert found.shared == (() if pairs else (Shared("2.2", names, size, False),))


def test_what_more_than_thirty_share_is_one_line_in_a_large_class_too():
    answers = [ONE] * 31 + [OTHER] * 30 + distinct(60)
    found = similar(named({f"s{n:03}": one for n, one in enumerate(answers)}), {})
    assert [len(one.students) for one in found.shared] == [31]
    assert len(found.pairs) == 435
    assert {one.tasks[0].shared_by for one in found.pairs} == {30}


def test_a_chain_of_answers_that_are_alike_one_by_one_is_one_group():
    lines = [f"    a = x[{n}] @ {n}\n" for n in range(30)]
    chain = ["def f(x):\n" + "".join(lines[n : n + 20]) for n in range(6)]
    found = similar(named(dict(zip("abcdef", chain, strict=True))), {})
    assert ("a", "b") in {(one.first, one.second) for one in found.pairs}
    assert ("a", "f") not in {(one.first, one.second) for one in found.pairs}
    assert {one.tasks[0].shared_by for one in found.pairs} == {6}


def test_what_is_like_the_published_solution_is_its_own_remark():
    published = {"2.2": Published(STUB, solutions()["2.2"])}
    copy, other = published["2.2"].solution, renamed(published["2.2"].solution)
    found = similar(named({"ada": copy, "ben": other, "cem": ONE, "dan": renamed(ONE)}), published)
    assert [(one.first, one.second) for one in found.pairs] == [("cem", "dan")]
    assert found.like_solution == (
        LikeSolution("ada", (Alike("2.2", 100, True, 2),)),
        LikeSolution("ben", (Alike("2.2", 100, False, 2),)),
    )


def test_the_published_solution_that_many_share_is_one_line():
    published = {"2.2": Published(STUB, solutions()["2.2"])}
    answers = [published["2.2"].solution] * 4 + distinct(5)
    found = similar(named({f"s{n}": one for n, one in enumerate(answers)}), published)
    assert found.shared == (Shared("2.2", ("s0", "s1", "s2", "s3"), 9, True),)
    assert (found.pairs, found.like_solution) == ((), ())


# --- the listing -----------------------------------------------------------------------------------------------


def some_class():
    def of(student, *answers):
        essays = {"a": ESSAY, "d": ESSAY.upper()}
        tasks = [code(f"2.{n}", one) for n, one in enumerate(answers, 9)]
        return submission(student, *tasks, prose("2.8", essays.get(student, "")))

    return [
        of("a", ONE, OTHER),
        of("b", ONE, HONEST["5.6"][0]),
        of("c", renamed(HONEST["6.4"][0]), HONEST["5.6"][4]),
        of("d", HONEST["6.4"][0], renamed(OTHER)),
        of("=e", HONEST["6.4"][0] + "\n", HONEST["5.6"][0]),
        submission("f", state="missing"),
    ]


def test_pairs_with_many_tasks_alike_stand_first_then_those_with_the_same_text():
    found = similar(some_class(), {})
    assert [(one.first, one.second, [task.task for task in one.tasks]) for one in found.pairs] == [
        ("a", "d", ["2.8", "2.10"]),
        ("=e", "b", ["2.10"]),
        ("a", "b", ["2.9"]),
        ("=e", "d", ["2.9"]),
        ("=e", "c", ["2.9"]),
        ("c", "d", ["2.9"]),
    ]
    assert found.pairs[0].tasks[0] == Alike("2.8", 100, False, 2)
    assert found.pairs[-1].tasks == (Alike("2.9", 100, False, 3),)


def test_within_a_pair_and_a_task_names_stand_in_the_order_of_the_class():
    longer = ONE.replace("return", "print(1)\n    return")
    assert [
        (one.first, one.second) for one in similar(named({"a": longer, "b": ONE}), {}).pairs
    ] == [("a", "b")]
    one, other = (
        HONEST["2.2"][1],
        HONEST["2.2"][5],
    )  # the shorter one belongs to those who come last
    answers = [other, other + "\nprint(1)", other, other, *[one] * 4]
    found = similar(named({f"s{n}": answer for n, answer in enumerate([*answers, ""])}), {})
    assert [group.students for group in found.shared] == [
        ("s0", "s1", "s2", "s3"),
        ("s4", "s5", "s6", "s7"),
    ]


def test_who_is_like_the_published_solution_in_many_tasks_stands_first():
    published = {name: Published("", text) for name, text in solutions().items()}
    both = [code(name, published[name].solution) for name in ("2.2", "2.5")]
    found = similar([submission("a", both[0]), submission("b", *both)], published)
    assert [(one.student, len(one.tasks)) for one in found.like_solution] == [("b", 2), ("a", 1)]


def test_percents_are_rounded_down_so_that_100_means_no_difference():
    changed = ONE.replace("patch * w", "patch * -w")
    assert 99.5 < fuzz.ratio(of_code(ONE), of_code(changed)) < 100
    (pair,) = similar(named({"a": ONE, "b": changed}), {}).pairs
    assert pair.tasks == (Alike("2.2", 99, False, 2),)


def test_the_order_of_the_results_does_not_matter():
    results = some_class()
    wanted = similar(results, {})
    for seed in range(5):
        random.Random(seed).shuffle(results)
        assert similar(results, {}) == wanted


def test_the_listing_says_what_is_alike_and_accuses_nobody():
    published = {"2.10": Published("", solutions()["5.6"])}
    results = some_class() + [
        submission(
            f"g{n}", code("2.9", HONEST["6.7"][0]), code("2.10", solutions()["5.6"] * (n < 1))
        )
        for n in range(4)
    ]
    text = similar_csv(similar(results, published))
    rows = list(csv.DictReader(io.StringIO(text[1:], newline="")))
    assert rows[0] == {
        "what": "alike",
        "first": "a",
        "second": "d",
        "tasks alike": "2",
        "tasks": "task 2.8 (100 %), task 2.10 (100 %)",
        "who shares it": "",
    }
    assert rows[-2]["what"] == "like the published solution"
    assert (rows[-2]["first"], rows[-2]["tasks"]) == ("g0", "task 2.10 (same text)")
    assert rows[-1]["what"] == "shared by many"
    assert (rows[-1]["tasks"], rows[-1]["who shares it"]) == ("task 2.9", "4 of 9: g0, g1, g2, g3")
    assert {row["first"] for row in rows if row["first"].endswith("e")} == {"'=e"}
    assert not re.search("cheat|plagiar|copied|copy|suspect|fraud|guilty", text, re.I)


def test_nothing_alike_leaves_a_listing_of_nothing():
    assert similar_csv(similar([], {})).splitlines() == [
        "\ufeffwhat,first,second,tasks alike,tasks,who shares it"
    ]


# --- a large class ---------------------------------------------------------------------------------------------


def test_comparing_in_blocks_gives_the_same_groups(monkeypatch):
    draw = random.Random(4)
    lines = [f"    a = x[{n}] @ {n}\n" for n in range(40)]
    answers = {
        f"s{n:02}": "def f(x):\n" + "".join(lines[(k := draw.randrange(20)) : k + 15 + k % 5])
        for n in range(60)
    }
    wanted = similar(named(answers), {})
    assert wanted.pairs or wanted.shared
    for size in (1, 7):
        monkeypatch.setattr(likeness, "BLOCK", size)
        assert similar(named(answers), {}) == wanted


def test_the_order_of_five_hundred_submissions_does_not_matter():
    draw = random.Random(5)
    tasks = ["1.6", "2.2", "2.5", "3.3", "3.6", "5.6", "6.4", "6.7"]

    def own(task_id):
        lines = draw.choice(HONEST[task_id]).splitlines()
        for _ in range(draw.randrange(1, 6)):
            line = f"    v{draw.randrange(99)} = {draw.choice(['max', 'min'])}({draw.random()}, {draw.random()})"
            lines.insert(draw.randrange(1, len(lines)), line)
        return "\n".join(lines)

    results = [submission(f"s{n:03}", *(code(one, own(one)) for one in tasks)) for n in range(500)]
    assert similar(results, {}) == similar(results[::-1], {})


def test_every_chapter_has_solutions_to_hold_answers_against():
    numbers = {one.number for one in CHAPTERS if (course_root() / one.solutions).is_file()}
    assert {int(name.split(".")[0]) for name in solutions()} == numbers
