"""Fixtures of the corpus: a secret to look for, a right submission to be disturbed, a port to be called."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from secrets import token_hex

import pytest
from corpus.building import Draft
from corpus.judging import SEED, Neighbor, Place

from coursekit.chapters import chapter
from coursekit.grading.conversation import Limits
from coursekit.grading.grader import make_grader


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    root = tmp_path_factory.mktemp("plum")
    secret = f"plum-{token_hex(16)}"
    for name in (
        "submissions/other.ipynb",
        "results/results/other.json",
        "home/.netrc",
        "gradebook.db",
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(secret)
    with ExitStack() as stack:
        stack.enter_context(pytest.MonkeyPatch.context()).setenv("PLUM", secret)
        listeners = []
        for family, kind, address in [
            (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            (socket.AF_UNIX, socket.SOCK_STREAM, f"\0{secret[:9]}"),
            (socket.AF_UNIX, socket.SOCK_STREAM, str(root / "submissions" / "listener")),
        ]:
            one = stack.enter_context(socket.socket(family, kind))
            one.bind(address)
            if kind == socket.SOCK_STREAM:
                one.listen()
            listeners.append(one)
        yield Place(root / "submissions", secret, tuple(listeners))


@pytest.fixture(scope="session")
def neighbor(tmp_path_factory: pytest.TempPathFactory) -> Neighbor:
    path = tmp_path_factory.mktemp("diligent") / "diligent.ipynb"
    path.write_bytes(Draft().bytes())
    return Neighbor(make_grader(chapter(1), SEED, Limits(60, 600_000_000)), path)
