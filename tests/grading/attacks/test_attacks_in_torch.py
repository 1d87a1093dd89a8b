"""Tasks that are about torch: tensors that lie, torch patched, and the reference, beside an honest answer."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from corpus.building import Draft
from corpus.judging import grade_file, points

from coursekit.grading.conversation import Limits
from coursekit.grading.grader import Grader
from coursekit.study.task import Case, Task

LIMITS = Limits(seconds=60, memory=2_000_000_000)

RIGHT = "return torch.nn.functional.relu(x) * 2"
LIAR = """
class Liar(torch.Tensor):
    def __eq__(self, other):
        return torch.ones_like(self, dtype=torch.bool)
    @classmethod
    def __torch_function__(cls, function, types, args=(), options=None):
        return torch.zeros(3)
    shape = property(lambda self: torch.Size([4]))
    def detach(self):
        return torch.zeros(10**6)
    cpu = numpy = as_subclass = detach
"""
PATCHES = """
torch.allclose = torch.equal = torch.isclose = torch.Tensor.__eq__ = lambda *args, **options: True
"""
# what the answer is, what is said about it; every answer stands in the same notebook
ANSWERS = {
    "right": (RIGHT, ""),
    "a module": ("return double(x)", ""),
    "with a gradient": ("return torch.nn.functional.relu(x.clone().requires_grad_()) * 2", ""),
    "float32": ("return torch.relu(x).float() * 2", ""),
    "zeros": ("return torch.zeros_like(x)", "expected"),
    "a liar": ("return torch.zeros_like(x).as_subclass(Liar)", "expected"),
    "a parameter": ("return torch.nn.Parameter(torch.zeros_like(x))", "expected"),
    "a type of torch": ("return torch.float64", "expected a torch tensor"),
    "a shape of torch": ("return x.shape", "expected a torch tensor"),
    "an array": ("return x.numpy()", "is a NumPy array, expected a torch tensor"),
    "brain floats": ("return x.bfloat16()", "expected"),
    "without data": ("return x.to('meta')", "expected a torch tensor"),
    "sparse": ("return x.to_sparse()", "expected"),
    "the reference": (
        "import coursekit.reference as r\n    return r.relu(x)",
        "the course's own function",
    ),
    "a patch": (PATCHES.replace("\n", "\n    ") + "return torch.zeros_like(x)", "expected"),
    "a broken torch": (
        "torch.Tensor.numpy = torch.Tensor.detach = None\n    return torch.zeros(1)",
        "expected",
    ),
    "not torch at all": ("import sys\n    sys.modules['torch'] = None\n    return x", "expected"),
}


def cases(rng: np.random.Generator) -> list[Case]:
    return [Case((torch.from_numpy(rng.normal(size=5)),)) for _ in range(3)]


TASKS = tuple(
    Task(
        id=f"99.{k}",
        title=name,
        points=2,
        minutes=1,
        difficulty=1,
        name=f"doubled_{k}",
        hints=(),
        cases=cases,
        reference=lambda x: torch.relu(x) * 2,
        uses_torch=True,
    )
    for k, name in enumerate(ANSWERS, start=1)
)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory):
    draft = Draft()
    draft.raw["cells"] = []
    draft.add(
        f"import torch\n{LIAR}\nclass Double(torch.nn.Module):\n    def forward(self, x):\n        {RIGHT}\n"
    )
    draft.add("double = Double()")
    for task, (body, _) in zip(TASKS, ANSWERS.values(), strict=True):
        draft.add(f"def {task.name}(x):\n    {body}")
    path: Path = tmp_path_factory.mktemp("torch") / "tensors.ipynb"
    path.write_text(json.dumps(draft.raw))
    return grade_file(Grader(99, TASKS, 7, LIMITS), path)


@pytest.mark.parametrize("task", TASKS, ids=list(ANSWERS))
def test_an_answer_in_torch(task, result):
    said = ANSWERS[task.title][1]
    found = next(one for one in result.tasks if one.id == task.id)
    assert points(result)[task.id] == (0.0 if said else 2.0), (found.sentences, found.trace)
    assert said in " ".join(found.sentences)
