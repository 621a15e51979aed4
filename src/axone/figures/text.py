"""Text that anyone may have written, made safe to show: in a terminal, in a drawing, in HTML.

Whatever comes out of a run folder passes through `escape` before it reaches a page: terminal codes and characters
that reorder or hide text are replaced, then HTML is escaped.
"""

from __future__ import annotations

import html
import re
import unicodedata

LONGEST = 2000  # characters of one text; a longer one is shortened and ends with an ellipsis
_TERMINAL_CODE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|.)", re.DOTALL)
# Marks that make text read in another order than it is written (left-to-right override and its kin).
_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean_text(value: object, longest: int = LONGEST) -> str:
    """Convert any value to text without terminal codes, control characters or reordering marks."""
    text = _TERMINAL_CODE.sub("", str(value)[: 4 * longest])
    text = "".join(_visible(character) for character in text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def escape(value: object, longest: int = LONGEST) -> str:
    """Convert any value to what is safe as HTML text and as a double-quoted attribute."""
    return html.escape(clean_text(value, longest), quote=True)


def _visible(character: str) -> str:
    if character in "\n\t":
        return character
    hidden = character in _REORDERING or unicodedata.category(character) in ("Cc", "Cs")
    return "\ufffd" if hidden else character
