"""How long it takes to read a column of a million rows, by the notation of its values.

    python benchmarks/table_values.py

It needs no data. Each line is the smallest of three measurements of `infer_columns` on one column: inferring kind and
notation, and converting the values. Compare two versions of Axone by running both.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars

from axone.data.tables.values.infer import infer_columns

ROWS = 1_000_000


def make_columns(rows: int) -> Mapping[str, Callable[[], Any]]:
    """Return the columns that are measured, by description; each is generated when it is called."""
    rng = np.random.default_rng(0)
    amounts, counts = rng.uniform(0, 100_000, rows).round(2), rng.integers(0, 10_000, rows)
    text = polars.Series(amounts).cast(polars.String)
    grouped = polars.Series([f"{amount:,.2f}" for amount in amounts])
    days = [datetime(2015, 1, 1) + timedelta(minutes=int(count) * 300) for count in counts]
    words = rng.choice(["north", "south", "west", "east"], rows)
    swap = ([",", "."], [".", ","])
    return {
        "decimals, 1234.5": lambda: text,
        "whole numbers, 1234": lambda: polars.Series(counts).cast(polars.String),
        "words": lambda: polars.Series(words),
        "ISO dates, 2020-05-09": lambda: polars.Series([f"{day:%Y-%m-%d}" for day in days]),
        "float64": lambda: polars.Series(amounts),
        "decimal commas, 1234,5": lambda: text.str.replace(".", ",", literal=True),
        "1,234.56": lambda: grouped,
        "1.234,56": lambda: grouped.str.replace_many(*swap),
        "$1,234.56": lambda: "$" + grouped,
        "ISO times, 2020-05-09 10:30:00": lambda: polars.Series([f"{day:%Y-%m-%d %H:%M:%S}" for day in days]),
        "09.05.2020": lambda: polars.Series([f"{day:%d.%m.%Y}" for day in days]),
        "9 May 2020": lambda: polars.Series([f"{day.day} {day:%B %Y}" for day in days]),
    }


def measure(values: Any) -> float:
    """Return the seconds that inferring a column takes: the least of three measurements."""
    frame = polars.DataFrame([values.alias("column")])
    seconds = []
    for _repetition in range(3):
        start = time.perf_counter()
        infer_columns(frame, {})
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def main() -> None:
    """Print a table in Markdown."""
    print(f"| a column of {ROWS:,} rows | seconds |\n|---|---:|")
    for name, make in make_columns(ROWS).items():
        print(f"| {name} | {measure(make()):.2f} |")


if __name__ == "__main__":
    main()
