"""Find a column that only counts the rows, as programs write it in front of a table without a name of its own."""

from __future__ import annotations

from typing import Any

# Names of the first column of such tables: of Axone for none, of pandas, of readr.
UNNAMED = ("column 1", "Unnamed: 0", "__index_level_0__", "...1")


def find_row_numbers(frame: Any) -> str | None:
    """Return the name of the first column if it has no name of its own, and different whole numbers; otherwise None.

    A column that is called `index` must count all rows, from 0 or 1.
    """
    import polars

    if frame.width < 2 or frame.height < 2:
        return None
    values = frame.to_series(0)
    if values.name not in (*UNNAMED, "index") or not (values.dtype.is_integer() or values.dtype == polars.String):
        return None
    numbers = values.cast(polars.Int64, strict=False)
    if numbers.null_count() or numbers.n_unique() < len(numbers):
        return None
    if values.name == "index":
        begin = int(numbers[0])
        counted = polars.Series(range(begin, begin + len(numbers)))
        return values.name if begin in (0, 1) and bool((numbers == counted).all()) else None
    return str(values.name)
