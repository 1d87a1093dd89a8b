"""Run the cells of one submission and call its answers, inside the sandbox.

The plan comes in as one message on standard input; every step's outcome goes out as a message at once, so that
what was finished stands when a later step hangs. Nothing here is trusted by whoever reads: student code in the
same process could write anything, and can only spoil its own submission.
"""

import gc
import json
import os
import random
import resource
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from calling import Called, call
from cells import Notebook
from codec import HEAD, MAX_ARRAYS, MAX_TEXT, MOST_ARRAYS, decode, encode, foreign, pack, unpack
from placeholders import Watch, borrowed, install
from probing import probe

# of the global generators that answers may use
_SEEDS: list[Callable[[int], Any]] = [random.seed, np.random.seed]


class Results:
    """The pipe to the grader."""

    def __init__(self, pipe: int) -> None:
        self._pipe, self._write, self._process = pipe, os.write, os.getpid()

    def send(self, message: dict[str, Any], arrays: list[np.ndarray] | None = None) -> None:
        """Write one message to its end."""
        if os.getpid() != self._process:
            os._exit(0)  # an answer forked and both returned: one of them is enough
        rest = memoryview(pack(message, arrays or []))
        while rest:
            rest = rest[self._write(self._pipe, rest) :]


def main() -> None:
    """Do what the plan says."""
    plan, arrays = _read_plan()
    results = Results(_take_pipe())
    _limit(plan["limits"])
    if plan["torch"]:
        _import_torch()
    watch = Watch()
    install(watch, plan["hidden"])
    results.send({"ready": True})
    warnings.simplefilter("ignore")
    notebook = Notebook(plan["seconds"])
    _seed()
    open_names: set[str] = set()  # tasks whose answer was not there yet, or lacked a helper
    for step in plan["steps"]:
        if step["kind"] == "cell":
            results.send({"begin": step["step"]})
            watch.touched = False
            error = notebook.run(step["source"], step["name"])
            said = {"error": error[:2000], "excused": watch.touched} if error else {}
            results.send({"end": step["step"], **said})
        elif step["kind"] == "call" or step["task"] in open_names:
            results.send({"begin": step["step"]})
            _call_all(step, arrays, notebook, watch, results, open_names)
            results.send({"end": step["step"]})
    results.send({"finished": True})


def _import_torch() -> None:
    """Import torch before the clock of the first cell starts, and for answers that never import it."""
    gc.disable()  # looking for garbage in modules that stay takes an eighth of the time
    import torch

    gc.freeze()
    gc.enable()
    _SEEDS.append(torch.default_generator.manual_seed)


def _call_all(
    step: dict[str, Any],
    arrays: list[np.ndarray],
    notebook: Notebook,
    watch: Watch,
    results: Results,
    open_names: set[str],
) -> None:
    """Call the answer of a task on its cases, one message each."""
    where = {"step": step["step"], "task": step["task"]}
    answer = notebook.module.__dict__.get(step["name"])
    if not callable(answer):
        open_names.add(step["task"])
        results.send({**where, "not callable": None if answer is None else type(answer).__name__})
        return
    for k, case in enumerate(step["cases"]):
        args = decode(case["args"], arrays)
        options, given = (
            {name: decode(value, arrays) for name, value in case[kind].items()}
            for kind in ("options", "given")
        )
        function = probe(step["graded_by"], answer, given, step["returns"])
        _seed()
        watch.calling, watch.used = True, []
        try:
            called = call(function, args, options, step["names"])
        finally:
            watch.calling = False
        if called.raised and called.raised.is_a(NameError):
            open_names.add(step["task"])
        used = watch.used[0] if watch.used else borrowed(called.value)
        message, found = _described(called)
        results.send({**where, "case": k, "used": used, **message}, found)


def _described(called: Called) -> tuple[dict[str, Any], list[np.ndarray]]:
    found: list[np.ndarray] = []
    if called.raised:
        raised = {
            "kinds": list(called.raised.kinds)[:20],
            "text": called.raised.text[:2000],
            "within": called.raised.within,
            "trace": called.raised.trace[-6000:],
        }
        return {"raised": raised}, found
    name = "object"
    try:
        name = str(type(called.value).__name__)
        value = encode(called.value, found)
        small = len(found) <= MOST_ARRAYS and sum(one.nbytes for one in found) <= MAX_ARRAYS
        if small and len(json.dumps(value)) < MAX_TEXT / 2:
            return {"value": value, "changed": called.changed}, found
        name = f"far too large {name}"
    except MemoryError:
        name = f"far too large {name}"
    except BaseException:  # some object of the student's own making
        pass
    return {"value": foreign(name), "changed": called.changed}, []


def _seed() -> None:
    for seed in _SEEDS:
        seed(0)


def _limit(limits: dict[str, int]) -> None:
    """Lower what one process may take; nobody in the sandbox can raise it again."""
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))


def _read_plan() -> tuple[dict[str, Any], list[np.ndarray]]:
    stdin = sys.stdin.buffer
    text, blob = HEAD.unpack(stdin.read(HEAD.size))
    return unpack(stdin.read(text), stdin.read(blob))


def _take_pipe() -> int:
    """Keep the pipe to the grader, and leave student code without input and without output."""
    pipe, nothing = os.dup(1), os.open(os.devnull, os.O_RDWR)
    os.set_inheritable(pipe, False)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    return pipe


if __name__ == "__main__":
    main()
