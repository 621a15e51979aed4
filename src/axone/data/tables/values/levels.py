"""Values as levels of a category, the same whatever the format of the file: 1, 1.0 and "1.0" are one level."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from axone.data.tables.values.missing import MISSING_WORDS, read_texts

EXACT = 2**53  # larger whole numbers are not exact in float64
WHOLE = r"^([+-]?[0-9]+)\.0+$"


def read_levels(values: Any, missing: Collection[str] | None = None) -> Any:
    """Return a Series as texts, null where missing."""
    import polars

    if values.dtype == polars.Boolean:
        return values.replace_strict({True: "true", False: "false"}, default=None, return_dtype=polars.String)
    if values.dtype.is_float():  # NaN is missing
        values = values.fill_nan(None)
        whole = ((values == values.round()) & (values.abs() < EXACT)).fill_null(False)
        texts = values.cast(polars.String)
        return texts.zip_with(~whole, values.set(~whole, None).cast(polars.Int64).cast(polars.String))
    texts = read_texts(values, MISSING_WORDS if missing is None else missing)
    return texts.str.replace(WHOLE, "$1")
