"""The page of a room that follows: the cells as they stand, formulas drawn, nothing to type into."""

from coursekit.live.board import View
from coursekit.live.shown import asset, code_style, math_style


def page(title: str, view: View, nonce: str) -> str:
    """Return the page.

    Args:
        title: of the chapter.
        view: what the copy shows now.
        nonce: that the policy of the answer names, so that no script runs but the page's own.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    template = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).from_string(asset("follow.html.j2"))
    scripts = "katex/katex.min.js", "katex/auto-render.min.js", "formulas.js", "follow.js"
    return template.render(
        title=title,
        view=view,
        nonce=nonce,
        styles=[Markup(one) for one in (math_style(), code_style(), asset("follow.css"))],
        scripts=[Markup(asset(one)) for one in scripts],
        safe=Markup,
    )
