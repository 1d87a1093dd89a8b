"""The settings of a room: what JupyterLab is given, and that nothing collides with what it has."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jupyterlab.commands import get_app_dir

from coursekit.errors import CourseError
from coursekit.live import room
from coursekit.live.room import KEYS, PRESENT, as_typed, make_room

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = Path(get_app_dir()) / "schemas"


def written(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.jupyterlab-settings").read_text(encoding="utf-8"))


def test_the_server_is_led_to_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert make_room(Path("room")) == {"JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "room")}
    assert (tmp_path / "room").is_dir()


@pytest.mark.parametrize("dark", [False, True])
def test_jupyterlab_accepts_every_setting(tmp_path: Path, dark: bool) -> None:
    make_room(tmp_path, dark=dark)
    checked = 0
    for file in tmp_path.glob("@jupyterlab/*/*.jupyterlab-settings"):
        extension, plugin = file.parent.name, file.name.removesuffix(".jupyterlab-settings")
        schema = json.loads((SCHEMAS / "@jupyterlab" / extension / f"{plugin}.json").read_text())
        settings = json.loads(file.read_text(encoding="utf-8"))
        jsonschema.validate(settings, schema)
        assert settings.keys() <= schema["properties"].keys()
        checked += 1
    assert checked == 5


def test_letters_are_as_large_as_asked(tmp_path: Path) -> None:
    make_room(tmp_path, size=30)
    sizes = written(tmp_path, "@jupyterlab/apputils-extension/themes")["overrides"]
    assert sizes["code-font-size"] == sizes["content-font-size1"] == "30px"
    make_room(tmp_path, size=18)
    sizes = written(tmp_path, "@jupyterlab/apputils-extension/themes")["overrides"]
    assert sizes["code-font-size"] == "18px"


def test_no_news_pop_up_as_elsewhere_in_the_course(tmp_path: Path) -> None:
    make_room(tmp_path)
    course = json.loads((ROOT / "jupyter/default_setting_overrides.json").read_text())
    for name, settings in course.items():
        assert written(tmp_path, name.replace(":", "/")) == settings


def test_other_settings_in_the_folder_stay(tmp_path: Path) -> None:
    other = tmp_path / "@jupyterlab" / "completer-extension" / "manager.jupyterlab-settings"
    other.parent.mkdir(parents=True)
    other.write_text("{}")
    make_room(tmp_path)
    assert other.read_text() == "{}"


@pytest.mark.parametrize("size", [0, 11, 49, -22])
def test_a_size_that_nobody_can_read_is_refused(tmp_path: Path, size: int) -> None:
    with pytest.raises(CourseError, match=rf"{size} pixels.* from 12 to 48, for example"):
        make_room(tmp_path / "room", size)
    assert not (tmp_path / "room").exists()


def test_no_key_is_one_of_jupyterlabs() -> None:
    ours = [key.press for key in KEYS] + [PRESENT]
    theirs = {
        " ".join(keys)
        for file in SCHEMAS.glob("**/*.json")
        for shortcut in json.loads(file.read_text(encoding="utf-8")).get(
            "jupyter.lab.shortcuts", []
        )
        for keys in [shortcut["keys"], shortcut.get("macKeys", []), shortcut.get("winKeys", [])]
    }
    assert "Alt W" in theirs, "no shortcut of JupyterLab was found"
    assert len(ours) == len(set(ours))
    assert not set(ours) & theirs


def test_every_magic_has_a_key() -> None:
    assert [key.magic for key in KEYS] == [
        "%reveal",
        "%reveal next line",
        "%peek",
        "%diff",
        "%catchup",
    ]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.magic)
@pytest.mark.parametrize(
    ("left", "right"), [("", ""), ("x = 1", ""), ("for i", "n range(3):\n    pass")]
)
def test_what_a_key_types_can_be_taken_out_again(key: room.Key, left: str, right: str) -> None:
    code = left + key.text + right
    assert key.magic in [line.strip() for line in code.splitlines()], (
        "the magic needs a line of its own"
    )
    assert as_typed(code) == left + right


def test_a_magic_that_was_typed_by_hand_is_left() -> None:
    assert as_typed("x = 1\n%reveal\ny = 2") == "x = 1\n%reveal\ny = 2"


def test_where_slides_are_missing_a_sentence_says_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "find_spec", lambda name: object())
    assert room.without_slides() == ""
    monkeypatch.setattr(room, "find_spec", lambda name: None)
    assert ".[lecture]" in room.without_slides()
