"""Numbers as the user's language writes them: 91.28 % in English, 91,28 % in French. The locale has no influence."""

from __future__ import annotations

import math
from typing import TypeGuard

from axone.messages import _, current_language

Number = int | float  # JSON and TOML write 5.0 as either

NARROW_SPACE = "\u202f"


def localize(text: str) -> str:
    """Return a number that Python formatted (1,234.5) as the user's language writes it (1 234,5 in French)."""
    if current_language() != "fr":
        return text
    return text.replace(",", "\0").replace(".", ",").replace("\0", NARROW_SPACE)


def is_number(value: object) -> TypeGuard[Number]:
    """Return whether a value is a number that a page can compute with; booleans and 1e300 are not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(abs(value) < 1e100)


def format_number(value: Number) -> str:
    """Return a number for people: thousands grouped, four significant digits, the decimal comma of the language."""
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
    return localize(text)


def format_percent(value: Number, digits: int = 2) -> str:
    """Return a fraction as a percentage: 0.9128 is "91.28 %"."""
    return localize(f"{100 * value:.{digits}f}") + NARROW_SPACE + "%"


def format_decimal(value: Number, digits: int) -> str:
    """Return a number with `digits` decimals, so that the numbers of a column are aligned."""
    return localize(f"{value:,.{digits}f}")


def format_duration(seconds: Number) -> str:
    """Return a duration: 41.2 s, 3 min 12 s, 2 h 05 min."""
    if seconds < 59.95:  # later ones would be written 60.0
        return f"{localize(f'{seconds:.1f}')}{NARROW_SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{NARROW_SPACE}min {rest:02d}{NARROW_SPACE}s"
    hours, minutes = divmod(minutes, 60)
    return f"{format_number(hours)}{NARROW_SPACE}h {minutes:02d}{NARROW_SPACE}min"


def format_bytes(count: Number) -> str:
    """Return a number of bytes in megabytes, or in gigabytes from 10,000 megabytes on."""
    if abs(count) >= 1e10:
        return localize(f"{count / 1e9:,.1f}") + NARROW_SPACE + _("GB")
    return localize(f"{count / 1e6:,.1f}") + NARROW_SPACE + _("MB")
