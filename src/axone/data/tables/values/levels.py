"""Values as levels of a category, the same whatever the format of the file.

1, 1.0 and "1.0" are one level; so are True, true, 1 and "yes" in a column of truth values, and 1067 and "01067" in a
column of codes that all have five digits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from axone.data.tables.values.missing import MISSING_WORDS, read_texts

EXACT = 2**53  # larger whole numbers are not exact in float64
WHOLE = r"^([+-]?[0-9]+)\.0+$"
CODE = r"^[0-9]+$"
LEADING_ZERO = r"^0[0-9]+$"
TRUE, FALSE = "true", "false"
# Further texts of truth values, in a column that has "true" or "false".
BOOLEANS = {"true": TRUE, "t": TRUE, "yes": TRUE, "1": TRUE, "false": FALSE, "f": FALSE, "no": FALSE, "0": FALSE}


@dataclass(frozen=True)
class LevelNotation:
    """How the levels of a column are written. As JSON, it is part of the facts of a run.

    Args:
        is_boolean: They are truth values.
        digits: The number of digits of every code, some of which begin with zero; 0: they are no such codes.
    """

    is_boolean: bool = False
    digits: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the fields that are not empty."""
        return {name: value for name, value in vars(self).items() if value}


def infer_levels(values: Any, missing: Collection[str] | None = None) -> tuple[LevelNotation, Any]:
    """Return how the levels of a column are written, and the levels: see `read_levels`."""
    distinct = values.unique()
    notation = _find_notation(distinct, missing)
    if len(distinct) > len(values) / 2:
        return notation, read_levels(values, notation.to_json(), missing=missing)
    import polars

    levels = read_levels(distinct, notation.to_json(), missing=missing)
    pairs = polars.DataFrame({"key": distinct, "level": levels})
    keys = polars.DataFrame({"key": values})
    read = keys.join(pairs, on="key", how="left", nulls_equal=True, maintain_order="left")["level"]
    return notation, read.alias(values.name)


def _find_notation(values: Any, missing: Collection[str] | None) -> LevelNotation:
    import polars

    if values.dtype == polars.Boolean:
        return LevelNotation(is_boolean=True)
    if values.dtype.is_numeric():
        return LevelNotation()
    known = _texts(values, missing).drop_nulls()
    lower = known.str.to_lowercase()
    if bool(lower.is_in(list(BOOLEANS)).all()) and bool(lower.is_in([TRUE, FALSE]).any()):
        return LevelNotation(is_boolean=True)
    if bool(known.str.contains(LEADING_ZERO).any()) and bool(known.str.contains(CODE).all()):
        lengths = known.str.len_bytes().unique()
        return LevelNotation(digits=int(lengths[0]) if len(lengths) == 1 else 0)
    return LevelNotation()


def read_levels(
    values: Any, notation: Mapping[str, Any] | None = None, *, missing: Collection[str] | None = None
) -> Any:
    """Return a Series as levels, texts; null where missing.

    Args:
        values: A polars Series.
        notation: The fields of `LevelNotation`.
        missing: The words that mean a missing value; None: the usual ones.
    """
    written = LevelNotation(**notation or {})
    texts = _texts(values, missing)
    if written.is_boolean:
        booleans = texts.str.to_lowercase().replace_strict(BOOLEANS, default=None)
        return booleans.zip_with(booleans.is_not_null(), texts)
    if written.digits:
        return texts.zip_with(~texts.str.contains(CODE).fill_null(False), texts.str.zfill(written.digits))
    return texts


def _texts(values: Any, missing: Collection[str] | None) -> Any:
    import polars

    if values.dtype == polars.Boolean:
        return values.replace_strict({True: TRUE, False: FALSE}, default=None, return_dtype=polars.String)
    if values.dtype.is_float():  # NaN is missing
        values = values.fill_nan(None)
        whole = ((values == values.round()) & (values.abs() < EXACT)).fill_null(False)
        texts = values.cast(polars.String)
        return texts.zip_with(~whole, values.set(~whole, None).cast(polars.Int64).cast(polars.String))
    texts = read_texts(values, MISSING_WORDS if missing is None else missing)
    dotted = texts.str.contains(".0", literal=True).fill_null(False)
    return texts.zip_with(~dotted, texts.str.replace(WHOLE, "$1")) if bool(dotted.any()) else texts
