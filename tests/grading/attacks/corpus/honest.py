"""Submissions of people who mean well, each with something that weaker graders punish: all keep their points."""

import json
from pathlib import Path

from corpus.building import Draft, Submission, answers, before, both, cell_id, first, last

_SLIDING = 'def sliding_dot(x, w):\n    return np.correlate(x, w, "valid")'


def _bare(path: Path) -> None:
    """Write a notebook as a person saves it who copied the cells into a new one: no ids, no metadata."""
    draft = Draft()
    for cell in draft.cells:
        cell["metadata"] = {}
        del cell["id"]
    draft.raw["nbformat_minor"] = 4
    path.write_text(json.dumps(draft.raw))


def _older(draft: Draft) -> None:
    """Go back to a release with two tasks less, other words and another check."""
    for what in ("text", "answer", "check"):
        draft.delete(cell_id("1.5", what))
        draft.delete(cell_id("1.6", what))
    draft.write(cell_id("1.2", "text"), "## Slide\nAs in last year's course.")
    draft.write(
        cell_id("1.2", "check"), "from coursekit.study import verify\n\nverify(sliding_dot, 3)"
    )


def _old_format(draft: Draft) -> None:
    """Go back to format 4.4, in which cells have no ids; nbgrader's metadata name them."""
    for cell in draft.cells:
        del cell["id"]
    draft.raw["nbformat_minor"] = 4


def _new_ids(draft: Draft) -> None:
    """Renew all ids, as some tools do when they copy a notebook; nbgrader's metadata stay."""
    for k, cell in enumerate(draft.cells):
        cell["id"] = f"{k:08x}"


def _windows(path: Path) -> None:
    draft = Draft()
    for cell in draft.cells:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + draft.bytes().replace(b"\n", b"\r\n"))


def _backward(draft: Draft) -> None:
    draft.raw["cells"] = draft.cells[::-1]


def _with_outputs(draft: Draft) -> None:
    """Keep the outputs of the last run, a large picture among them, and a broken one."""
    for cell in draft.cells:
        if cell["cell_type"] == "code":
            cell["execution_count"] = 7
            cell["outputs"] = [
                {"output_type": "stream", "name": "stderr", "text": ["Warning\n"] * 100},
                {
                    "output_type": "display_data",
                    "metadata": {},
                    "data": {"image/png": "A" * 1_000_000},
                },
                {"output_type": "nonsense"},
            ]


# fmt: off
CASES = [
    Submission("as it should be", "nothing special"),
    Submission(
        "warnings and a progress bar", "on standard error, which is no failure",
        answers("1.2", """
            import logging, sys, warnings
            from tqdm import tqdm, trange
            from tqdm.auto import tqdm as auto
            from tqdm.notebook import tqdm as colored

            warnings.warn("this is old", DeprecationWarning)
            print("careful", file=sys.stderr)

            def sliding_dot(x, w):
                y = np.zeros(len(x) - len(w) + 1)
                logging.warning("slow")
                np.log(np.zeros(1))
                for i in tqdm(range(len(y))):
                    y[i] = x[i : i + len(w)] @ w
                for _ in colored(auto(range(3), desc="again")):
                    warnings.warn("again")
                return y
        """),
    ),
    Submission(
        "ten megabytes printed", "for debugging",
        answers("1.2", _SLIDING.replace("    return", '    print("x" * 10_000_000)\n    return')),
    ),
    Submission(
        "a cell that fails", "it has nothing to do with the tasks",
        before("1.2", "1 / 0"), says="Code cell 4 raised ZeroDivisionError",
    ),
    Submission("a cell that is no Python", "half a thought", before("1.2", "for i in"), says="SyntaxError"),
    Submission(
        "a package that is not here", "imported above all others, and by one of its names",
        lambda draft: draft.write(
            "imports-and-seed", "import nobodys.package as n\nfrom nobodys import thing\n"
            + draft.source("imports-and-seed"),
        ),
        says="No module named 'nobodys'",
    ),
    Submission(
        "a package that may be missing", "and a way round it",
        both(
            lambda draft: draft.write(
                "imports-and-seed", "from __future__ import annotations\n"
                + draft.source("imports-and-seed")
                + "\ntry:\n    import nobodys as xp\nexcept ImportError:\n    import numpy as xp",
            ),
            lambda draft: draft.answer("1.2", _SLIDING.replace("np.", "xp.")),
        ),
    ),
    Submission(
        "magics", "of lines and cells, of the shell, and for help",
        both(
            lambda draft: draft.write(
                "imports-and-seed", "%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n"
                + draft.source("imports-and-seed"),
            ),
            lambda draft: draft.answer("1.2", "%%time\n" + _SLIDING),
            before("1.2", "from IPython import get_ipython\nget_ipython().run_line_magic('matplotlib', 'inline')"),
            lambda draft: draft.answer("1.1", "%%capture said\n" + draft.source("task-1-1-answer")),
            before("1.2", "!ls -la\nfiles = !ls\nnp.correlate?\n?np\n%timeit 1 + 1\n%pip install numpy\n%cd /"),
            before("1.3", "%%bash\nrm -rf /"),
            before("1.4", "%%html\n<b>bold</b>"),
        ),
    ),
    Submission(
        "figures", "drawn, shown and saved",
        before("1.2", """
            import matplotlib.pyplot as plt
            from IPython.display import HTML, clear_output, display

            figure, axes = plt.subplots()
            axes.plot(np.arange(5))
            axes.set_title("a signal")
            plt.show()
            plt.savefig("signal.png")
            clear_output()
            display(figure, HTML("<b>done</b>"))
        """), seconds=60.0,
    ),
    Submission(
        "input", "nobody is there to answer",
        both(before("1.2", 'name = input("Your name? ")\nprint(int(input("Your age? ")))'),
             answers("1.2", _SLIDING.replace("    return", '    input("go on?")\n    return'))),
        says="ValueError",
    ),
    Submission(
        "helpers before and after", "in cells of their own",
        both(
            before("1.2", "def width(x, w):\n    return len(x) - len(w) + 1"),
            answers("1.2", "def sliding_dot(x, w):\n    return np.array([dot(x, w, i) for i in range(width(x, w))])"),
            last("def dot(x, w, i):\n    return x[i : i + len(w)] @ w"),
        ),
    ),
    Submission(
        "a helper that means something else later", "1.2 and 1.3 share its name, not its meaning",
        both(
            before("1.2", "def turn(w):\n    return w"),
            answers("1.2", 'def sliding_dot(x, w):\n    return np.correlate(x, turn(w), "valid")'),
            before("1.3", "def turn(w):\n    return w[::-1] / w.sum()"),
            answers("1.3", 'def smooth(x, w):\n    return np.correlate(x, turn(w), "valid")'),
        ),
    ),
    Submission(
        "slow but right", "within its time",
        answers("1.2", "import time\n\n" + _SLIDING.replace("    return", "    time.sleep(0.5)\n    return")),
        seconds=30.0,
    ),
    Submission("übung eins (1) – José", "a renamed file with letters of other alphabets: 畳み込み"),
    Submission("an older release", "with two tasks less and other words", _older, {"1.5": 0.0, "1.6": 0.0},
               says="has no answer cell for this task"),
    Submission("an older format", "cells have no ids in it", _old_format),
    Submission("ids renewed by a tool", "nbgrader's metadata still name the cells", _new_ids),
    Submission("copied into a new notebook", "no ids and no metadata at all", file=_bare),
    Submission("saved on Windows", "line ends and a byte order mark", file=_windows),
    Submission("upside down", "cells in another order: what lacked something is called again", _backward,
               says="NameError"),
    Submission("outputs kept", "large and broken ones", _with_outputs),
    Submission(
        "functions of other kinds", "a lambda, an object, a partial, a nested one, one with more arguments",
        both(
            answers("1.1", "count_places = lambda W, F, *, more=0: W - F + 1 + more"),
            answers("1.2", """
                class Sliding:
                    def __init__(self, mode):
                        self.mode = mode

                    def __call__(self, x, w):
                        return np.correlate(x, w, self.mode)

                sliding_dot = Sliding("valid")
            """),
            answers("1.3", """
                from functools import lru_cache, partial, wraps

                def average(mode, x, w):
                    return np.convolve(x, w, mode) / w.sum()

                smooth = partial(average, "valid")
            """),
            answers("1.4", """
                def logged(f):
                    @wraps(f)
                    def inner(*args, **options):
                        print(args)
                        return f(*args, **options)
                    return inner

                @logged
                def toeplitz(w, W):
                    def row(i, left):
                        return [] if left == 0 else [np.roll(np.pad(w, (0, W - len(w))), i), *row(i + 1, left - 1)]
                    return np.array(row(0, W - len(w) + 1))
            """),
            answers("1.6", """
                from collections import namedtuple
                from dataclasses import dataclass

                Gradients = namedtuple("Gradients", "dx dw")

                @dataclass
                class Tape:
                    x: np.ndarray
                    w: np.ndarray

                    def back(self, dy):
                        return Gradients(np.convolve(dy, self.w), np.correlate(self.x, dy, "valid"))

                def backward(dy, x, w):
                    return Tape(x, w).back(dy)
            """),
        ),
    ),
    Submission(
        "arrays of other kinds", "a list of gradients, a matrix, a masked array, a view, numbers of NumPy and Python",
        both(
            answers("1.1", "import enum\n\ndef count_places(W, F):\n    return enum.IntEnum('N', {'y': W - F + 1}).y"),
            answers("1.2", 'def sliding_dot(x, w):\n    return np.ma.masked_array(np.correlate(x, w, "valid"))'),
            answers("1.3", """
                def smooth(x, w):
                    y = np.memmap("/tmp/y", dtype=float, mode="w+", shape=len(x) - len(w) + 1)
                    y[:] = np.convolve(x, w, "valid") / w.sum()
                    return y
            """),
            lambda draft: draft.write(
                "task-1-4-answer", draft.source("task-1-4-answer").replace("return T", "return np.asmatrix(T)")
            ),
            lambda draft: draft.write(
                "task-1-6-answer", draft.source("task-1-6-answer").replace("return dx, dw", "return [dx, dw]")
            ),
        ),
    ),
    Submission(
        "compared with the course", "in cells of one's own; the answers are one's own",
        both(
            first("from coursekit.reference import conv1d, toeplitz1d\nimport coursekit.show as show"),
            before("1.1", "from coursekit.study import *\nimport coursekit\nprint(coursekit.__version__)"),
            last("""
                from coursekit.reference.convolution1d import *
                x, w = np.arange(5.0), np.ones(2)
                assert np.allclose(conv1d(x, w), sliding_dot(x, w))
                if conv1d(x, w)[0] > 3 and len(toeplitz1d(w, 5)) == 4:
                    print(float(conv1d(x, w)[0]), -conv1d(x, w) @ w)
                check("1.2", sliding_dot)
                hint("1.2"); solution("1.2")
            """),
        ),
    ),
    Submission(
        "compared with torch", "in cells of one's own; the answers are one's own",
        both(
            first("import torch\nimport torch.nn as nn\nfrom torch.nn.functional import conv1d"),
            before("1.1", "print(torch.__version__)"),
            answers("1.2", """
                def sliding_dot(x, w):
                    if isinstance(x, torch.Tensor):
                        x = x.numpy()
                    return np.correlate(x, w, "valid")
            """),
            before("1.3", """
                class Net(nn.Module):
                    def __init__(self):
                        super().__init__()
                        self.layer = nn.Conv1d(1, 1, 3)

                    @torch.no_grad()
                    def forward(self, x):
                        return self.layer(x)

                net = Net().to("cuda" if torch.cuda.is_available() else "cpu")
                with torch.no_grad():
                    print(conv1d(torch.ones(1, 1, 5), torch.ones(1, 1, 2)).shape)
                for one in net.parameters():
                    print(one)
                torch.manual_seed(0)
            """),
        ),
    ),
    Submission("exit in the last cell", "as in a script", last("exit()"), says="SystemExit"),
    Submission("exit in the middle", "the cells after it are there all the same",
               before("1.2", "import sys\nsys.exit(3)"), says="SystemExit"),
    Submission("an endless cell at the end", "a game, a server", last("while True:\n    pass"), says="was stopped",
               seconds=2.0),
    Submission(
        "asynchronous", "await at the top, as notebooks allow",
        before("1.2", """
            import asyncio

            async def load():
                await asyncio.sleep(0)
                return 2

            two = await load()
        """),
    ),
    Submission(
        "libraries at work", "threads, processes, files and compiled code",
        answers("1.2", """
            import multiprocessing, subprocess, tempfile, threading
            from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
            from pathlib import Path

            import scipy.signal

            multiprocessing.set_start_method("fork", force=True)

            def part(triple):
                x, w, i = triple
                return float(x[i : i + len(w)] @ w)

            def sliding_dot(x, w):
                places = [(x, w, i) for i in range(len(x) - len(w) + 1)]
                with ProcessPoolExecutor(2) as pool:
                    y = np.array(list(pool.map(part, places)))
                with ThreadPoolExecutor(2) as pool:
                    assert list(pool.map(part, places)) == y.tolist()
                with tempfile.TemporaryDirectory() as folder:
                    np.save(Path(folder) / "y.npy", y)
                    y = np.load(Path(folder) / "y.npy")
                subprocess.run(["ls"], check=True, capture_output=True)
                assert np.allclose(scipy.signal.correlate(x, w, "valid"), y)
                return y
        """), seconds=60.0,
    ),
    Submission(
        "random numbers", "seeded by the grader, the same in every run",
        answers("1.2", """
            import random

            def sliding_dot(x, w):
                y = np.correlate(x, w, "valid")
                return y if (random.random(), np.random.rand()) == (0.8444218515250481, 0.5488135039273248) else y + 1
        """),
    ),
    Submission(
        "a mixture", "right, wrong and half right answers",
        both(
            answers("1.2", """
                def sliding_dot(x, w):
                    return np.correlate(x, w, "valid") if len(w) % 2 else np.zeros(len(x) - len(w) + 1)
            """),
            answers("1.3", """
                def smooth(x, w):
                    return np.convolve(x, w, "valid") / (w.sum() if len(x) < 15 else len(w))
            """),
            answers("1.4", "def toeplitz(w, W):\n    return np.eye(W)"),
            answers("1.5", """
                def strided_conv(x, w, stride, padding):
                    return np.correlate(np.pad(x, padding), w, "valid")[: len(x) - len(w) + 1]
            """),
            answers("1.6", """
                def backward(dy, x, w):
                    if len(w) == 3:
                        raise ValueError("three")
                    return np.convolve(dy, w), np.correlate(x, dy, "valid")
            """),
        ),
        {"1.2": 1.2, "1.3": 2.25, "1.4": 0.0, "1.5": 0.57, "1.6": 3.2}, says="Case 1 of 5",
    ),
    Submission(
        "half right", "right for kernels of an odd length only; partial credit as check gives it",
        answers("1.2", """
            def sliding_dot(x, w):
                return np.correlate(x, w, "valid") if len(w) % 2 else np.zeros(len(x) - len(w) + 1)
        """), {"1.2": 1.2}, says="Case 1 of 5",
    ),
    Submission(
        "another chapter", "two dimensions, one task wrong, one not attempted",
        both(
            answers("2.1", "def layer_shape(C, H, W, K, F_h, F_w):\n    return K, H - F_h, W - F_w"),
            answers("2.4", Draft(2, solved=False).source("task-2-4-answer")),
        ),
        {"2.1": 0.0, "2.4": 0.0}, chapter=2, says="You left this task as it was handed out.",
    ),
    Submission("a third chapter", "padding, strides, and what they cost", chapter=3),
    Submission("not attempted", "as it was handed out", solved=False, says="You left this task as it was handed out."),
]
