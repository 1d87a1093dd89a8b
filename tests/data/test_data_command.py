"""`coursekit data`, as typed."""

from pathlib import Path

import pytest
from fake_sets import CIFAR, SMALL_CIFAR, batch_files, unpacked
from flaky_server import Flaky, serving
from typer.testing import CliRunner

from coursekit import cli
from coursekit.data import cifar10, obtain


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr(obtain, "SETS", (obtain.FASHION_MNIST, SMALL_CIFAR))


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, ["data", *arguments])
    return result.exit_code, result.output


def test_help_names_every_set(place: Path) -> None:
    for command in ("get", "import"):
        status, text = run(command, "--help")
        assert status == 0
        assert all(one.name in text for one in obtain.SETS)


def test_import_then_list_then_get(place: Path, tmp_path: Path) -> None:
    mine = unpacked(tmp_path / "mine", batch_files())
    status, text = run("import", "cifar10", str(mine))
    assert status == 0
    assert text.splitlines() == [
        "Reading CIFAR-10 and comparing it with its checksums ...",
        f"CIFAR-10 is here: {place / 'cifar10'}",
    ]
    assert (cifar10().x == CIFAR.x).all()
    status, text = run("list")
    assert status == 0
    lines = [line.split() for line in text.splitlines()]
    assert ["cifar10", "here", "1", "MB", *SMALL_CIFAR.license.split()] in lines
    assert ["fashion-mnist", "not", "here", "55", "MB", "MIT"] in lines
    assert f"Folder: {place}" in text
    assert "`coursekit data get NAME` fetches what is not here" in text
    assert run("get", "cifar10")[1].startswith("CIFAR-10 is here already")


def test_an_unknown_name_lists_those_there_are(place: Path) -> None:
    for arguments in (("get", "mnist"), ("import", "mnist", ".")):
        status, text = run(*arguments)
        assert (status, text) == (
            1,
            "There is no set of images 'mnist' to get: expected fashion-mnist or cifar10.\n",
        )


def test_what_goes_wrong_is_one_line_and_status_1(place: Path, tmp_path: Path) -> None:
    status, text = run("import", "cifar10", str(tmp_path))
    assert status == 1
    *_, line = text.splitlines()
    assert line.startswith(f"{tmp_path} does not hold CIFAR-10: expected the archive")
    assert "Traceback" not in text


def test_a_folder_that_cannot_be_made_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path / "file"))
    for arguments in (("get", "cifar10"), ("import", "cifar10", str(tmp_path))):
        status, text = run(*arguments)
        assert status == 1
        assert f"{tmp_path / 'file'} is a file, not a folder" in text
    assert run("list")[0] == 0


def test_a_stopped_download_says_so(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*arguments: object) -> None:
        raise KeyboardInterrupt

    with serving(Flaky({})) as server:
        monkeypatch.setattr(obtain, "fetch", stop)
        assert run("get", "cifar10") == (130, "Stopped.\n")
        assert server.asked == []
