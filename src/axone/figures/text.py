"""Words of the report: made safe for a page.

Everything that comes out of a run folder is somebody else's text. It passes through `escape` before it
reaches the page: terminal codes and characters that reorder or hide text are replaced, then HTML is escaped.
"""

from __future__ import annotations

import html
import re
import time
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from axone.messages import _
from axone.numbers import Number, number

LONGEST = 2000  # characters of one text; a longer one is cut, with a sign that it was
_TERMINAL_CODE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|.)", re.DOTALL)
# Marks that make text read in another order than it is written (left-to-right override and its kin).
_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(value: object, longest: int = LONGEST) -> str:
    """Turn any value into text without terminal codes, control characters or reordering marks."""
    text = _TERMINAL_CODE.sub("", str(value)[: 4 * longest])
    text = "".join(_visible(character) for character in text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _visible(character: str) -> str:
    if character in "\n\t":
        return character
    hidden = character in _REORDERING or unicodedata.category(character) in ("Cc", "Cs")
    return "\ufffd" if hidden else character


def escape(value: object, longest: int = LONGEST) -> str:
    """Make any value safe as HTML text and as a double-quoted attribute."""
    return html.escape(plain(value, longest), quote=True)


def date(seconds: Number) -> str:
    """Write a moment (seconds since 1970) as a date and time of this machine's clock."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
    except (ValueError, OverflowError, OSError):
        return "?"


def words(name: object) -> str:
    """Turn a key into words, in the page's language: samples_per_second -> samples per second."""
    key = plain(name, 200).strip()
    return (_(key) if key else key).replace("_", " ")


def cell(value: object) -> str:
    """Write any JSON or TOML value in a table cell, as text (not yet escaped)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{words(key)}: {cell(item)}" for key, item in list(value.items())[:100])
    if isinstance(value, list | tuple):
        more = ["…"] if len(value) > 200 else []
        return ", ".join([cell(item) for item in value[:200]] + more)
    return plain(value)


def shape(value: object) -> str:
    """Write a tensor's shape as PyTorch does, (32, 26, 26); several outputs are joined."""
    if not isinstance(value, list | tuple):
        return cell(value)
    if any(isinstance(item, list | tuple) for item in value):
        return ", ".join(shape(item) for item in value[:50])
    return "(" + ", ".join("?" if item is None else plain(item, 40) for item in value[:50]) + ")"


def joined(parts: Iterable[str]) -> str:
    """Join pieces of HTML with line ends, without the empty ones."""
    return "\n".join(part for part in parts if part)


def dictionary(value: Any) -> dict[str, Any]:
    """Return a value that should be a dictionary, or an empty one when it is not."""
    return value if isinstance(value, dict) else {}
