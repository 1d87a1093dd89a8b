"""Which submissions have answers that are nearly the same: a listing for the teacher, not a finding.

Answers can be alike for many reasons: two people worked together where that was allowed, both had the same
source, or the question has one natural answer. The last is frequent, and the listing is made for it:

- Answers shorter than `MIN_TOKENS` are left out. Among right answers to 25 tasks of chapters 1 to 6, written in
  the ways that different people write them, 19 of 239 pairs with less than 60 tokens were 90 % alike and 8 the
  same to the token; of 142 longer pairs 6 and none.
- So one answer alike says little even then. Pairs with several stand first.
- An answer that many share says nothing about any two of them. It becomes one line.
- What is alike to the published solution, which `solution` shows to everybody, is listed as that.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from coursekit.grading.reports import essence
from coursekit.grading.reports.likeness import Tokens, connected, percent_alike
from coursekit.grading.reports.manual import order
from coursekit.grading.reports.points import is_written
from coursekit.grading.reports.sheet import shortened, table, task_name
from coursekit.grading.result import Result

MIN_TOKENS = 60
"""Of code, without the heads of functions."""

MIN_WORDS = 20
"""Of prose: what two people write about the same question in their own words differs long before."""

SMALL_CLASS = 9
"""From so many submissions on, an answer that more than a third of them share is listed in one line."""

MOST_PAIRED = 30
"""And so is one that more than 30 share: 30 are 435 pairs already."""


@dataclass(frozen=True)
class Published:
    """What everybody has been given for a task.

    Args:
        stub: the answer's cell as released.
        solution: the answer's cell with the solution.
    """

    stub: str
    solution: str


@dataclass(frozen=True)
class Alike:
    """One task in which two submissions, or a submission and the published solution, are alike.

    Args:
        task: its id.
        percent: 90 to 100, rounded down; 100 is the same but for names, comments and layout.
        same_text: the same to the letter, comments and names included, whatever the spaces.
        shared_by: how many submissions have this answer or one alike.
    """

    task: str
    percent: int
    same_text: bool
    shared_by: int


@dataclass(frozen=True)
class Pair:
    """Two submissions that are alike in some tasks."""

    first: str
    second: str
    tasks: tuple[Alike, ...]


@dataclass(frozen=True)
class LikeSolution:
    """A submission that is like the published solution in some tasks."""

    student: str
    tasks: tuple[Alike, ...]


@dataclass(frozen=True)
class Shared:
    """An answer that many submissions share.

    Args:
        task: its id.
        students: who has it or one alike.
        of: how many submissions there are.
        published: the published solution is one of them.
    """

    task: str
    students: tuple[str, ...]
    of: int
    published: bool


@dataclass(frozen=True)
class Similarity:
    """What is alike in a class, the most remarkable first."""

    pairs: tuple[Pair, ...]
    like_solution: tuple[LikeSolution, ...]
    shared: tuple[Shared, ...]


def similar(results: Iterable[Result], published: Mapping[str, Published]) -> Similarity:
    """Compare the answers of a class, task by task, each with each.

    The same results give the same listing, in whatever order they come.

    Args:
        results: what was graded; those without answers are left out.
        published: by id of the task; unchanged stubs are left out, solutions are recognized.
    """
    readable = sorted(
        (result for result in results if result.tasks), key=lambda one: order(one.student, "")
    )
    answers: dict[str, dict[str, str]] = defaultdict(dict)  # by task, then by student
    written = set()
    for result in readable:
        for task in result.tasks:
            answers[task.id][result.student] = task.answer
            if is_written(task):
                written.add(task.id)
    pairs: dict[tuple[str, str], list[Alike]] = defaultdict(list)
    like_solution: dict[str, list[Alike]] = defaultdict(list)
    shared: list[Shared] = []
    most = _most_paired(len(readable))
    for task_id in sorted(answers, key=lambda one: order("", one)):
        one = _Task(task_id, answers[task_id], published.get(task_id), task_id in written)
        for group, with_solution in one.groups():
            if len(group) > most:
                shared.append(Shared(task_id, tuple(group), len(readable), with_solution))
                continue
            for first, second in combinations(group, 2):
                if alike := one.alike(first, second, len(group)):
                    pairs[first, second].append(alike)
            for student in group if with_solution else ():
                if alike := one.like_solution(student, len(group)):
                    like_solution[student].append(alike)
    return Similarity(
        tuple(sorted((Pair(*names, tuple(tasks)) for names, tasks in pairs.items()), key=_rank)),
        tuple(
            sorted(
                (LikeSolution(name, tuple(tasks)) for name, tasks in like_solution.items()),
                key=lambda one: (-len(one.tasks), order(one.student, "")),
            )
        ),
        tuple(shared),
    )


def similar_csv(similarity: Similarity) -> str:
    """Return the listing as CSV: pairs first, those with the most tasks alike on top."""
    rows = [
        ("alike", pair.first, pair.second, str(len(pair.tasks)), _said(pair.tasks), "")
        for pair in similarity.pairs
    ]
    rows += [
        ("like the published solution", one.student, "", str(len(one.tasks)), _said(one.tasks), "")
        for one in similarity.like_solution
    ]
    for group in similarity.shared:
        what = "published solution, shared by many" if group.published else "shared by many"
        note = f"{len(group.students)} of {group.of}: {', '.join(group.students)}"
        rows.append((what, "", "", "1", task_name(group.task), shortened(note)))
    return table([("what", "first", "second", "tasks alike", "tasks", "who shares it"), *rows])


def _said(tasks: Sequence[Alike]) -> str:
    """Return "task 1.6 (93 %), task 1.7 (same text)"."""
    return ", ".join(
        f"{task_name(one.task)} ({'same text' if one.same_text else f'{one.percent} %'})"
        for one in tasks
    )


def _rank(pair: Pair) -> tuple[object, ...]:
    """Return what to sort pairs by: many tasks, the same text, and answers that few others have."""
    return (
        -len(pair.tasks),
        -sum(one.same_text for one in pair.tasks),
        sum(one.shared_by for one in pair.tasks) / len(pair.tasks),
        order(pair.first, ""),
        order(pair.second, ""),
    )


def _most_paired(submissions: int) -> int:
    """Return how many submissions may share an answer that is listed pair by pair."""
    if submissions < SMALL_CLASS:
        return submissions
    return min(submissions // 3, MOST_PAIRED)


class _Task:
    """The answers to one task."""

    def __init__(
        self, task_id: str, answers: Mapping[str, str], published: Published | None, written: bool
    ) -> None:
        reduce = essence.of_prose if written else essence.of_code
        least = MIN_WORDS if written else MIN_TOKENS
        essences = {text: reduce(text) for text in set(answers.values())}
        stub = reduce(published.stub) if published else ()
        self._id = task_id
        self._answers = answers
        self._tokens = {
            student: essences[text]
            for student, text in answers.items()
            if len(essences[text]) >= least and essences[text] != stub
        }
        self._solution = published.solution if published else ""
        self._solution_tokens = reduce(self._solution)

    def groups(self) -> list[tuple[list[str], bool]]:
        """Return who is alike, directly or through others, and whether the published solution is among them."""
        students: dict[Tokens, list[str]] = {self._solution_tokens: []}
        for student, tokens in self._tokens.items():
            students.setdefault(tokens, []).append(student)
        place = {student: number for number, student in enumerate(self._tokens)}
        groups = []
        for group in connected(list(students)):
            members = [student for tokens in group for student in students[tokens]]
            if members:
                members.sort(key=place.__getitem__)
                groups.append((members, self._solution_tokens in group))
        return sorted(groups, key=lambda group: place[group[0][0]])

    def alike(self, first: str, second: str, shared_by: int) -> Alike | None:
        """Return how two submissions are alike; None where they are not, or both are like the solution."""
        one, other = self._tokens[first], self._tokens[second]
        percent = percent_alike(one, other)
        if not percent or (self._is_published(one) and self._is_published(other)):
            return None
        same = _text(self._answers[first]) == _text(self._answers[second])
        return Alike(self._id, percent, same, shared_by)

    def like_solution(self, student: str, shared_by: int) -> Alike | None:
        """Return how a submission is like the published solution, None where it is not."""
        percent = percent_alike(self._tokens[student], self._solution_tokens)
        same = _text(self._answers[student]) == _text(self._solution)
        return Alike(self._id, percent, same, shared_by) if percent else None

    def _is_published(self, tokens: Tokens) -> bool:
        return percent_alike(tokens, self._solution_tokens) > 0


def _text(answer: str) -> str:
    return " ".join(answer.split())
