"""What --columns prescribes: the kind of a column, and how its numbers or dates are written.

zip=category,id=drop,rent=number:1,234.56,day=date:%d/%m/%Y
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from axone.data.tables.values.numbers.parse import parse_notation
from axone.errors import SettingsError, closest
from axone.messages import _

KINDS = ("number", "date", "category", "drop")


@dataclass(frozen=True)
class Prescription:
    """What a user prescribes for a column.

    Args:
        kind: One of KINDS.
        example: How its numbers are written, as an example, or its dates, as a format; "": as their texts show.
    """

    kind: str
    example: str = ""


def parse_kinds(text: str) -> dict[str, str]:
    """Parse `zip=category,rent=number:1,234.56` into a dict from column to `KIND` or `KIND:EXAMPLE`.

    A comma separates columns only where an equals sign follows before the next comma. Raises SettingsError.
    """
    kinds = {}
    for part in re.split(r",(?=[^,]*=)", text.rstrip(" ,")):
        if not part.strip(" ,"):
            continue
        name, _equals, kind = (word.strip(" ,") for word in part.rpartition("="))
        kinds[name] = kind
    check_kinds(kinds)
    return kinds


def check_kinds(kinds: Mapping[str, str]) -> None:
    """Raise SettingsError unless the kind of every column exists, and its example can be understood."""
    for name, kind in kinds.items():
        parse_prescription(name, kind)


def parse_prescription(name: str, text: str) -> Prescription:
    """Return what `KIND` or `KIND:EXAMPLE` prescribes for a column. Raises SettingsError."""
    kind, _colon, example = (word.strip() for word in text.partition(":"))
    if not name or kind not in KINDS or (example and kind in ("category", "drop")):
        near = closest(kind, KINDS)
        raise SettingsError(
            _("'{name}={kind}' does not set the kind of a column.", name=name, kind=text)
            + (" " + _("Did you mean '{near}'?", near=near) if near and near != kind else ""),
            expected=_("expected NAME=KIND with one of: {choices}", choices=", ".join(KINDS)),
        )
    if kind == "number" and parse_notation(example) is None:
        raise SettingsError(
            _("'{example}' does not say how the numbers of '{name}' are written.", example=example, name=name),
            expected=_("expected a number with thousands and decimals, such as 1,234.56 or 1.234,56 or 1 234,56"),
        )
    if kind == "date" and example and not _is_format(example):
        raise SettingsError(
            _("'{example}' is not a format of the dates of '{name}'.", example=example, name=name),
            expected=_("expected a format such as %d/%m/%Y, %m/%d/%Y or %Y-%m-%d %H:%M"),
        )
    return Prescription(kind, example)


def _is_format(text: str) -> bool:
    """Return whether a format of `strptime` reads what it writes, with year, month and day."""
    example = datetime(2001, 2, 3, 16, 5, 6)
    try:
        return datetime.strptime(example.strftime(text), text).date() == example.date()
    except ValueError:
        return False


def columns_flag(name: str, prescription: str) -> str:
    """Return the flag to type that prescribes a column, such as `--columns rent=number:1,234.56`."""
    return "--columns " + shlex.quote(f"{name}={prescription}")
