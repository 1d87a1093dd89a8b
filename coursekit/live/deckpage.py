"""The page of a deck: one HTML file with reveal.js, KaTeX, every picture and every font inside.

It asks no other machine for anything, and a policy in its head makes the browser refuse if it did. What it is put
together from lies in ``deck/``, with the licenses.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from coursekit.live.shown import asset, code_style, math_style

if TYPE_CHECKING:
    from coursekit.live.deck import Slide

GENERATOR = '<meta name="generator" content="coursekit slides">'
_HEAD = 2_000  # characters of a file in which its generator stands


def page(title: str, columns: "Sequence[Sequence[Slide]]") -> str:
    """Return the page of a deck.

    Args:
        title: of the deck.
        columns: slides that stand side by side, each with the slides below it.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    template = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(asset("deck.html.j2"))
    return template.render(
        title=title,
        generator=Markup(GENERATOR),
        columns=columns,
        styles=[
            Markup(one)
            for one in (asset("reveal/reveal.css"), math_style(), code_style(), asset("deck.css"))
        ],
        scripts=[
            Markup(asset(one))
            for one in (
                "reveal/reveal.js",
                "reveal/notes.js",
                "katex/katex.min.js",
                "katex/auto-render.min.js",
                "formulas.js",
                "deck.js",
            )
        ],
        safe=Markup,
    )


def is_ours(path: Path) -> bool:
    """Did this module make the file?"""
    try:
        with path.open(encoding="utf-8") as file:
            return GENERATOR in file.read(_HEAD)
    except (OSError, UnicodeDecodeError):
        return False
