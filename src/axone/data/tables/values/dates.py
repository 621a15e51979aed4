"""Dates as numbers: days since 1970, with the time of day as a fraction. With an offset, the instant in UTC counts."""

from __future__ import annotations

from typing import Any

from axone.data.tables.values.missing import is_text

DATE = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?$"


def days(values: Any) -> Any:
    """Return texts, dates, times of day or durations as numbers of days."""
    import polars

    if is_text(values):
        texts = values.cast(polars.String).str.strip_chars()
        day = texts.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).cast(polars.Float64)
        clock = texts.str.extract_groups(r"[T ](\d{2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?").struct.unnest()
        parts = [clock[name].cast(polars.Float64, strict=False).fill_null(0.0) for name in clock.columns]
        return day + parts[0] / 24 + parts[1] / 1440 + parts[2] / 86400
    if values.dtype == polars.Date:
        return values.cast(polars.Float64)
    if values.dtype == polars.Time:
        return values.cast(polars.Int64).cast(polars.Float64) / 86_400e9
    if values.dtype == polars.Duration:
        return values.dt.total_microseconds().cast(polars.Float64) / 86_400e6
    return values.dt.epoch("us").cast(polars.Float64) / 86_400e6
