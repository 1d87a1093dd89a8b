"""Every test has a folder for data of its own."""

from pathlib import Path

import pytest


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder for data, which is not there yet."""
    folder = tmp_path / "the data"
    monkeypatch.setenv("COURSEKIT_DATA", str(folder))
    return folder
