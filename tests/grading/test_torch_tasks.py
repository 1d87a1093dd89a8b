"""Tasks that are written in torch: tensors go in and come back, and what only looks like a tensor gains nothing."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace

import nbformat.v4
import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from coursekit.grading.conversation import Limits
from coursekit.grading.grader import NOT_YOUR_OWN, Grader
from coursekit.grading.inside.codec import CodecError, decode, encode
from coursekit.grading.plan import as_message
from coursekit.grading.result import CRASHED, GRADED, Result, TaskResult
from coursekit.grading.sandbox import user_id
from coursekit.grading.submission import parse_submission
from coursekit.study.calling import Called
from coursekit.study.evaluate import draw_cases, evaluate, judge
from coursekit.study.task import Case, Misconception, Task

SEED = 7


def smooth_loss(s, labels, eps=0.0):
    return cross_entropy(s, labels, label_smoothing=eps)


def loss_cases(rng: np.random.Generator) -> list[Case]:
    s = [torch.from_numpy(rng.normal(size=(n, 5)).astype("f4")) for n in (1, 4)]
    labels = [torch.from_numpy(rng.integers(0, 5, len(one))) for one in s]
    return [
        Case(one, {"eps": e})
        for one, e in zip(zip(s, labels, strict=True), (0.1, 0.3), strict=True)
    ]


LOSS = Task(
    id="12.1",
    title="Smoothed labels",
    points=2,
    minutes=5,
    difficulty=1,
    name="answer",
    returns=("loss",),
    cases=loss_cases,
    reference=smooth_loss,
    misconceptions=(
        Misconception(
            "not smoothed", "Where is eps?", lambda s, labels, eps: cross_entropy(s, labels)
        ),
    ),
    hints=(),
    rtol=1e-5,
    uses_torch=True,
)


def pad_and_slope(x, w, *, padding, mask=None):
    """Take a tuple and a tensor as options, and a tensor that keeps account of its gradient."""
    y = torch.nn.functional.pad(x, padding) * (1 if mask is None else mask)
    (slope,) = torch.autograd.grad((w**2).sum(), w)
    return y, slope


def slope_cases(rng: np.random.Generator) -> list[Case]:
    x = torch.from_numpy(rng.normal(size=(2, 3)))
    w = torch.from_numpy(rng.normal(size=4)).requires_grad_()
    mask = torch.from_numpy(rng.random((2, 6)) < 0.5)
    return [Case((x, w), {"padding": (1, 2)}), Case((x, w), {"padding": (0, 3), "mask": mask})]


SLOPE = replace(
    LOSS,
    returns=("y", "slope"),
    cases=slope_cases,
    reference=pad_and_slope,
    misconceptions=(),
)
CLAMP = replace(
    LOSS,
    returns=("y",),
    cases=lambda rng: [Case((torch.from_numpy(rng.normal(size=(3, 4))),))],
    reference=lambda x: x.clamp(min=0),
    misconceptions=(),
)
IN_NUMPY = replace(
    CLAMP,
    cases=lambda rng: [Case((rng.normal(size=(3, 4)), 0.5))],
    reference=lambda x, low: np.maximum(x, low),
    uses_torch=False,
)

RIGHT_LOSS = """
import torch
def ANSWER(s, labels, eps):
    logp = s.log_softmax(1)
    picked = logp[torch.arange(len(labels)), labels]
    return -((1 - eps) * picked + eps * logp.mean(1)).mean()
"""
RIGHT_SLOPE = """
def ANSWER(x, w, padding, mask=None):
    assert type(padding) is tuple
    y = torch.zeros(len(x), sum(padding) + x.shape[1], dtype=x.dtype)
    y[:, padding[0] : padding[0] + x.shape[1]] = x
    if mask is not None:
        y = y * mask
    (w ** 2).sum().backward()
    return y, w.grad
"""

# what is written for a task; before it is graded, ANSWER becomes a name of its own
HONEST = {
    "without importing torch": (CLAMP, "def ANSWER(x): return x.clamp(min=0)"),
    "right": (LOSS, RIGHT_LOSS),
    "keeps account of a gradient": (SLOPE, RIGHT_SLOPE),
    "not smoothed": (
        LOSS,
        "def ANSWER(s, labels, eps): return torch.nn.functional.cross_entropy(s, labels)",
    ),
    "a number": (LOSS, RIGHT_LOSS.replace(".mean()\n", ".mean().item()\n")),
    "an array": (CLAMP, "def ANSWER(x): return x.clamp(min=0).numpy()"),
    "one row": (CLAMP, "def ANSWER(x): return x.clamp(min=0)[0]"),
    "in place": (CLAMP, "def ANSWER(x): return x.clamp_(min=0)"),
    "too few digits": (CLAMP, "def ANSWER(x): return x.clamp(min=0).bfloat16()"),
    "sparse": (CLAMP, "def ANSWER(x): return x.clamp(min=0).to_sparse()"),
    "with a gradient": (CLAMP, "def ANSWER(x): return x.clone().requires_grad_().clamp(min=0)"),
    "a type": (CLAMP, "def ANSWER(x): return x.dtype"),
    "a size": (CLAMP, "def ANSWER(x): return x.shape"),
    "raises": (CLAMP, "def ANSWER(x): return x @ x"),
    "torch for NumPy": (
        IN_NUMPY,
        "import torch\ndef ANSWER(x, low): return torch.from_numpy(x).clamp(min=low).numpy()",
    ),
    "NumPy for NumPy": (
        IN_NUMPY,
        "import numpy as np\ndef ANSWER(x, low): return np.maximum(x, low)",
    ),
}
CHEATS = {
    "a class that agrees with everything": """
import torch
class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return True
    def __eq__(self, other): return True
    def numpy(self, force=False): return self
def ANSWER(x): return x.as_subclass(Liar)
""",
    "a class that is called Tensor": """
class Tensor:
    __module__ = "torch"
    def detach(self): return self
    def __eq__(self, other): return True
def ANSWER(x): return Tensor()
""",
    "the course's own function": """
from coursekit.reference.activations import relu_forward
def ANSWER(x): return torch.tensor(relu_forward(x.numpy())[0])
""",
    "the module of the answer": """
import sys
def ANSWER(x): return sys.modules["coursekit.study.tasks"].reference(x)
""",
    "torch bent": """
torch.equal = torch.allclose = torch.Tensor.__eq__ = torch.Tensor.all = lambda *args, **options: True
torch.Tensor.numpy = lambda self, force=False: __import__("numpy").zeros(self.shape)
def ANSWER(x): return x
""",
    "torch replaced": """
import sys, types
sys.modules["torch"] = types.SimpleNamespace(Tensor=object)
def ANSWER(x): return x
""",
}


def notebook(sources: dict[str, str]) -> bytes:
    """Return a notebook with one cell for each answer, as a file's bytes."""
    cells = [nbformat.v4.new_code_cell(source, id=name) for name, source in sources.items()]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()


def grade(answers: dict[str, tuple[Task, str]]) -> tuple[Result, dict[str, TaskResult]]:
    """Grade one submission with an answer for each task, and return what came of each."""
    tasks, sources = [], {}
    for k, (what, (task, source)) in enumerate(answers.items(), 1):
        tasks.append(replace(task, id=f"12.{k}", title=what, name=f"answer_{k}"))
        sources[f"{tasks[-1].slug}-answer"] = source.replace("ANSWER", tasks[-1].name)
    grader = Grader(12, tuple(tasks), SEED, Limits())
    result = grader.grade("anna", notebook(sources), "anna.ipynb", user_id(9))
    return result, {one.title: one for one in result.tasks}


@pytest.fixture(scope="module")
def honest() -> tuple[Result, dict[str, TaskResult]]:
    return grade(HONEST)


@pytest.fixture(scope="module")
def cheats() -> tuple[Result, dict[str, TaskResult]]:
    return grade({what: (CLAMP, source) for what, source in CHEATS.items()})


def test_a_submission_in_torch_is_graded_to_its_end(honest):
    assert honest[0].state == GRADED
    assert honest[0].notes == ()


@pytest.mark.parametrize(
    "what",
    [
        "right",
        "without importing torch",
        "keeps account of a gradient",
        "with a gradient",
        "sparse",
        "NumPy for NumPy",
    ],
)
def test_right_answers_get_all_points(honest, what):
    one = honest[1][what]
    assert (one.status, one.points) == ("passed", 2)


@pytest.mark.parametrize(
    ("what", "status", "sentence"),
    [
        ("a number", "wrong type", "loss is a float, expected a torch tensor."),
        ("an array", "wrong type", "y is a NumPy array, expected a torch tensor."),
        ("a size", "wrong type", "expected a torch tensor."),
        ("a type", "wrong type", "y is a dtype, expected a torch tensor."),
        ("one row", "wrong shape", "y has shape (4,), expected (3, 4)."),
        ("too few digits", "wrong value", "expected"),
        ("in place", "changed its input", "so work on a copy: `x.clone()`."),
        ("raises", "raised", "your code raised RuntimeError: mat1 and mat2 shapes"),
    ],
)
def test_wrong_answers_get_none_and_a_sentence(honest, what, status, sentence):
    one = honest[1][what]
    assert (one.status, one.points) == (status, 0)
    assert sentence in one.sentences[0]


def test_a_known_mistake_is_named(honest):
    one = honest[1]["not smoothed"]
    assert one.misconception == "not smoothed"
    assert one.sentences[-1] == "Where is eps?"


def test_a_task_in_numpy_beside_them_refuses_torch(honest):
    assert honest[1]["torch for NumPy"].status == NOT_YOUR_OWN
    assert honest[1]["torch for NumPy"].points == 0


@pytest.mark.parametrize("what", CHEATS)
def test_cheats_gain_nothing(cheats, what):
    assert cheats[1][what].points == 0


def test_cheats_are_told_what_they_are(cheats):
    found = {what: one.status for what, one in cheats[1].items()}
    assert found["the course's own function"] == NOT_YOUR_OWN
    assert found["a class that is called Tensor"] == "wrong type"


def test_a_cheat_spoils_its_own_task_only(cheats):
    states = {what: one.state for what, one in cheats[1].items()}
    assert states == {what: CRASHED if what == "torch replaced" else GRADED for what in CHEATS}


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (lambda x: x.clamp(min=0), "passed"),
        (lambda x: x.clamp(min=0).to_sparse(), "passed"),
        (lambda x: x.clamp(min=0).bfloat16(), "wrong value"),
        (lambda x: x.clamp_(min=0), "changed its input"),
        (lambda x: x.shape, "wrong type"),
    ],
)
def test_check_says_the_same(answer: Callable, status):
    assert evaluate(CLAMP, answer, SEED).status == status


def test_an_argument_that_holds_nan_and_stays_as_it_was():
    task = replace(CLAMP, cases=lambda rng: [Case((torch.tensor([np.nan, 1.0]),))])
    assert "changed" not in evaluate(task, lambda x: torch.tensor([0.0, 1.0])).status


@pytest.mark.parametrize(
    "tensor",
    [
        torch.ones(2, 3, requires_grad=True),
        torch.arange(6).reshape(2, 3).T,
        torch.tensor(1.5),
        torch.zeros(0, 3, dtype=torch.float64),
        torch.tensor([True, False]),
        torch.tensor([1 + 2j]).conj(),
    ],
)
def test_a_tensor_goes_in_as_it_was(tensor):
    arrays: list[np.ndarray] = []
    found = decode(json.loads(json.dumps(encode(tensor, arrays))), arrays)
    assert torch.equal(found, tensor.detach())
    assert found.dtype == tensor.dtype
    assert found.requires_grad == tensor.requires_grad


@pytest.mark.parametrize("array", [np.ones(2, ">f8"), np.ones(2, np.longdouble)])
def test_a_tensor_that_torch_cannot_hold_is_refused(array):
    with pytest.raises(CodecError):
        decode({"tensor": 0}, [array])


def test_a_tensor_is_called_one_where_nobody_uses_torch(monkeypatch):
    monkeypatch.delitem(sys.modules, "torch")
    verdict = judge(
        IN_NUMPY, draw_cases(IN_NUMPY, SEED), [Called(decode({"tensor": 0}, [np.ones(2)]))]
    )
    assert "y is a torch tensor, expected a NumPy array" in verdict.sentences[0]


def test_whole_numbers_that_claim_a_gradient_have_none():
    assert not decode({"tensor": 0, "grad": True}, [np.ones(2, int)]).requires_grad


def test_torch_is_there_only_for_tasks_that_use_it():
    submission = parse_submission(notebook({}), "anna.ipynb")
    for task in (CLAMP, IN_NUMPY):
        plan, _ = as_message(submission, [task], [], [], SEED)
        assert plan["torch"] is task.uses_torch
        assert ("torch" in plan["hidden"]["packages"]) is not task.uses_torch
    assert draw_cases(CLAMP, SEED)
