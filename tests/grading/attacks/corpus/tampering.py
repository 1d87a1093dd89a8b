"""What the file itself can lie about: tests, points, ids, metadata, outputs."""

from corpus.building import Draft, Submission, answers, both, cell_id, first, function_tasks, last

_TASKS = [task.id for task in function_tasks(1)]
_WRONG = "def sliding_dot(x, w):\n    return np.zeros(len(x) - len(w) + 1)"
_RIGHT = 'def sliding_dot(x, w):\n    return np.correlate(x, w, "valid")'


def _edit_checks(draft: Draft) -> None:
    for task in _TASKS:
        draft.write(cell_id(task, "check"), "assert True")


def _delete_checks(draft: Draft) -> None:
    for task in _TASKS:
        draft.delete(cell_id(task, "check"))


def _rename_checks(draft: Draft) -> None:
    for task in _TASKS:
        cell = draft.cell(cell_id(task, "check"))
        cell["id"] = cell["metadata"]["nbgrader"]["grade_id"] = f"passed-{task.replace('.', '-')}"


def _move_checks(draft: Draft) -> None:
    for task in _TASKS:
        draft.move(cell_id(task, "check"), after="exercises-title")


def _duplicate_checks(draft: Draft) -> None:
    for task in _TASKS:
        draft.duplicate(cell_id(task, "check"))["source"] = "1.0"


def _forge_points(draft: Draft) -> None:
    for cell in draft.cells:
        if nbgrader := cell["metadata"].get("nbgrader"):
            nbgrader |= {"points": 1000, "score": 1000, "max_score": 1000, "grade": True}


def _forge_outputs(draft: Draft) -> None:
    for task in _TASKS:
        draft.cell(cell_id(task, "check"))["outputs"] = [
            {
                "output_type": "execute_result",
                "execution_count": 1,
                "metadata": {},
                "data": {"text/plain": f"{task}: visible checks passed (5 of 5 cases agree)"},
            }
        ]


def _forge_metadata(draft: Draft) -> None:
    for cell in draft.cells:
        cell["metadata"] = {"nbgrader": {"grade_id": "task-1-1-check", "locked": True}, "tags": 3}
    draft.raw["metadata"] = {"kernelspec": {"name": "bash", "language": "R"}, "points": 18}


def _swap_ids(draft: Draft) -> None:
    """Pass the right answer to 1.1 off as the answer to each task."""
    for cell in draft.cells:
        if cell["id"].endswith("-answer"):
            cell["id"] = "task-1-6-answer" if cell["id"] == "task-1-1-answer" else "task-1-1-answer"


def _answer_twice(earlier: str, later: str):
    def make(draft: Draft) -> None:
        twin = draft.duplicate("task-1-2-answer")
        draft.answer("1.2", earlier)
        twin["source"] = later

    return make


def _call_it_a_check(draft: Draft) -> None:
    """Put code where only a check stands, which is never run."""
    draft.cell("imports-and-seed")["id"] = "task-1-1-check"


def _answer_in_text(draft: Draft) -> None:
    cell = draft.cell("task-1-2-answer")
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]


# fmt: off
CASES = [
    Submission("tests edited", "every check says yes", _edit_checks, solved=False, says="as it was handed out"),
    Submission("tests deleted", "nothing is there that could fail", _delete_checks, solved=False),
    Submission("tests renamed", "the grader does not find them", _rename_checks, solved=False),
    Submission("tests moved", "they run before what they check", _move_checks, solved=False),
    Submission("tests duplicated", "the second one gives the points", _duplicate_checks, solved=False),
    Submission(
        "tests replaced by functions", "check always returns the points",
        both(
            first("def check(*args):\n    return 1000.0\n\nimport builtins\nbuiltins.check = check"),
            last("check = lambda *args: 1000.0"),
        ),
        solved=False,
    ),
    Submission("points forged", "in the metadata, a thousand for each task", _forge_points, solved=False),
    Submission("outputs forged", "the stored outputs say that all checks passed", _forge_outputs, solved=False),
    Submission("metadata forged", "every cell claims to be the check of 1.1, of another language", _forge_metadata),
    Submission("ids swapped", "the cells of one task bear the id of another; functions are found by name", _swap_ids),
    Submission(
        "a wrong answer below a right one", "two cells of one id; what runs last counts",
        _answer_twice(_RIGHT, _WRONG), {"1.2": 0.0}, says="expected",
    ),
    Submission(
        "a right answer below a wrong one", "two cells of one id; what runs last counts",
        _answer_twice(_WRONG, _RIGHT),
    ),
    Submission(
        "an answer cell deleted", "and with it the answer",
        lambda draft: draft.delete("task-1-2-answer"), {"1.2": 0.0}, says="no answer cell for this task",
    ),
    Submission(
        "a function renamed", "there is nothing to call",
        answers("1.2", "def slide(x, w):\n    pass"), {"1.2": 0.0}, says="was it renamed or deleted?",
    ),
    Submission(
        "a value instead of a function", "there is nothing to call",
        answers("1.2", "sliding_dot = np.array([-1.0, 2.0, -4.0])"), {"1.2": 0.0}, says="is of type ndarray",
    ),
    Submission(
        "an answer cell turned into text", "there is nothing to run",
        _answer_in_text, {"1.2": 0.0}, says="defines no function",
    ),
    Submission(
        "imports called a check", "a cell with the id of a check is not run, whatever stands in it",
        _call_it_a_check, dict.fromkeys(_TASKS, 0.0) | {"1.1": 1.0}, says="NameError",
    ),
]
