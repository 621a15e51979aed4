"""A whole number that was typed behind a flag of a verb."""

from __future__ import annotations

from axone.errors import UsageError
from axone.messages import _


def whole_number(text: str, flag: str, low: int, high: int | None = None) -> int:
    """Read a whole number from `low` on, up to `high` where there is such a limit. Raises UsageError."""
    if text.isdecimal() and low <= int(text) and (high is None or int(text) <= high):
        return int(text)
    limits = _("at least {limit}", limit=low) if high is None else _("{low} to {high}", low=low, high=high)
    raise UsageError(
        _("{name} cannot be '{value}'.", name=flag, value=text),
        expected=_("expected {wanted}", wanted=_("a whole number") + ", " + limits),
    )
