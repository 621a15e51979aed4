"""Words and numbers of the report: made safe for a page, written as the reader's language writes them.

Everything that comes out of a run folder is somebody else's text. It passes through `escape` before it
reaches the page: terminal codes and characters that reorder or hide text are replaced, then HTML is escaped.
"""

from __future__ import annotations

import html
import math
import re
import time
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard

from axone.messages import _

Number = int | float  # JSON and TOML write 5.0 as either

LONGEST = 2000  # characters of one text; a longer one is cut, with a sign that it was
NARROW_SPACE = "\u202f"
_TERMINAL_CODE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|.)", re.DOTALL)
# Marks that make text read in another order than it is written (left-to-right override and its kin).
_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SHARES = ("accuracy", "precision", "recall", "f1", "share", "rate of success")


def language() -> str:
    """Return the code of the language in which the page's messages come out: "en" or "fr"."""
    # A message like any other: a catalogue says its own code here, and without one the text is English.
    return _("en")


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


def is_number(value: object) -> TypeGuard[Number]:
    """Say whether a value is a number that a page can calculate with (true, false and 1e300 are not)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e100


def number(value: Number) -> str:
    """Write a number for a person: grouped thousands, four significant digits, the language's comma."""
    if isinstance(value, float) and not math.isfinite(value):
        return _("not a number") if math.isnan(value) else ("∞" if value > 0 else "-∞")
    size = abs(value)
    if size >= 1e100:
        text = "> 1e100" if value > 0 else "< -1e100"
    elif isinstance(value, int):
        text = f"{value:,}" if size < 10**18 else f"{value:.3g}"
    elif size == 0:
        text = "0"
    elif size >= 1e15 or size < 1e-3:
        mantissa, exponent = f"{value:.3g}".partition("e")[::2]
        text = f"{mantissa}e{int(exponent)}" if exponent else mantissa
    elif size >= 1000:
        text = f"{value:,.0f}"
    else:
        text = f"{value:.4g}"
    return _localised(text)


def percent(value: Number, digits: int = 2) -> str:
    """Write a share of one as a percentage."""
    return _localised(f"{100 * value:.{digits}f}") + NARROW_SPACE + "%"


def decimal(value: Number, digits: int) -> str:
    """Write a number with so many decimals, so that those of a column stand under each other."""
    return _localised(f"{value:,.{digits}f}")


def _localised(text: str) -> str:
    if language() != "fr":
        return text
    return text.replace(",", "\0").replace(".", ",").replace("\0", NARROW_SPACE)


def is_share(name: str) -> bool:
    """Say whether a metric of this name is a share of one, better read as a percentage."""
    words = name.lower().replace("-", "_")
    return any(words == share or words.endswith("_" + share) for share in _SHARES)


def measure(name: str, value: object) -> str:
    """Write the value of a metric: a percentage, a number, or a plain word when it is none."""
    if not is_number(value):
        return _("not a number")
    return percent(value) if is_share(name) and 0 <= value <= 1 else number(value)


def duration(seconds: Number) -> str:
    """Write a length of time: 41.2 s, 3 min 12 s, 2 h 05 min."""
    if seconds < 60:
        return f"{_localised(f'{seconds:.1f}')}{NARROW_SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{NARROW_SPACE}min {rest:02d}{NARROW_SPACE}s"
    hours, minutes = divmod(minutes, 60)
    return f"{number(hours)}{NARROW_SPACE}h {minutes:02d}{NARROW_SPACE}min"


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
