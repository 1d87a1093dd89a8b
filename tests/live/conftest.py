"""What the tests of lecture mode share."""

from pathlib import Path

import pytest

from coursekit.paths import MARKER


@pytest.fixture
def work(tmp_path: Path, monkeypatch) -> Path:
    """A working copy of its own, in which the test runs."""
    (tmp_path / MARKER).mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path
