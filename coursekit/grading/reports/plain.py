"""Make text that a student wrote fit to be read: no terminal colors, nothing invisible, no end of it."""

import re
import sys

# ECMA-48: a control sequence, an operating system command, or a single shift
_ANSI = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-_]")
# what HTML forbids, what UTF-8 cannot hold, and what makes text read in another order than it runs in
_FORBIDDEN = "\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef"
_LAST_OF_PLANES = "".join(
    chr(code) for end in range(0xFFFF, sys.maxunicode + 1, 0x10000) for code in (end - 1, end)
)
_UNSEEN = re.compile(f"[{_FORBIDDEN}{_LAST_OF_PLANES}]")


def without_colors(text: str) -> str:
    """Return text without the sequences that color it in a terminal."""
    return _ANSI.sub("", text)


def visible(text: str) -> str:
    r"""Return text with every forbidden or deceptive character written out, as ``\x1b`` or ``\u202e``."""
    return _UNSEEN.sub(_written_out, text.replace("\r\n", "\n"))


def _written_out(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def shortened(text: str, limit: int) -> str:
    """Return at most about ``limit`` characters: the beginning and the end, and how much is left out."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[{len(text) - 2 * half:,} characters left out]\n{text[-half:]}"
