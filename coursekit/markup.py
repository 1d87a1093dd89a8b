"""Sentences for people, in HTML."""

from html import escape


def with_code(sentence: str) -> str:
    """Return a sentence as HTML, with what stands between backquotes set as code."""
    parts = escape(sentence, quote=False).split("`")
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))
