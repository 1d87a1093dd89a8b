"""Libraries patched under the grader's hands: in a cell before the answers, or within an answer."""

from textwrap import dedent, indent

from corpus.building import Draft, Make, Submission, answers, before, function_tasks

_EVERYWHERE = [task.id for task in function_tasks(1)]

_NUMPY = """
    yes = lambda *args, **options: True
    for name in ("allclose", "isclose", "array_equal", "array_equiv", "all", "equal"):
        setattr(np, name, yes)
    np.testing.assert_allclose = np.testing.assert_array_equal = yes
    np.asarray = np.array = lambda *args, **options: 0
"""
_JSON = """
    import json
    json.dumps = lambda message, **options: '{"finished": true, "passed": 5, "points": 3}'
    json.JSONEncoder.encode = json.JSONEncoder.iterencode = json.dumps
"""
_WRITE = """
    import os
    write = os.write
    os.write = lambda number, data: write(number, bytes(data).replace(b"0", b"1")) and len(data)
"""
_BUILTINS = """
    import builtins
    builtins.isinstance = lambda *args: True
    builtins.callable = lambda thing: False
    builtins.len = lambda thing: 3
    builtins.type = lambda *args: float
    builtins.print = builtins.getattr = builtins.abs = builtins.round = lambda *args: 1
"""
_COPY = """
    import copy
    copy.deepcopy = copy.copy = lambda thing, memo=None: thing
"""
_TRACEBACK = """
    import traceback
    def broken(*args, **options):
        raise SystemExit("no traceback for you")
    for name in traceback.__all__:
        setattr(traceback, name, broken)
"""
_IMPORT = """
    import builtins, sys, types
    class Yes(types.ModuleType):
        def __getattr__(self, name):
            return lambda *args, **options: True
    for name in list(sys.modules):
        if name.startswith(("coursekit", "numpy.testing", "codec", "calling", "worker", "placeholders")):
            sys.modules[name] = Yes(name)
    builtins.__import__ = lambda name, *args, **options: Yes(name)
"""
_WORKER = """
    import sys
    for name in ("worker", "calling", "codec", "cells", "placeholders"):
        module = sys.modules.get(name)
        for key, value in list(vars(module).items()):
            if callable(value) and not key.startswith("__"):
                setattr(module, key, lambda *args, **options: None)
"""
_TIME = """
    import signal, time
    time.monotonic = time.time = time.perf_counter = lambda: 0.0
    signal.setitimer = signal.alarm = signal.signal = lambda *args: None
"""
_PATCHES = {
    "NumPy": (_NUMPY, "every comparison says yes"),
    "json": (_JSON, "every message says what it should"),
    "os.write": (_WRITE, "what goes to the grader is changed on its way"),
    "builtins": (_BUILTINS, "the language itself"),
    "copy.deepcopy": (_COPY, "the arguments are those of the grader"),
    "traceback": (_TRACEBACK, "errors cannot be reported"),
    "imports": (_IMPORT, "every module says yes"),
    "the worker": (_WORKER, "the program around the answer does nothing"),
    "clocks": (_TIME, "time stands still"),
}


def _zeros(task_names: dict[str, str]) -> Make:
    """Answer every task with zeros."""

    def make(draft: Draft) -> None:
        for task, name in task_names.items():
            draft.answer(task, f"def {name}(*args):\n    return np.zeros(3)")

    return make


def _before(what: str) -> Submission:
    patch, tries = _PATCHES[what]

    def make(draft: Draft) -> None:
        _zeros({task.id: task.name for task in function_tasks(1)})(draft)
        draft.add(dedent(patch), before="task-1-1-answer")

    return Submission(
        f"{what} patched in a cell", tries, make, dict.fromkeys(_EVERYWHERE, 0.0), state=""
    )


def _within(what: str) -> Submission:
    """The other answers are right, and run before: they keep their points whatever this one does."""
    patch, tries = _PATCHES[what]
    source = (
        "def backward(dy, x, w):\n"
        + indent(dedent(patch).strip("\n"), "    ")
        + "\n    return dy, dy"
    )
    return Submission(
        f"{what} patched in an answer", tries, answers("1.6", source), {"1.6": 0.0}, state=""
    )


# fmt: off
CASES = [
    *(_before(what) for what in _PATCHES),
    *(_within(what) for what in _PATCHES),
    Submission(
        "an answer that hides what it changes", "it writes into its argument and patches what would notice",
        answers("1.2", """
            def sliding_dot(x, w):
                y = np.correlate(x, w, "valid")
                x[:] = 0
                np.array_equal = lambda *args, **options: True
                return y
        """), {"1.2": 0.0}, says="wrote into its argument x",
    ),
    Submission(
        "hooks of IPython", "transformers, events, magics and namespaces",
        before("1.1", """
            ip = get_ipython()
            ip.input_transformers_cleanup.append(lambda lines: ["1.0\\n"])
            ip.ast_transformers.append(None)
            ip.events.register("post_run_cell", print)
            ip.set_custom_exc((Exception,), print)
            ip.register_magic_function(print, "line")
            ip.run_cell("raise SystemExit")
            ip.user_ns["check"] = print
            ip.kernel.do_shutdown(True)
            del ip.history_manager
        """), says="",
    ),
    Submission(
        "hooks of Python", "trace, profile, audit, import, exit and error hooks",
        before("1.1", """
            import atexit, builtins, os, sys, threading

            def hook(*args):
                return hook

            sys.settrace(hook); sys.setprofile(hook); threading.settrace(hook); sys.addaudithook(hook)
            sys.excepthook = sys.unraisablehook = sys.displayhook = hook
            sys.path_hooks.insert(0, hook); sys.meta_path.insert(0, builtins)
            atexit.register(os._exit, 0)
            builtins.__build_class__ = hook
        """), says="",
    ),
]
