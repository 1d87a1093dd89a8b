"""Keeping a set: whole or not at all, whatever stops the process that writes it."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fake_sets import CIFAR, SMALL_CIFAR, batch_files, unpacked

from coursekit.data import cifar10, fashion_mnist
from coursekit.data.obtain import import_
from coursekit.data.store import cache, held, is_whole, load, save
from coursekit.errors import CourseError


@pytest.fixture
def kept(place: Path) -> Path:
    """Return the folder of a set that is here."""
    place.mkdir()
    return save(SMALL_CIFAR, CIFAR)


def test_a_set_that_is_not_here_names_the_ways_to_it_and_the_offline_default(place: Path) -> None:
    for ask in (cifar10, lambda: fashion_mnist(full=True)):
        with pytest.raises(CourseError) as caught:
            ask()
        for word in ("`coursekit data get", "`coursekit data import", "fashion_mnist() returns"):
            assert word in str(caught.value)
    assert not place.exists(), "asking makes no folder"


def test_changing_the_arrays_changes_nothing_on_the_disk(kept: Path) -> None:
    mine = load(SMALL_CIFAR)
    mine.x[:] = 0
    mine.labels[:] = 0
    assert type(mine.x) is np.ndarray
    assert np.array_equal(load(SMALL_CIFAR).x, CIFAR.x)
    assert is_whole(SMALL_CIFAR)


def test_a_flipped_bit_is_noticed(kept: Path) -> None:
    content = bytearray((kept / "x_test.npy").read_bytes())
    content[-5] ^= 1
    (kept / "x_test.npy").write_bytes(content)
    assert not is_whole(SMALL_CIFAR)


@pytest.mark.parametrize("damage", ["cut", "emptied", "removed"])
def test_a_damaged_file_gets_a_sentence(kept: Path, damage: str) -> None:
    file = kept / "x.npy"
    size = {"cut": file.stat().st_size - 1, "emptied": 0}
    if damage == "removed":
        file.unlink()
    else:
        os.truncate(file, size[damage])
    with pytest.raises(
        CourseError, match=r"is damaged .*`coursekit data get cifar10` fetches it anew"
    ):
        load(SMALL_CIFAR)


@pytest.mark.parametrize("before", ["nothing", "a set"])
def test_a_disk_that_fills_up_leaves_what_was_here(
    before: str, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = unpacked(tmp_path / "mine", batch_files())
    if before == "a set":
        import_(SMALL_CIFAR, path)
    syncs = []

    def fsync(handle: int) -> None:
        syncs.append(handle)
        if len(syncs) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(CourseError, match=r"too little room in .*COURSEKIT_DATA, and repeat"):
        import_(SMALL_CIFAR, path)
    left = {one.name for one in place.iterdir()}
    assert left == {"cifar10.lock"} | ({"cifar10"} if before == "a set" else set())
    if before == "a set":
        assert is_whole(SMALL_CIFAR)


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from fake_sets import SMALL_CIFAR
from coursekit.data.obtain import import_
syncs = []
def fsync(handle):
    syncs.append(handle)
    if len(syncs) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
os.fsync = fsync
import_(SMALL_CIFAR, Path(sys.argv[2]))
"""


def test_a_process_killed_while_it_writes_leaves_nothing_to_believe(
    place: Path, tmp_path: Path
) -> None:
    path = unpacked(tmp_path / "mine", batch_files())
    here = str(Path(__file__).parent)
    done = subprocess.run([sys.executable, "-c", KILLED, here, str(path)], timeout=120)
    assert done.returncode == -signal.SIGKILL
    assert list(place.glob(".cifar10.*.new")), "it was killed in the middle"
    with pytest.raises(CourseError, match="is not on this machine"):
        load(SMALL_CIFAR)
    import_(SMALL_CIFAR, path)
    assert is_whole(SMALL_CIFAR)
    assert {one.name for one in place.iterdir()} == {"cifar10", "cifar10.lock"}


def test_two_at_a_time_are_refused_and_a_lock_file_alone_is_not(
    place: Path, tmp_path: Path
) -> None:
    path = unpacked(tmp_path / "mine", batch_files())
    with (
        held(SMALL_CIFAR),
        pytest.raises(
            CourseError, match="Another `coursekit data` is at work on CIFAR-10 right now"
        ),
    ):
        import_(SMALL_CIFAR, path)
    assert (place / "cifar10.lock").exists()
    import_(SMALL_CIFAR, path)


def test_the_folder_is_the_platforms_unless_a_variable_names_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("COURSEKIT_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert cache() == tmp_path / "coursekit"
    monkeypatch.setenv("COURSEKIT_DATA", "~/data of the course")
    assert cache() == Path.home() / "data of the course"
