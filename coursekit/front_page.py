"""The README's table of the chapters, with a figure of each.

``python -m coursekit.front_page`` writes the table from the chapter list, and the figures into docs/chapters/ as the
notebooks store them; ``--check`` says what is not as it would write it.
"""

import json
import re
import sys
from base64 import b64decode
from html import unescape
from pathlib import Path

from coursekit.chapters import CHAPTERS, Chapter
from coursekit.files import atomic_write
from coursekit.paths import course_root

PICTURES = "docs/chapters"
_TABLE = re.compile(r"(<!-- chapters:[^>]*-->\n).*(<!-- /chapters -->)", re.S)
_FIGURE = re.compile(r'<img alt="([^"]*)" src="data:image/png;base64,([^"]*)"')


def files(root: Path) -> dict[Path, bytes]:
    """Return what README.md and the pictures should hold, by path.

    Args:
        root: of the course.

    Raises:
        ValueError: README.md has no place for the table, or a chapter's cell shows no figure.
    """
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8")
    if not _TABLE.search(text):
        raise ValueError("README.md has no <!-- chapters: ... --> and <!-- /chapters -->")
    made: dict[Path, bytes] = {}
    lines = [
        "| | | chapter | first do | afterwards you can | minutes |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for one in CHAPTERS:
        alt, picture = figure(root, one)
        place = f"{PICTURES}/{one.number:02d}.png"
        made[root / place] = picture
        image = f'<img src="{place}" width="200" alt="{alt}">'
        needs = ", ".join(f"{before:02d}" for before in one.needs)
        lines.append(
            f"| {one.number:02d} | {image} | [{one.title}]({one.notebook}) | {needs} | {one.able_to} | {one.minutes} |"
        )
    table = "\n".join(lines)
    made[readme] = _TABLE.sub(lambda found: f"{found[1]}{table}\n{found[2]}", text).encode()
    return made


def figure(root: Path, one: Chapter) -> tuple[str, bytes]:
    """Return the alt text, as HTML has it, and the PNG of the figure that stands for a chapter.

    Raises:
        ValueError: its notebook has no such cell, or the cell shows no figure.
    """
    notebook = json.loads((root / one.notebook).read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["id"] != one.figure:
            continue
        for output in cell.get("outputs", []):
            found = _FIGURE.search("".join(output.get("data", {}).get("text/html", "")))
            if found:
                return found[1].replace("|", "&#124;"), b64decode(unescape(found[2]))
    raise ValueError(
        f"{one.notebook} shows no figure in a cell {one.figure!r}: run it, or name another in coursekit/chapters.py"
    )


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` only say which are not as they should be."""
    if arguments not in ([], ["--check"]):
        print(f"unknown: {' '.join(arguments)}; expected nothing or --check", file=sys.stderr)
        return 2
    root = course_root()
    wrong = {
        path: content
        for path, content in files(root).items()
        if not path.is_file() or path.read_bytes() != content
    }
    for path, content in wrong.items():
        print(path.relative_to(root), "is not up to date" if arguments else "written")
        if not arguments:
            atomic_write(path, content)
    return 1 if arguments and wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
