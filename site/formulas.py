"""Formulas as KaTeX finds them: TeX between delimiters. The page draws them when it opens."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_html_math_renderer("katex", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def inline(writer: HTML5Translator, node: nodes.math) -> None:
    """Write a formula in a line."""
    tex = writer.encode(node.astext().strip())
    writer.body.append(f'<span class="formula">\\({tex}\\)</span>')
    raise nodes.SkipNode


def block(writer: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on lines of its own."""
    tex = writer.encode(node.astext().strip())
    writer.body.append(f'<div class="formula">\\[{tex}\\]</div>\n')
    raise nodes.SkipNode
