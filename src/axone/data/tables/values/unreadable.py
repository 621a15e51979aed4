"""Cells that cannot be read as the kind of their column."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from axone.messages import _, plural
from axone.numbers import format_number

LONGEST = 40  # characters of a value in a message

# Why a cell is not read.
NOT_A_NUMBER, NOT_A_DATE, INFINITE, OTHER_UNIT = "number", "date", "infinite", "unit"
TWO_NUMBERS, TWO_DATES = "two numbers", "two dates"  # 1,234 and 05/09/2020, where nothing decides


def name_row(row: int) -> str:
    """Return what people call a row that is counted from 0."""
    return _("row {number}", number=format_number(row + 1))


@dataclass(frozen=True, eq=False)
class Unreadable:
    """Cells of one column that cannot be read, all for the same reason.

    Args:
        column: The name of the column.
        reason: NOT_A_NUMBER, NOT_A_DATE, INFINITE, TWO_NUMBERS, TWO_DATES or
            OTHER_UNIT.
        positions: A polars Series of their rows in the table, from 0, ascending.
        cells: A polars Series of what they contain.
        unit: The unit of the column, "" for none, where cells have another.
    """

    column: str
    reason: str
    positions: Any
    cells: Any
    unit: str = ""

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.positions)

    @cached_property
    def rows(self) -> tuple[int, ...]:
        """The rows of the cells in the table, from 0, ascending."""
        return tuple(self.positions.to_list())

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """What the cells contain, as texts, shortened."""
        import polars

        return tuple(self.cells.cast(polars.String).str.slice(0, LONGEST).to_list())

    def describe(self, locate: Callable[[int], str] = name_row) -> str:
        """Return a sentence with the column, the count, and the first cell: for a table.

        `locate` returns where a row (counted from 0) is, as `TableContent.locate` does.
        """
        sentences: dict[str, Callable[..., str]] = {
            NOT_A_NUMBER: lambda **values: plural(
                "'{name}': {count} value is not a number, in {place}: {value}.",
                "'{name}': {count} values are not numbers, first in {place}: {value}.", **values),
            NOT_A_DATE: lambda **values: plural(
                "'{name}': {count} value is not a date, in {place}: {value}.",
                "'{name}': {count} values are not dates, first in {place}: {value}.", **values),
            INFINITE: lambda **values: plural(
                "'{name}': {count} value is infinite, in {place}: {value}.",
                "'{name}': {count} values are infinite, first in {place}: {value}.", **values),
            **dict.fromkeys((TWO_NUMBERS, TWO_DATES), lambda **values: plural(
                "'{name}': {count} value can be read in two ways, in {place}: {value}.",
                "'{name}': {count} values can be read in two ways, first in {place}: {value}.", **values)),
            OTHER_UNIT: lambda **values: plural(
                "'{name}': {count} value has another unit than the column, in {place}: {value}.",
                "'{name}': {count} values have another unit than the column, first in {place}: {value}.", **values),
        }  # fmt: skip
        return sentences[self.reason](
            count=len(self),
            name=self.column,
            place=locate(int(self.positions[0])),
            value=repr(str(self.cells[0])[:LONGEST]),
        )

    def describe_cells(self) -> Iterator[tuple[int, str]]:
        """Yield each row with a sentence about its cell, without the row: for the error of that row."""
        sentences: dict[str, Callable[..., str]] = {
            NOT_A_NUMBER: lambda **values: _("'{name}' is {value}, which is not a number.", **values),
            NOT_A_DATE: lambda **values: _("'{name}' is {value}, which is not a date.", **values),
            INFINITE: lambda **values: _("'{name}' is {value}, which is infinite.", **values),
            TWO_NUMBERS: lambda **values: _(
                "'{name}' is {value}, which can be read in two ways: write it with a decimal point alone, like 1234.0.",
                **values,
            ),
            TWO_DATES: lambda **values: _(
                "'{name}' is {value}, which can be read in two ways: write it like 2020-12-31.", **values
            ),
            OTHER_UNIT: lambda **values: (
                _(
                    "'{name}' is {value}, but its unit in training is {unit}: write it with this unit.",
                    unit=self.unit,
                    **values,
                )
                if self.unit
                else _("'{name}' is {value}, but it has no unit in training: write the number alone.", **values)
            ),
        }
        for row, text in zip(self.rows, self.texts, strict=True):
            yield row, sentences[self.reason](name=self.column, value=repr(text))


def collect_unreadable(values: Any, reason: str, mask: Any, unit: str = "") -> list[Unreadable]:
    """Return the cells of a Series where the mask is true; no entry where it never is."""
    rows = mask.fill_null(False).arg_true()
    return [Unreadable(values.name, reason, rows, values.gather(rows), unit)] if len(rows) else []
