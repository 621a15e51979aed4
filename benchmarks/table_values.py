"""How long it takes to infer and read a column of a million rows, by the notation of its values.

python benchmarks/table_values.py
python benchmarks/table_values.py --quick
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars

import tables
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


def measure(values: Any, repeats: int) -> list[float]:
    """Return the seconds that inferring a column took, each time."""
    frame = polars.DataFrame([values.alias("column")])
    seconds = []
    for _repeat in range(repeats):
        started = time.perf_counter()
        infer_columns(frame, {})
        seconds.append(time.perf_counter() - started)
    return seconds


def main() -> int:
    """Measure every column, write the table."""
    parser = tables.parser(__doc__ or "")
    parser.add_argument("--repeats", type=int, default=5, help="measurements of each column (default: 5)")
    options = parser.parse_args()
    rows = ROWS // 20 if options.quick else ROWS
    machine = tables.begin(options)
    seconds = {name: measure(make(), options.repeats) for name, make in make_columns(rows).items()}
    table = tables.Table(
        name="table_values",
        title="How long it takes to read the values of a column",
        question=f"`infer_columns` on one column of {rows:,} rows: its kind, how it is written, and its values; "
        f"{options.repeats} times; median (smallest to largest).",
        columns=["column", "seconds"],
        rows=[[name, tables.spread(times, 2)] for name, times in seconds.items()],
        raw=seconds,
        notes=[
            "A column of texts that Python's `float` reads takes no regular expressions; words are known by a sample."
        ],
    )
    tables.finish(table, machine, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
