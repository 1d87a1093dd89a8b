"""Files that are no notebooks, or such as nobody would write."""

import json
import os
import pickle
import socket
from collections.abc import Callable
from pathlib import Path

from corpus.building import Draft, Submission, function_tasks
from coursekit.grading.result import UNREADABLE

_NOTHING = {task.id: 0.0 for task in function_tasks(1)}
_HEAD = '"metadata": {}, "nbformat": 4, "nbformat_minor": 5'


def _broken(name: str, tries: str, file: Callable[[Path], None], says: str) -> Submission:
    return Submission(name, tries, points=_NOTHING, state=UNREADABLE, says=says, file=file)


def _bytes(data: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(data) and None


def _text(text: str) -> Callable[[Path], None]:
    return _bytes(text.encode())


def _other_submission(path: Path) -> None:
    real = path.with_name("diligent.ipynb")
    real.write_bytes(Draft().bytes())
    path.symlink_to(real.name)


def _hard_link(path: Path) -> None:
    path.write_bytes(Draft().bytes())
    os.link(path, path.with_suffix(".copy"))


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # its address may have 107 letters at most
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(path.name)
    finally:
        os.chdir(here)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(5 * 10**9)


def _cell(source: object) -> str:
    return json.dumps(
        {"id": "a", "cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    )


def _surrogates(draft: Draft) -> None:
    draft.answer(
        "1.2", 'note = "\\ud800"\ndef sliding_dot(x, w):\n    return np.zeros(3)  # \ud800'
    )


def _null_bytes(draft: Draft) -> None:
    draft.answer("1.2", "def sliding_dot(x, w):\n    return x\0")


def _twice(path: Path) -> None:
    """Give every key twice: readers differ in which one they take."""
    right, wrong = Draft().bytes().decode(), Draft(solved=False).bytes().decode()
    path.write_text(right.rstrip().rstrip("}") + "," + wrong.lstrip().lstrip("{"))


def _odd_cells(draft: Draft) -> None:
    draft.cells.insert(1, {"cell_type": "poem", "source": "roses", "id": 3, "metadata": []})
    draft.cells.insert(1, {"cell_type": "code", "source": ["1\n", "+ 1"], "outputs": {"a": 1}})
    for cell in draft.cells:
        cell |= {"id": "same"} if cell["cell_type"] == "markdown" else {}
        cell["metadata"] = {"nbgrader": [1], "deletable": "no", "tags": {"a": [[[]]]}, **cell}


# fmt: off
CASES = [
    _broken("an empty file", "nothing in it", _text(""), "is empty"),
    _broken("a file of spaces", "nothing in it either", _text(" \n" * 1000), "is empty"),
    _broken("a web page", "the platform's page, saved under the notebook's name",
            _text("<!DOCTYPE html><html><body>Please sign in</body></html>"), "is a web page"),
    _broken("half a notebook", "the upload broke off", _bytes(Draft().bytes()[:3000]), "is not a notebook"),
    _broken("an archive", "a zip under the notebook's name", _bytes(b"PK\x03\x04" + bytes(100)), "is not a notebook"),
    _broken("a pickle", "to be unpickled", _bytes(pickle.dumps({"cells": []})), "is not a notebook"),
    _broken("a script", "Python, not JSON", _text("def sliding_dot(x, w): ..."), "is not a notebook"),
    _broken("another encoding", "UTF-16, as some editors save", _bytes(Draft().bytes().decode().encode("utf-16")),
            "is not a notebook"),
    _broken("a notebook full of zeros", "what a disk error leaves", _bytes(bytes(10_000)), "is not a notebook"),
    _broken("format 3", "a notebook of ten years ago",
            _text('{"nbformat": 3, "worksheets": [], "cells": []}'), "only format 4 can be read"),
    _broken("format infinity", "a notebook of the future",
            _text('{"cells": [], "nbformat": 1e999, "nbformat_minor": NaN}'), "only format 4 can be read"),
    _broken("a list", "JSON, but no notebook", _text("[]"), "is not a notebook"),
    _broken("cells that are no cells", "numbers and texts", _text(f'{{"cells": [1, "a", null], {_HEAD}}}'),
            "is not a notebook"),
    _broken("nested sources", "as deep as the reader can go",
            _text(f'{{"cells": [{_cell(1)[:-1]}, "source": {"[" * 900}{"]" * 900}}}], {_HEAD}}}'), "is not a notebook"),
    _broken("a link to the system's passwords", "to see them in the feedback",
            lambda path: path.symlink_to("/etc/passwd"), "links are not followed"),
    _broken("a link to another submission", "to be graded for somebody else's work",
            _other_submission, "links are not followed"),
    _broken("a link to itself", "to be followed for ever", lambda path: path.symlink_to(path.name),
            "links are not followed"),
    _broken("a link to a device", "to be read for ever", lambda path: path.symlink_to("/dev/zero"),
            "links are not followed"),
    _broken("a pipe", "to be waited for", os.mkfifo, "is not a regular file"),
    _broken("a socket", "to be waited for", _socket, "cannot be read"),
    _broken("a folder called notebook", "x.ipynb is no file", Path.mkdir, "is not a regular file"),
    _broken("five gigabytes", "a sparse file: it takes no space until it is read", _sparse, "has 5000 MB"),
    _broken("900 KB of brackets", "to be nested more deeply than the stack", _bytes(b"[" * 900_000),
            "nested too deeply"),
    _broken("20 MB of brackets", "the same, and to be read for long", _bytes(b"[" * 20_000_000),
            "millions of parts"),
    _broken("30 MB of empty dictionaries", "a gigabyte once they are read",
            _bytes(b'{"cells": [], "x": [' + b"{}," * 10_000_000 + b"{}], " + _HEAD.encode() + b"}"),
            "millions of parts"),
    _broken("a hundred thousand cells", "to be run one by one",
            _text(f'{{"cells": [{", ".join([_cell("1 + 1")] * 100_000)}], {_HEAD}}}'), "has 100000 cells"),
    _broken("a cell of 10 MB", "to be compiled", _text(f'{{"cells": [{_cell("x = 1" * 2_000_000)}], {_HEAD}}}'),
            "million letters"),
    Submission("a thousand cells of one id", "each needs a new one, not taken by any other", points=_NOTHING,
               file=_text(f'{{"cells": [{", ".join([_cell("x" * 2000)] * 1000)}], {_HEAD}}}'), says="994 more cells"),
    _broken("a number of 30 million digits", "to be converted",
            _text(f'{{"cells": [], "x": {"1" * 30_000_000}, {_HEAD}}}'), "is not a notebook"),
    Submission("half a letter", "a lone surrogate, which no file can hold, in an answer", _surrogates, {"1.2": 0.0},
               says="raised UnicodeEncodeError"),
    Submission("null bytes in an answer", "the compiler refuses them", _null_bytes, {"1.2": 0.0},
               says="null bytes"),
    Submission("duplicate keys", "a notebook that is two: the last one of each key is read", file=_twice,
               points=_NOTHING),
    Submission("odd cells", "unknown kinds, ids and metadata that break the format; the answers are there", _odd_cells),
]
