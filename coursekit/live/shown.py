"""Cells as HTML: prose, code and what it showed, with formulas and colors that a projector keeps apart.

What a page is put together from lies in ``deck/``, with the licenses.
"""

import base64
import re
from collections.abc import Callable, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from nbformat import NotebookNode

_DECK = files("coursekit.live") / "deck"
# dark enough on the light gray of a code block for 7:1
_COLORS = {
    "Keyword": "bold #003a75",
    "Name.Builtin": "#00484f",
    "Name.Function": "#003a75",
    "Name.Class": "#003a75",
    "Literal.String": "#004d1a",
    "Literal.Number": "#6b2500",
    "Operator": "#4a148c",
    "Operator.Word": "bold #003a75",
    "Comment": "italic #4a4a4a",
}


def prose(markdown: str) -> str:
    """Return Markdown as HTML. Formulas stay as they are: the page draws them when it opens."""
    return _markdown()(markdown)


def inline(markdown: str) -> str:
    """Return a line of Markdown as HTML without a paragraph around it."""
    return re.sub(r"^<p>(.*)</p>$", r"\1", prose(markdown).strip())


def code(source: str) -> str:
    """Return Python code, highlighted."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    formatted: str = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))
    return f'<pre class="code"><code>{formatted.rstrip()}</code></pre>'


def results(outputs: Sequence[NotebookNode]) -> str:
    """Return what a cell showed, empty when it showed nothing."""
    return "".join(_result(one) for one in outputs)


def _result(output: NotebookNode) -> str:
    from nbconvert.filters import ansi2html

    if output.output_type == "stream":
        return f'<pre class="result">{ansi2html(output.text.rstrip())}</pre>'
    if output.output_type == "error":
        return f'<pre class="result">{ansi2html(chr(10).join(output.traceback))}</pre>'
    data = output.data
    plain = escape(data.get("text/plain", ""), quote=True)
    if "text/html" in data:
        inside = data["text/html"]
    elif "image/svg+xml" in data:
        inside = data["image/svg+xml"]
    elif kind := next((one for one in ("image/png", "image/jpeg") if one in data), ""):
        inside = f'<img alt="{plain}" src="data:{kind};base64,{"".join(data[kind].split())}">'
    elif text := data.get("text/markdown") or data.get("text/latex"):
        inside = prose(text)
    else:
        return f'<pre class="result">{plain}</pre>' if plain else ""
    return f'<div class="result">{inside}</div>'


@cache
def _markdown() -> Callable[[str], str]:
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    class Renderer(IPythonRenderer):
        """Without links to files that do not come with the page."""

        def link(self, text: str, url: str, title: str | None = None) -> str:
            """Return a link to a page of the web, else only its text."""
            if not url.startswith(("https://", "http://")):
                return text
            linked: str = super().link(text, url, title)
            return linked

    render: Callable[[str], str] = MarkdownWithMath(
        renderer=Renderer(escape=False, exclude_anchor_links=True)
    ).render
    return render


def math_style() -> str:
    """Return KaTeX's style with its fonts inside."""

    def inside(match: re.Match[str]) -> str:
        data = (_DECK / "katex" / "fonts" / f"{match[1]}.woff2").read_bytes()
        return (
            f'src:url(data:font/woff2;base64,{base64.b64encode(data).decode()}) format("woff2")}}'
        )

    return re.sub(r"src:url\(fonts/([\w-]+)\.woff2\)[^}]*\}", inside, asset("katex/katex.min.css"))


def code_style() -> str:
    """Return the colors of code."""
    from pygments.formatters import HtmlFormatter
    from pygments.style import Style
    from pygments.token import string_to_tokentype

    class Room(Style):
        """Colors that a projector keeps apart."""

        styles: dict[Any, str] = {string_to_tokentype(k): v for k, v in _COLORS.items()}  # noqa: RUF012

    rules: str = HtmlFormatter(style=Room).get_style_defs(".code")
    return rules


def asset(name: str) -> str:
    """Return the text of a file of ``deck/``."""
    return _DECK.joinpath(*name.split("/")).read_text(encoding="utf-8")
