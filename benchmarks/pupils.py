"""Make a class of honest submissions: right in several ways, wrong in some, left open in a few, and never tidy.

The same numbers always make the same class. What students add to a notebook is there too: a cell that prints, one
that warns, and in every fifth notebook a plot.
"""

import random
from dataclasses import dataclass
from pathlib import Path

from nbformat.v4 import new_code_cell

from coursekit.notebooks import read, write


@dataclass(frozen=True)
class Assignment:
    """An assignment and how students answer it.

    Args:
        folder: its name for nbgrader.
        file: of its notebook.
        right: ways to solve each task, by the id of the answer's cell.
        wrong: ways to go wrong.
    """

    folder: str
    file: str
    right: dict[str, tuple[str, ...]]
    wrong: dict[str, tuple[str, ...]]


_NAMES = ("y", "out", "result", "res", "output", "values")
_COMMENTS = (
    "see the sketch in my notes",
    "same as in the chapter",
    "checked by hand for the small example",
    "not elegant, but it works",
    "TODO: shorter?",
)
_EXTRAS = {
    "print": "for k in range(3):\n    print('attempt', k)",
    "warning": "import warnings\n\nwarnings.warn('just trying this out')\nnp.array([1.0, 0.0]) / 0",
    "plot": "import matplotlib.pyplot as plt\n\nplt.plot(np.arange(20) ** 2)\nplt.title('growth')\nplt.show()",
}


def make_class(assignment: Assignment, released: Path, target: Path, count: int) -> list[str]:
    """Write one folder for each student, as nbgrader collects them, and return the students' names.

    Args:
        assignment: to answer.
        released: its notebook as students get it.
        target: folder for the submissions.
        count: number of students.
    """
    students = [f"student{k:03d}" for k in range(count)]
    for k, student in enumerate(students):
        path = target / student / assignment.folder / assignment.file
        path.parent.mkdir(parents=True)
        _hand_in(assignment, released, path, k)
    return students


def _hand_in(assignment: Assignment, released: Path, path: Path, k: int) -> None:
    notebook, rng = read(released), random.Random(k)
    for cell in notebook.cells:
        if cell.id not in assignment.right or rng.random() < 0.08:  # left open
            continue
        right = rng.random() < 0.8
        ways = (assignment.right if right else assignment.wrong).get(cell.id)
        cell.source = _in_own_words(rng.choice(ways or assignment.right[cell.id]), rng)
    extras = ["print"] if k % 3 else []
    extras += ["warning"] if k % 4 == 0 else []
    extras += ["plot"] if k % 5 == 0 else []
    for number, extra in enumerate(extras):
        place = rng.randrange(3, len(notebook.cells))
        source = f"import numpy as np\n{_EXTRAS[extra]}"
        notebook.cells.insert(place, new_code_cell(source, id=f"my-cell-{number}"))
    write(notebook, path)


def _in_own_words(source: str, rng: random.Random) -> str:
    """Put a name and a comment of one's own into an answer."""
    first, *rest = source.replace("OUT", rng.choice(_NAMES)).splitlines()
    if not first.startswith("def "):
        return source
    return "\n".join([first, f"    # {rng.choice(_COMMENTS)}", *rest])


CHAPTER_3 = Assignment(
    "03_convolution_arithmetic",
    "convolution_arithmetic.ipynb",
    right={
        "task-3-1-answer": (
            "def places(W, F, S, P, D):\n    span = D * (F - 1) + 1\n    return (W + 2 * P - span) // S + 1",
            "def places(W, F, S, P, D):\n    OUT = 0\n    start = 0\n    while start + D * (F - 1) < W + 2 * P:\n"
            "        OUT += 1\n        start += S\n    return OUT",
            "def places(W, F, S, P, D):\n    return len(range(0, W + 2 * P - D * (F - 1), S))",
        ),
        "task-3-2-answer": (
            "def left_over(W, F, S, P):\n    OUT = (W + 2 * P - F) % S\n    return OUT, max(0, OUT - P)",
            "def left_over(W, F, S, P):\n    n = (W + 2 * P - F) // S + 1\n    end = (n - 1) * S + F\n"
            "    OUT = W + 2 * P - end\n    return OUT, OUT - P if OUT > P else 0",
        ),
        "task-3-3-answer": (
            "def read_counts(W, F, S, P, D):\n    OUT = np.zeros(W)\n    n = (W + 2 * P - D * (F - 1) - 1) // S + 1\n"
            "    for i in range(n):\n        for f in range(F):\n            j = i * S + f * D - P\n"
            "            if 0 <= j < W:\n                OUT[j] += 1\n    return OUT",
            "def read_counts(W, F, S, P, D):\n    OUT = np.zeros(W + 2 * P)\n    span = D * (F - 1) + 1\n"
            "    for start in range(0, W + 2 * P - span + 1, S):\n        OUT[start : start + span : D] += 1\n"
            "    return OUT[P : P + W]",
        ),
        "task-3-4-answer": (
            "def layer_cost(C, H, W, K, F, S, P):\n    h = (H + 2 * P - F) // S + 1\n"
            "    w = (W + 2 * P - F) // S + 1\n    OUT = K * h * w\n"
            "    return K * (C * F * F + 1), OUT, OUT * C * F * F",
            "def layer_cost(C, H, W, K, F, S, P):\n    def size(n):\n        return (n + 2 * P - F) // S + 1\n"
            "    weights = C * F**2\n    OUT = K * size(H) * size(W)\n"
            "    return K * weights + K, OUT, weights * OUT",
        ),
        "task-3-5-answer": (
            "def mix_channels(x, w, b):\n    return np.einsum('kc,nchw->nkhw', w, x) + b[None, :, None, None]",
            "def mix_channels(x, w, b):\n    N, C, H, W = x.shape\n    OUT = np.zeros((N, len(w), H, W))\n"
            "    for k in range(len(w)):\n        for c in range(C):\n            OUT[:, k] += w[k, c] * x[:, c]\n"
            "        OUT[:, k] += b[k]\n    return OUT",
            "def mix_channels(x, w, b):\n    OUT = np.tensordot(w, x, axes=(1, 1))\n"
            "    return OUT.transpose(1, 0, 2, 3) + b.reshape(1, -1, 1, 1)",
        ),
        "task-3-6-answer": (
            "def transposed_conv(x, w, stride, padding):\n    H, W = x.shape\n    F = len(w)\n"
            "    OUT = np.zeros(((H - 1) * stride + F, (W - 1) * stride + F))\n"
            "    for i in range(H):\n        for j in range(W):\n"
            "            a, b = i * stride, j * stride\n            OUT[a : a + F, b : b + F] += x[i, j] * w\n"
            "    return OUT[padding : OUT.shape[0] - padding, padding : OUT.shape[1] - padding]",
            "def transposed_conv(x, w, stride, padding):\n    F = w.shape[0]\n"
            "    OUT = np.zeros([(n - 1) * stride + F for n in x.shape])\n"
            "    for (i, j), pixel in np.ndenumerate(x):\n        for a in range(F):\n            for b in range(F):\n"
            "                OUT[i * stride + a, j * stride + b] += pixel * w[a, b]\n"
            "    return OUT[padding:-padding, padding:-padding] if padding else OUT",
        ),
        "task-3-7-answer": (
            "Copies of a kernel of 3 overlap unevenly at stride 2. I would send a flat image through the layer.",
            "The pattern comes from the overlap: some pixels get two copies and some one. Take a kernel of 4, or "
            "repeat the pixels and convolve; learned weights may still differ between the phases.",
        ),
    },
    wrong={
        "task-3-1-answer": (
            "def places(W, F, S, P, D):\n    return (W + 2 * P - F) // S + 1",
            "def places(W, F, S, P, D):\n    return (W + P - D * (F - 1) - 1) // S + 1",
        ),
        "task-3-2-answer": (
            "def left_over(W, F, S, P):\n    OUT = (W + 2 * P - F) % S\n    return OUT, OUT",
        ),
        "task-3-3-answer": (
            "def read_counts(W, F, S, P, D):\n    return np.full(W, F)",
            "def read_counts(W, F, S, P, D):\n    OUT = np.zeros(W)\n    OUT[W + P] = 1\n    return OUT",
        ),
        "task-3-4-answer": (
            "def layer_cost(C, H, W, K, F, S, P):\n    h = (H + 2 * P - F) // S + 1\n    OUT = K * h * h\n"
            "    return K * C * F * F, OUT, OUT * C * F * F",
        ),
        "task-3-5-answer": (
            "def mix_channels(x, w, b):\n    return w @ x + b",
            "def mix_channels(x, w, b):\n    return np.einsum('kc,nchw->nkhw', w, x)",
        ),
        "task-3-6-answer": (
            "def transposed_conv(x, w, stride, padding):\n    return np.kron(x, w)",
        ),
    },
)

IN_TORCH = Assignment(
    "17_torch_tasks",
    "torch_tasks.ipynb",
    right={
        "task-17-1-answer": (
            "def conv_layer(x, w, b, stride, padding):\n    N, C, H, W = x.shape\n    K, _, F, _ = w.shape\n"
            "    columns = torch.nn.functional.unfold(x, F, padding=padding, stride=stride)\n"
            "    OUT = w.reshape(K, -1) @ columns + b[:, None]\n    h = (H + 2 * padding - F) // stride + 1\n"
            "    return OUT.reshape(N, K, h, -1)",
            "def conv_layer(x, w, b, stride, padding):\n    x = torch.nn.functional.pad(x, (padding,) * 4)\n"
            "    F = w.shape[-1]\n    OUT = x.unfold(2, F, stride).unfold(3, F, stride)\n"
            "    return torch.einsum('nchwij,kcij->nkhw', OUT, w) + b.view(1, -1, 1, 1)",
        ),
        "task-17-2-answer": (
            "def residual_block(x, w1, w2):\n    OUT = torch.relu(torch.nn.functional.conv2d(x, w1, padding=1))\n"
            "    OUT = torch.nn.functional.conv2d(OUT, w2, padding=1)\n    return torch.relu(x + OUT)",
            "def residual_block(x, w1, w2):\n    conv = torch.nn.functional.conv2d\n"
            "    OUT = conv(x, w1, padding='same').clamp(min=0)\n"
            "    return (conv(OUT, w2, padding='same') + x).clamp(min=0)",
        ),
        "task-17-3-answer": (
            "def smoothed_loss(s, labels, eps):\n    logp = torch.log_softmax(s, dim=1)\n"
            "    OUT = (1 - eps) * logp[torch.arange(len(labels)), labels] + eps * logp.mean(dim=1)\n"
            "    return -OUT.mean()",
            "def smoothed_loss(s, labels, eps):\n    K = s.shape[1]\n"
            "    OUT = torch.full_like(s, eps / K)\n    OUT[torch.arange(len(s)), labels] += 1 - eps\n"
            "    return -(OUT * s.log_softmax(1)).sum(1).mean()",
        ),
    },
    wrong={
        "task-17-1-answer": (
            "def conv_layer(x, w, b, stride, padding):\n"
            "    return torch.nn.functional.conv2d(x, w, stride=stride, padding=padding)",
        ),
        "task-17-2-answer": (
            "def residual_block(x, w1, w2):\n    OUT = torch.relu(torch.nn.functional.conv2d(x, w1, padding=1))\n"
            "    return x + torch.relu(torch.nn.functional.conv2d(OUT, w2, padding=1))",
        ),
        "task-17-3-answer": (
            "def smoothed_loss(s, labels, eps):\n    return torch.nn.functional.cross_entropy(s, labels)",
            "def smoothed_loss(s, labels, eps):\n    return (1 - eps) * s[labels].mean().item()",
        ),
    },
)
