"""Values of a run's documents as text for the report: dates, keys, table cells, shapes. Not yet escaped."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from axone.figures.text import clean_text
from axone.messages import _
from axone.numbers import Number, format_number


def format_date(seconds: Number) -> str:
    """Format a time (seconds since 1970) as a date and time of this machine's time zone."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
    except (ValueError, OverflowError, OSError):
        return "?"


def label_key(name: object) -> str:
    """Convert a key to words in the page's language: samples_per_second -> samples per second."""
    key = clean_text(name, 200).strip()
    return (_(key) if key else key).replace("_", " ")


def format_cell(value: object) -> str:
    """Format any JSON or TOML value for a table cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return format_number(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{label_key(key)}: {format_cell(item)}" for key, item in list(value.items())[:100])
    if isinstance(value, list | tuple):
        more = ["…"] if len(value) > 200 else []
        return ", ".join([format_cell(item) for item in value[:200]] + more)
    return clean_text(value)


def format_shape(value: object) -> str:
    """Format a tensor's shape as PyTorch does, (32, 26, 26); the shapes of several outputs are joined."""
    if not isinstance(value, list | tuple):
        return format_cell(value)
    if any(isinstance(item, list | tuple) for item in value):
        return ", ".join(format_shape(item) for item in value[:50])
    return "(" + ", ".join("?" if item is None else clean_text(item, 40) for item in value[:50]) + ")"


def join_html(parts: Iterable[str]) -> str:
    """Join pieces of HTML with line ends, leaving out the empty ones."""
    return "\n".join(part for part in parts if part)


def as_dict(value: Any) -> dict[str, Any]:
    """Return a value that should be a dictionary, or an empty one when it is not."""
    return value if isinstance(value, dict) else {}
