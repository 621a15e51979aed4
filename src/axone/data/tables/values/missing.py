"""Words that mean a missing value."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

# Texts that mean a missing value in a column of numbers; in a column of words fewer texts do.
MISSING_NUMBERS = (
    "",
    "na",
    "n/a",
    "nan",
    "null",
    "none",
    "-",
    "--",
    "–",
    "—",
    "?",
    "#n/a",
    "#na",
    "missing",
    "unknown",
)
MISSING_WORDS = ("", "na", "n/a", "nan", "null", "#n/a", "#na")


def blank_to_null(texts: Any, words: Collection[str]) -> Any:
    """Return texts with null for the words, in any case, that mean a missing value."""
    return texts.set(texts.str.to_lowercase().is_in(list(words)).fill_null(True), None)


def is_text(values: Any) -> bool:
    """Return whether a polars Series contains texts, categories or nothing."""
    import polars

    return values.dtype in (polars.String, polars.Categorical, polars.Enum, polars.Null)


def read_texts(values: Any, words: Collection[str]) -> Any:
    """Return a Series as texts without space around them, null for words that mean a missing value."""
    import polars

    return blank_to_null(values.cast(polars.String).str.strip_chars(), words)
