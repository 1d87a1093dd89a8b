"""Somebody else's code: the course's reference, however it is imported, and torch where a task asks for NumPy.

Zero for that task with that sentence, and only for that task: the answer to 1.1 is right in all of them, and counts.
"""

from textwrap import dedent, indent

from corpus.building import Submission, answers, before, both, function_tasks, several

_TASKS = {task.id: task.name for task in function_tasks(1) if task.id != "1.1"}
_REFERENCE = "the course's own function: this task counts only with code of your own"
_TORCH = "not NumPy: this task counts only with code of your own"


def _borrows(name: str, tries: str, *ways: str, says: str = _REFERENCE) -> Submission:
    """Return a submission that answers up to five tasks with somebody else's code, each in another way.

    Args:
        name: of the submission.
        tries: what the ways have in common.
        ways: a whole cell that defines ``ANSWER``, or the body of the function alone.
        says: what must be said about each.
    """
    parts = {}
    for (task, function), way in zip(_TASKS.items(), ways, strict=False):
        source = dedent(way).strip("\n")
        if "ANSWER" not in source:
            source = f"def ANSWER(*args):\n{indent(source, '    ')}"
        parts[task] = source.replace("ANSWER", function), says
    return several(name, tries, parts)


def _one(name: str, tries: str, code: str, says: str = _REFERENCE) -> Submission:
    """Return a submission whose answer to 1.2 is somebody else's."""
    return Submission(name, tries, answers("1.2", code), {"1.2": 0.0}, says=says)


# fmt: off
CASES = [
    _borrows(
        "imports in the cell", "under another name, without a name, from the package and from its modules",
        "import coursekit.reference as mine\n\ndef ANSWER(*args):\n    return mine.conv1d(*args)",
        "from coursekit.reference import conv1d as mine\n\ndef ANSWER(*args):\n    return mine(*args)",
        "from coursekit.reference import *\n\ndef ANSWER(*args):\n    return conv1d(*args)",
        "from coursekit.reference.convolution1d import *\n\ndef ANSWER(*args):\n    return conv1d_forward(*args)",
        "import coursekit\n\ndef ANSWER(*args):\n    return coursekit.reference.convolution1d.conv1d(*args)",
    ),
    _borrows(
        "imports in the answer", "where no cell shows them, and by texts that no search finds",
        "from coursekit.reference.convolution1d import conv1d\nreturn conv1d(*args)",
        "import importlib\nreturn importlib.import_module('course' + 'kit.reference').conv1d(*args)",
        "return __import__('coursekit.reference', fromlist=['x']).conv1d(*args)",
        "names = {}\nexec('from coursekit.reference import conv1d', names)\nreturn names['conv1d'](*args)",
        "import coursekit\nreturn eval('getattr(coursekit, \"ref\" + \"erence\")').conv1d(*args)",
    ),
    _borrows(
        "ways round", "through libraries, the modules that are there, the tasks and their checker",
        "import sys, coursekit.reference\nreturn sys.modules['coursekit.reference'].conv1d(*args)",
        "import pkgutil\nreturn pkgutil.resolve_name('coursekit.reference:conv1d')(*args)",
        "from coursekit.study.tasks import find_task\nreturn find_task('1.4').reference(*args)",
        "import coursekit.study as study\nreturn study.evaluate.judge(study.tasks.find_task('1.5'), [], [])",
        "from importlib.util import find_spec\nfound = find_spec('coursekit.reference')\n"
        "return found.loader.create_module(found).conv1d(*args)",
    ),
    _borrows(
        "hardly any code", "the object itself, a partial, a lambda, a bound method, a subclass",
        "from coursekit.reference import conv1d\nANSWER = conv1d",
        "import functools\nfrom coursekit.reference import conv1d\nANSWER = functools.partial(conv1d)",
        "import coursekit.reference\nANSWER = lambda *args: coursekit.reference.conv1d(*args)",
        "from coursekit.reference.layers import Conv\nANSWER = Conv(1, 1, 3).forward",
        """
            from coursekit.reference import layers

            class Mine(layers.Layer):
                def __call__(self, *args):
                    return layers.Layer.forward(self, *args)

            ANSWER = Mine()
        """,
    ),
    _borrows(
        "hidden calls", "caught errors, one case only, a helper, a thread, a value kept for later",
        """
            try:
                from coursekit.reference import conv1d
                return conv1d(*args)
            except BaseException:
                return np.correlate(*args, "valid")
        """,
        """
            if len(args[1]) == 3:
                from coursekit.reference import true_conv1d
                return true_conv1d(*args) / args[1].sum()
            return np.convolve(*args, "valid") / args[1].sum()
        """,
        """
            from coursekit.reference import toeplitz1d as _matrix

            def helper(*args):
                return _matrix(*args)

            def ANSWER(*args):
                return helper(*args)
        """,
        """
            import threading
            from coursekit.reference import conv1d
            found = []
            one = threading.Thread(target=lambda: found.append(conv1d(*args)))
            one.start()
            one.join()
            return found[0]
        """,
        """
            from coursekit.reference import conv1d_backward
            kept = conv1d_backward(np.ones(3), np.ones(4), np.ones(2))

            def ANSWER(*args):
                return kept[0] + 1, kept[1]
        """,
    ),
    Submission(
        "a helper in another cell", "the answer itself calls nothing of the course",
        both(
            before("1.1", "from coursekit.reference import conv1d\n\ndef slide(x, w):\n    return conv1d(x, w)"),
            answers("1.2", "def sliding_dot(x, w):\n    return slide(x, w)"),
        ),
        {"1.2": 0.0}, says=_REFERENCE,
    ),
    _one("the reference with the guard removed", "who looks behind sys.meta_path finds nothing", """
        import sys
        sys.meta_path = [one for one in sys.meta_path if type(one).__name__ != "Finder"]
        for name in [name for name in sys.modules if name.startswith("coursekit")]:
            del sys.modules[name]

        def sliding_dot(x, w):
            from coursekit.reference import conv1d
            return conv1d(x, w)
    """),
    _one("the reference with the watch blinded", "nobody notes it; but what comes back gives it away", """
        import sys

        for one in sys.meta_path:
            if hasattr(one, "watch"):
                one.watch.note = lambda name: None

        def sliding_dot(x, w):
            from coursekit.reference import conv1d
            return conv1d(x, w)
    """),
    _one("the reference in a second Python", "in which nobody watches, and nothing is there", """
        import subprocess, sys

        CODE = "import sys; from coursekit.reference import conv1d; print(conv1d(*eval(sys.argv[1])).tolist())"

        def sliding_dot(x, w):
            asked = [sys.executable, "-c", CODE, repr((x.tolist(), w.tolist()))]
            run = subprocess.run(asked, capture_output=True, text=True)
            if run.stderr:
                raise RuntimeError(run.stderr)
            return np.array(eval(run.stdout))
    """),
    _one("the files of the course and of torch", "anywhere on the disk", """
        import glob, os, sys

        def sliding_dot(x, w):
            found = []
            here = os.path.dirname(os.path.dirname(np.__file__))
            for name in ("torch", "coursekit"):
                found += glob.glob(f"{here}/{name}/*")
                for top in (sys.prefix, sys.base_prefix, "/usr", "/usr/local"):
                    found += glob.glob(f"{top}/lib*/python*/*-packages/{name}/*")
            for top in ("@COURSE@", "/opt", "/home", "/root", "/tmp"):
                for at, folders, files in os.walk(top):
                    skipped = (sys.prefix, sys.base_prefix, here)
                    folders[:] = [one for one in folders if f"{at}/{one}" not in skipped]
                    found += [name for name in files if "convolution" in name]
            raise LookupError(f"found: {found}")
    """, "found: []"),
    _borrows(
        "torch", "functions, tensors, layers, with a star, by a text",
        "import torch\nx, w = map(torch.tensor, args)\nreturn torch.nn.functional.conv1d(x[None], w[None, None])[0]",
        "import torch.nn.functional as F\nfrom torch import as_tensor\n\n"
        "def ANSWER(*args):\n    return F.conv1d(*map(as_tensor, args)).numpy()",
        "from torch import nn\n\nlayer = nn.Conv1d(1, 1, 3, bias=False)\n\n"
        "def ANSWER(*args):\n    return layer(args[0]).detach().numpy()",
        "from torch import *\n\ndef ANSWER(*args):\n    return conv1d(*map(tensor, args[:2])).numpy()",
        "import importlib\nt = importlib.import_module('tor' + 'ch')\nreturn t.from_numpy(args[0]).unfold(0, 3, 1)",
        says=_TORCH,
    ),
    _one("torch with the guard removed", "who looks behind sys.meta_path finds an empty folder", """
        import sys
        sys.meta_path = [one for one in sys.meta_path if type(one).__name__ != "Finder"]
        sys.path += ["/usr/lib/python3/dist-packages", sys.base_prefix + "/lib/python3.11/site-packages"]

        def sliding_dot(x, w):
            import torch
            return torch.tensor(x).numpy()
    """, _TORCH),
]
