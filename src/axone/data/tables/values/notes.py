"""Sentences for people about how the columns of a table were read, one line each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from axone.data.tables.values.dates.column import DateColumn
from axone.data.tables.values.kinds import columns_flag
from axone.data.tables.values.numbers.column import MOSTLY, NumberColumn, count_cells
from axone.data.tables.values.numbers.parse import SAMPLE
from axone.data.tables.values.reading import Conversion
from axone.data.tables.values.unreadable import NOT_A_NUMBER, TWO_DATES, TWO_NUMBERS, name_row
from axone.messages import _
from axone.numbers import format_percent

MAX_NAMES = 8
POINT_EXAMPLE, COMMA_EXAMPLE = "1,234.56", "1.234,56"


def describe_unreadable(conversion: Conversion, other: str = "", locate: Callable[[int], str] = name_row) -> list[str]:
    """Return a line for each kind of cells that cannot be read.

    `other` is the flag that would read them, and `locate` returns where a row (counted from 0) is.
    """
    lines = []
    for cells in conversion.unreadable:
        ending = _("It counts as missing.") if len(cells) == 1 else _("They count as missing.")
        line = f"{cells.describe(locate)} {ending}"
        if cells.reason in (TWO_NUMBERS, TWO_DATES) and other:
            line += " " + _("To choose one, type {flag}.", flag=other)
        lines.append(line)
    return lines


def describe_notations(columns: Iterable[NumberColumn]) -> list[tuple[str, str]]:
    """Return a line for each notation that is not the usual one, with the first column that has it."""
    groups: dict[tuple[str, str, str], list[NumberColumn]] = {}
    for column in columns:
        notation = column.notation
        is_unusual = column.parsed.other.height > 0 or notation.decimal == ","
        is_said_elsewhere = is_decided_by_others(column) or is_mixed(column)
        if is_unusual and not is_said_elsewhere and find_example(column) is not None:
            groups.setdefault((notation.decimal, notation.thousands, notation.unit), []).append(column)
    lines = []
    for group in groups.values():
        if example := find_example(group[0]):
            text, value = example
            line = _("{text} is read as {value}: {names}.", text=repr(text), value=value, names=_list_names(group))
            lines.append((group[0].values.name, line))
    return lines


def is_mixed(column: NumberColumn) -> bool:
    """Return whether a column has numbers with a decimal point and others with a decimal comma."""
    return column.evidence.point > 0 and column.evidence.comma > 0


def is_decided_by_others(column: NumberColumn) -> bool:
    """Return whether the texts of a column have two readings, and something else decided between them."""
    return column.evidence.either > 0 and column.decision.reason not in ("column", "user", "")


def describe_choice(column: NumberColumn, delimiter: str) -> list[str]:
    """Return a line where the texts of a column have two readings, and something else decided between them."""
    name, decision = column.values.name, column.decision
    usual = decision.reason == "usual" and decision.decimal == "." and not column.evidence.either_comma
    if not is_decided_by_others(column) or (usual and delimiter in ("", ",")):
        return []
    example = find_example(column)
    if example is None:
        return []
    reasons = {
        "file": _("like the other columns of the table"),
        "whole": _("because the numbers without this sign are whole and below 1000"),
        "delimiter": _("as is usual with this delimiter"),
        "usual": _("as is usual"),
    }
    return [
        _(
            "'{name}': {text} is read as {value}, {reason}; to read it otherwise, type {flag}.",
            name=name, text=repr(example[0]), value=example[1], reason=reasons[decision.reason],
            flag=other_notation_flag(column),
        )
    ]  # fmt: skip


def other_notation_flag(column: NumberColumn) -> str:
    """Return the flag that reads the numbers of a column with the other decimal sign."""
    other = POINT_EXAMPLE if column.decision.decimal == "," else COMMA_EXAMPLE
    return columns_flag(column.values.name, f"number:{other}")


def describe_mixture(column: NumberColumn) -> list[str]:
    """Return a line where a column has numbers with a decimal point and others with a decimal comma."""
    if not is_mixed(column):
        return []
    return [
        _("'{name}' has numbers with a decimal point and with a decimal comma: each is read as it is written.",
          name=column.values.name)
    ]  # fmt: skip


def describe_dates(column: DateColumn) -> list[str]:
    """Return a line about the dates of a column, with an example."""
    name = column.values.name
    if column.notation.is_time:
        return [_("'{name}' contains times: used as fractions of a day.", name=name)]
    read = column.conversion.values
    differ = (column.parsed.day_first != column.parsed.month_first).fill_null(True) & read.is_not_null()
    rows = differ.arg_true()
    if not len(rows) or column.is_iso():
        return [_("'{name}' contains dates: used as numbers of days.", name=name)]
    text, date = str(column.parsed.texts[rows[0]]), _iso_date(float(read[rows[0]]))
    if column.order.reason not in ("file", "clock", "usual"):
        return [
            _("'{name}' contains dates ({text} is {date}): used as numbers of days.", name=name, text=text, date=date)
        ]
    other = "%m/%d/%Y" if column.order.first == "day" else "%d/%m/%Y"
    return [
        _(
            "'{name}' contains dates with the day or the month first: {text} is read as {date}; to read it otherwise, "
            "type {flag}.",
            name=name, text=text, date=date, flag=columns_flag(name, f"date:{other}"),
        )
    ]  # fmt: skip


def other_order_flag(column: DateColumn) -> str:
    """Return the flag that reads dates with two readings in the order that a column mostly has."""
    return columns_flag(column.values.name, "date:" + ("%d/%m/%Y" if column.order.first == "day" else "%m/%d/%Y"))


def describe_category(column: NumberColumn, is_used: bool) -> list[str]:
    """Return a line about a column of texts that is not one of numbers, where it may seem to be one.

    Args:
        column: The column, read as numbers.
        is_used: Whether it is used as categories.
    """
    name = column.values.name
    use = _("used as categories") if is_used else _("not used, as every row has another")
    if code := column.find_code():
        return [
            _("'{name}' contains codes with leading zeros or signs ({text}): {use}; as numbers: {flag}.",
              name=name, text=code, use=use, flag=columns_flag(name, "number"))
        ]  # fmt: skip
    units = column.units()
    words = count_cells(column.conversion, NOT_A_NUMBER)
    if len(units) > 1 and words <= (1 - MOSTLY) * len(column.known):
        return [
            _("'{name}' looks like numbers in several units ({units}): {use}; write them in one unit, or read those in "
              "{unit} alone: {flag}.", name=name, units=", ".join(units[:4]), use=use, unit=column.unit or units[0],
              flag=columns_flag(name, "number"))
        ]  # fmt: skip
    if column.looks_like_numbers():
        text = next((str(text) for text in column.known.head(1)), "")
        return [
            _("'{name}' looks like numbers written as {text}, which is no known notation: {use}; to read those that "
              "are numbers, type {flag}.",
              name=name, text=repr(text[:40]), use=use, flag=columns_flag(name, "number"))
        ]  # fmt: skip
    share = column.share()
    if is_used and share > 0.1:
        return [
            _("'{name}' contains {share} numbers among words: used as categories.",
              name=name, share=format_percent(share, 0))
        ]  # fmt: skip
    return []


def find_example(column: NumberColumn) -> tuple[str, str] | None:
    """Return a text of a column whose notation is not that of Python, and its value; None where there is none."""
    parsed, values = column.parsed, column.conversion.values
    rows = (~parsed.plain & values.is_not_null()).arg_true()
    if not len(rows):
        different = values != parsed.point if column.decision.decimal == "," else values.is_not_null()
        dotted = parsed.texts.str.contains(".", literal=True)
        rows = (different.fill_null(False) & dotted.fill_null(False)).arg_true()
    if not len(rows):
        return None
    rows = rows.head(SAMPLE)
    longest = parsed.texts.gather(rows).str.len_chars().arg_max()
    row = int(rows[longest if longest is not None else 0])
    return str(parsed.texts[row])[:40], f"{float(values[row]):.15g}"


def _iso_date(days: float) -> str:
    moment = datetime(1970, 1, 1) + timedelta(days=days)
    return moment.strftime("%Y-%m-%d") if moment.time() == datetime.min.time() else moment.isoformat(" ", "minutes")


def _list_names(columns: Sequence[NumberColumn]) -> str:
    names: list[Any] = [column.values.name for column in columns]
    listed = ", ".join(names[:MAX_NAMES])
    return listed if len(names) <= MAX_NAMES else listed + " " + _("and {count} more", count=len(names) - MAX_NAMES)
