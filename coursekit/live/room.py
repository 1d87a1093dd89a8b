"""JupyterLab in front of a room: letters that the last row reads, strong contrast, a key for each magic.

All of it is settings that JupyterLab has anyway, written into a folder of their own, so that the lecturer's
settings stay as they are.
"""

import json
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from coursekit.errors import CourseError
from coursekit.files import atomic_write

USUAL_SIZE = 22  # pixels of a letter of code and prose; JupyterLab's own are 13 and 14
SMALLEST, LARGEST = 12, 48
SAVE_SECONDS = 5
# in or on the active cell if it is one of code: a cell of prose is no place for a magic
_CODE_CELL = ".jp-Notebook .jp-CodeCell.jp-mod-active"


@dataclass(frozen=True)
class Key:
    """A key that puts a magic into the active cell and runs it in place.

    Args:
        press: the key, as JupyterLab writes keys.
        magic: the line that it puts in.
        goes_on: does the lecturer go on typing afterwards?
    """

    press: str
    magic: str
    goes_on: bool = False

    @property
    def text(self) -> str:
        """What the key types: a line of its own, with a blank at its end that tells it from a line typed by hand."""
        return f"\n{self.magic} \n"


# Alt with a letter that is free: no browser has a menu there (F, E, V, S, B, T, H) or the address bar (D),
# JupyterLab no command (A, L, W), and no Mac keyboard of western Europe @, ~, | or an accent (G, L, N, E, I, U)
KEYS = (
    Key("Alt R", "%reveal"),
    Key("Alt J", "%reveal next line", goes_on=True),
    Key("Alt P", "%peek", goes_on=True),
    Key("Alt M", "%diff", goes_on=True),
    Key("Alt C", "%catchup"),
)
PRESENT = "Alt K"  # starts and ends the slides

# JupyterLab's themes color code at 3 to 6:1 here and there; these are their hues at 7:1 and more
_LIGHT = {
    "#005a00": "keyword atom number builtin tag",
    "#8f1414": "string string-2 quote",
    "#6e12a6": "operator qualifier",
    "#2f5252": "comment",
    "#003a9e": "def variable-2 property attribute link header",
    "#7a0000": "error",
    "#4a4a2c": "meta bracket",
}
_DARK = {"#90caf9": "def", "#dca6e6": "string-2", "#81d885": "builtin"}


def make_room(folder: Path, size: int = USUAL_SIZE, dark: bool = False) -> dict[str, str]:
    """Write the settings of a room into a folder.

    Args:
        folder: where; it is made if it is not there. What else JupyterLab has stored in it stays.
        size: of letters of code and prose, in pixels.
        dark: JupyterLab's dark theme of high contrast instead of its light theme.

    Returns:
        What to add to the environment of the server.

    Raises:
        CourseError: the size is not one that can be read and fits.
    """
    if not SMALLEST <= size <= LARGEST:
        raise CourseError(
            f"Letters of {size} pixels are not possible in a room: give a size from {SMALLEST} to {LARGEST}, "
            f"for example {USUAL_SIZE}."
        )
    for name, settings in _settings(size, dark).items():
        file = folder / f"{name}.jupyterlab-settings"
        atomic_write(file, json.dumps(settings, indent=2) + "\n")
    return {"JUPYTERLAB_SETTINGS_DIR": str(folder.resolve())}


def without_slides() -> str:
    """Return a sentence that says how to get slides in JupyterLab, empty where they are there."""
    if find_spec("jupyterlab_slideshow") is not None:
        return ""
    return (
        "The lecture opens as a plain notebook, for what shows slides in JupyterLab is missing: install it with "
        "`pip install -c constraints.txt -e '.[lecture]'` and start again."
    )


def as_typed(code: str) -> str:
    """Return a cell's code as it was before a key put a magic into it.

    A key puts its line where the cursor is, also into the middle of a line; this joins the halves.
    """
    return re.sub("|".join(re.escape(key.text) for key in KEYS), "", code)


def _settings(size: int, dark: bool) -> dict[str, dict[str, Any]]:
    return {
        "@jupyterlab/apputils-extension/themes": {
            "theme": "JupyterLab Dark High Contrast" if dark else "JupyterLab Light",
            "adaptive-theme": False,
            "overrides": {
                "code-font-size": f"{size}px",
                "content-font-size1": f"{size}px",
                "ui-font-size1": f"{_of_interface(size)}px",
            },
        },
        "@jupyterlab/apputils-extension/notification": {
            "fetchNews": "false",  # nothing may pop up over a lecture
            "checkForUpdates": False,
        },
        # whoever follows sees what is saved; JupyterLab itself saves every two minutes
        "@jupyterlab/docmanager-extension/plugin": {"autosaveInterval": SAVE_SECONDS},
        "@jupyterlab/notebook-extension/tracker": {
            "codeCellConfig": {"lineNumbers": True, "lineWrap": True},
            "windowingMode": "none",  # the page must not jump when a cell is filled or a picture comes
        },
        "@jupyterlab/shortcuts-extension/shortcuts": {
            "shortcuts": [
                *(_shortcut(key) for key in KEYS),
                {"command": "deck:toggle", "keys": [PRESENT], "selector": ".jp-Notebook"},
            ]
        },
        # it would begin with slides if the last lecture had ended with them
        "jupyterlab-slideshow/plugin": {"active": False},
        # the extension that shows slides brings one that reads this; without them nobody does
        "@deathbeds/jupyterlab-fonts/fonts": {"styles": _styles(size, dark)},
    }


def _of_interface(size: int) -> int:
    return max(13, round(size * 0.7))


def _shortcut(key: Key) -> dict[str, Any]:
    return {
        "command": "apputils:run-all-enabled",
        "keys": [key.press],
        "selector": _CODE_CELL,
        "args": {
            "commands": [
                "notebook:replace-selection",
                "notebook:run-cell",
                *(["notebook:enter-edit-mode"] if key.goes_on else []),
            ],
            "args": {"text": key.text},
        },
    }


def _styles(size: int, dark: bool) -> dict[str, dict[str, str]]:
    letters = "#f5f5f5" if dark else "#2b2b2b"
    variables = {
        f"--jp-mirror-editor-{token}-color": color
        for color, tokens in (_DARK if dark else _LIGHT).items()
        for token in tokens.split()
    }
    variables |= {f"--jp-cell-{side}prompt-font-color": letters for side in ("in", "out")}
    variables["--jp-cell-prompt-not-active-font-color"] = letters
    # five signs, as in "[12]:", and the room around them; JupyterLab's own are 64 pixels at a size of 13
    variables["--jp-cell-prompt-width"] = f"{5 * size}px"
    variables["--jp-widgets-font-size"] = f"{_of_interface(size)}px"
    return {"body": variables, ".cm-gutters .cm-gutterElement": {"color": f"{letters} !important"}}
