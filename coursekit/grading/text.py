"""Make text that a submission brought fit to be stored and shown, the same in every run."""

import re
import sys

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_LIBRARY = re.compile(r'"[^"\n]*/(?:site-packages|dist-packages)/')


def clean(text: object, limit: int = 4000) -> str:
    """Return a text without what cannot be stored, differs between runs or names a place on this machine.

    Args:
        text: whatever came out of the sandbox or a submission's file.
        limit: letters to keep.
    """
    if not isinstance(text, str):
        return ""
    text = text[: 4 * limit].encode("utf-8", "replace").decode("utf-8")
    text = _ADDRESS.sub("0x…", _ANSI.sub("", text.replace("\r\n", "\n")))
    text = _LIBRARY.sub('"', text).replace(f"{sys.base_prefix}/", "").replace(f"{sys.prefix}/", "")
    kept = "".join(
        c if c in "\n\t" or c.isprintable() or c == "\N{ZERO WIDTH JOINER}" else " " for c in text
    )
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"
