"""Make the class of samples that docs/grading.md grades: `python tests/grading/sample_class.py` writes it anew.

Eleven students of chapter 01, each with something that happens in every class, and the list of their names.
"""

import shutil
import sys
from pathlib import Path

from nbformat.v4 import new_code_cell

from coursekit.chapters import chapter
from coursekit.notebooks import read, write
from coursekit.paths import course_root

FOLDER = Path(__file__).resolve().parent / "samples"
CHAPTER = chapter(1)

RIGHT = {
    "1": "def count_places(W, F):\n    return W - F + 1\n",
    "2": """def sliding_dot(x, w):
    y = np.zeros(len(x) - len(w) + 1)
    for i in range(len(y)):
        y[i] = x[i : i + len(w)] @ w
    return y
""",
    "3": """def smooth(x, w):
    return np.correlate(x, w[::-1], mode="valid") / w.sum()
""",
    "4": """def toeplitz(w, W):
    F = len(w)
    T = np.zeros((W - F + 1, W))
    for i in range(W - F + 1):
        T[i, i : i + F] = w
    return T
""",
    "5": """def strided_conv(x, w, stride, padding):
    x = np.pad(x, padding)
    F = len(w)
    places = (len(x) - F) // stride + 1
    return np.array([x[i * stride : i * stride + F] @ w for i in range(places)])
""",
    "6": """def backward(dy, x, w):
    F = len(w)
    dx, dw = np.zeros(len(x)), np.zeros(F)
    for i in range(len(dy)):
        dx[i : i + F] += dy[i] * w
        dw += dy[i] * x[i : i + F]
    return dx, dw
""",
    "7": "A convolution shares its F weights over all places and looks at neighbors only; the full matrix has "
    "(W - F + 1) W free entries. That helps where the same pattern may turn up anywhere, as in sound, and hurts "
    "where the place itself has a meaning, as in a row of unlike sensors.",
}

# the same answer to 1.5 and 1.6, with other names and other comments
JANA = {
    "5": """def strided_conv(x, w, stride, padding):
    # pad first
    signal = np.concatenate([np.zeros(padding), x, np.zeros(padding)])
    out, start = [], 0
    while start + len(w) <= len(signal):
        # the window under the kernel
        window = signal[start : start + len(w)]
        out.append(float(np.dot(window, w)))
        start = start + stride
    return np.array(out)
""",
    "6": """def backward(dy, x, w):
    grad_x = np.zeros_like(x, dtype=float)
    grad_w = np.zeros_like(w, dtype=float)
    for place, upstream in enumerate(dy):
        for tap, weight in enumerate(w):
            grad_x[place + tap] = grad_x[place + tap] + upstream * weight
            grad_w[tap] = grad_w[tap] + upstream * x[place + tap]
    return grad_x, grad_w
""",
}
KOFI = {
    "5": """def strided_conv(x, w, stride, padding):
    s = np.concatenate([np.zeros(padding), x, np.zeros(padding)])
    result, at = [], 0
    while at + len(w) <= len(s):
        part = s[at : at + len(w)]
        result.append(float(np.dot(part, w)))
        at = at + stride
    return np.array(result)  # done
""",
    "6": """def backward(dy, x, w):
    a = np.zeros_like(x, dtype=float)
    b = np.zeros_like(w, dtype=float)
    for i, d in enumerate(dy):
        for j, v in enumerate(w):
            a[i + j] = a[i + j] + d * v
            b[j] = b[j] + d * x[i + j]
    return a, b
""",
}

PAPER = {
    "1": "def count_places(W, F):\n    return W - F\n",  # the fence post
    "2": "def sliding_dot(x, w):\n    return np.convolve(x, w, mode='valid')\n",  # flipped
    "4": """def toeplitz(w, W):
    T = np.zeros((W - len(w) + 1, W))
    T[np.arange(9), np.arange(9)] = w[0]
    return T
""",
}
HELPERS = """import warnings


def pad(x, padding):
    warnings.warn("padding with zeros")
    return np.concatenate([np.zeros(padding), x, np.zeros(padding)])
"""
WITH_HELPER = """def strided_conv(x, w, stride, padding):
    return sliding_dot(pad(x, padding), w)[::stride]
"""


def build(folder: Path) -> None:
    """Write the submissions and the list of students into a folder that is not there yet."""
    submissions = folder / "submissions"
    hand_in(submissions / "ada/convolution_1d.ipynb", RIGHT)
    hand_in(submissions / "ben/convolution_1d.ipynb", {})
    hand_in(submissions / "carla/convolution_1d.ipynb", {**RIGHT, **PAPER})
    endless = (
        "def smooth(x, w):\n    s = x\n    while len(s) > 0:\n        s = s * 1.0\n    return s\n"
    )
    hand_in(submissions / "deniz/convolution_1d.ipynb", {**RIGHT, "3": endless})
    leaves = "import os\n\n\ndef toeplitz(w, W):\n    os._exit(1)\n"
    hand_in(submissions / "emil.ipynb", {**RIGHT, "4": leaves})
    page = "<!DOCTYPE html>\n<html><body><h1>convolution_1d</h1></body></html>\n"
    _write(submissions / "fay/convolution_1d.ipynb", page)
    _write(submissions / "gus/read me.txt", "My notebook is on the way.\n")
    hand_in(submissions / "jana/convolution_1d.ipynb", {**RIGHT, **JANA})
    hand_in(submissions / "kofi/convolution_1d (1).ipynb", {**RIGHT, **KOFI, "7": ""})
    shortcut = (
        "import coursekit.reference as library\n\n\n"
        "def toeplitz(w, W):\n    return library.toeplitz1d(w, W)\n"
    )
    hand_in(submissions / "lena/convolution_1d.ipynb", {**RIGHT, "4": shortcut})
    own = {
        **RIGHT,
        "5": WITH_HELPER,
        "imports": "%matplotlib inline\nimport matplotlib.pyplot as plt\n",
    }
    hand_in(submissions / "Zoë Müller-Öztürk/zoë.ipynb", own, helpers=HELPERS)
    names = ["ada", "ben", "carla", "deniz", "emil", "fay", "gus", "ivan", "jana", "kofi", "lena"]
    _write(folder / "students.csv", "\n".join(["student", *names, "Zoë Müller-Öztürk"]) + "\n")


def hand_in(path: Path, answers: dict[str, str], helpers: str = "") -> None:
    """Write the exercises of the chapter with some answers filled in."""
    notebook = read(course_root() / CHAPTER.exercises)
    for cell in notebook.cells:
        for number, source in answers.items():
            if cell.id == f"task-{CHAPTER.number}-{number}-answer":
                cell.source = source.rstrip("\n")
        if cell.id == "imports-and-seed" and "imports" in answers:
            cell.source = answers["imports"] + cell.source
    if helpers:
        notebook.cells.insert(2, new_code_cell(helpers.rstrip("\n"), id="my-own-helpers"))
        notebook.cells.append(new_code_cell("plt.plot(undefined)", id="one-more-try"))
    path.parent.mkdir(parents=True, exist_ok=True)
    write(notebook, path)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if FOLDER.exists():
        shutil.rmtree(FOLDER)
    build(FOLDER)
    print(f"Wrote {FOLDER.relative_to(Path.cwd())}.", file=sys.stderr)
