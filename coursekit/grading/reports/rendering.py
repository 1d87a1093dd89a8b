"""Fill in the templates of the pages: whatever is filled in is text, cleaned and escaped."""

from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from coursekit.grading.names import file_stem
from coursekit.grading.reports.charts import strip
from coursekit.grading.reports.kinds import LOOKS, SIGNS, WORDS
from coursekit.grading.reports.plain import shortened, visible, without_colors
from coursekit.grading.reports.points import written_number
from coursekit.grading.result import STATES
from coursekit.markup import with_code

_SENTENCE, _TEXT = 2_000, 20_000  # characters that are shown of a sentence, of an answer


def render(template: str, **values: Any) -> str:
    """Return a template with its places filled in; one that lacks a value is an error."""
    return _environment().get_template(template).render(**values)


def feedback_link(student: str) -> str:
    """Return the address of a student's page, relative to the folder of results."""
    return "feedback/" + quote(f"{file_stem(student)}.html", errors="replace")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("coursekit.grading.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(said=_said, source=_source, number=written_number, link=feedback_link)
    made.globals.update(
        plural=_plural,
        percent=_percent,
        strip=strip,
        signs=SIGNS,
        looks=LOOKS,
        words=WORDS,
        state_names={state: state for state in STATES},
    )
    return made


def _finalize(value: Any) -> Any:
    """Clean whatever a template prints; what is markup stays markup."""
    return type(value)(visible(value)) if isinstance(value, str) else value


def _said(text: str, limit: int = _SENTENCE) -> Markup:
    """Return a sentence as HTML, with code set as such, at a length that can be read."""
    return Markup(with_code(visible(shortened(without_colors(text), limit))))


def _source(text: str) -> str:
    return shortened(without_colors(text), _TEXT)


def _plural(count: float, one: str) -> str:
    return f"{written_number(count)} {one if count == 1 else one + 's'}"


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f}%"
