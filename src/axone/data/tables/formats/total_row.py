"""Find totals at the end of a table: rows of sums or means, which are no rows to learn from."""

from __future__ import annotations

import math
from typing import Any

from axone.data.tables.formats.layout import is_number
from axone.messages import _

WORDS = {
    "total", "totals", "grand total", "overall", "sum", "sums", "subtotal",
    "somme", "totaux", "total général", "ensemble", "gesamt", "summe", "insgesamt", "gesamtsumme", "suma", "totale",
    "average", "mean", "moyenne", "durchschnitt", "mittelwert",
}  # fmt: skip
FEWEST_ROWS = 3
MOST_TOTALS = 3  # a total, a mean and a total of several groups


def describe_total_row(frame: Any, place: str) -> str:
    """Return the note that the last row of a frame is left out; `place` says where it is in its file."""
    cells = [str(value).strip() for value in frame.row(-1) if value is not None]
    return _("The last row ({place}) is a total and was left out: {cells}", place=place,
             cells=", ".join(cells)[:60])  # fmt: skip


def count_total_rows(frame: Any) -> int:
    """Return how many of the last rows of a polars frame are clearly totals."""
    count = 0
    while count < MOST_TOTALS and is_total_row(frame.head(frame.height - count)):
        count += 1
    return count


def is_total_row(frame: Any) -> bool:
    """Return whether the last row of a polars frame is clearly a total.

    It is where its first cell with content is a word for a total that no other row has in that column, and all
    others are numbers; or where its first cell is empty, unlike that of any other row, and all others are the sums of
    their columns.
    """
    if frame.height < FEWEST_ROWS or frame.width < 2:
        return False
    last = ["" if value is None else str(value).strip() for value in frame.row(-1)]
    filled = [place for place, cell in enumerate(last) if cell]
    if not filled:
        return False
    above = frame.head(frame.height - 1)
    first, rest = filled[0], filled[1:]
    word = last[first].lower().rstrip(":").strip()
    if word in WORDS:
        others = {str(value).strip().lower().rstrip(":") for value in above.to_series(first).unique().to_list()}
        return bool(rest) and word not in others and all(is_number(last[place]) for place in rest)
    if first == 0 or above.to_series(0).null_count():
        return False
    return all(_is_sum(last[place], above.to_series(place)) for place in filled) and any(
        float(last[place]) for place in filled
    )


def _is_sum(cell: str, values: Any) -> bool:
    """Return whether a cell is the sum of the numbers of its column, up to rounding."""
    import polars

    numbers = values.cast(polars.String).cast(polars.Float64, strict=False)
    if numbers.null_count() > values.null_count():
        return False
    try:
        return math.isclose(float(cell), float(numbers.sum()), rel_tol=1e-6, abs_tol=1e-6)
    except ValueError:
        return False
