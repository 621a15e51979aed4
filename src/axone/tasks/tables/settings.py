"""Settings that the systems for tables share. This module does not import torch, so flags are checked at once."""

from __future__ import annotations

from typing import Literal

from axone.messages import mark
from axone.settings import Settings, option


class ColumnSettings(Settings):
    """How the columns of a table are read."""

    columns: str = option(
        "", mark("types of columns, to correct the detected ones: zip=category,id=drop,rent=number:1,234.56")
    )
    missing: str | None = option(
        None,
        mark('words that mean a missing value, separated by commas; "": none but empty cells (default: NA, null, ...)'),
    )


class RowSettings(ColumnSettings):
    """The settings of every system that learns from the rows of a table."""

    data: str = option("", mark("a table (CSV, Excel, Parquet, JSON lines), or the name of a known one"))
    test: float = option(0.15, mark("fraction of the rows held out as the test set"), ge=0, le=0.9)


class TableSettings(RowSettings):
    """The settings of systems that predict columns of a table from the others."""

    target: str | None = option(None, mark("column to predict; several columns of numbers are separated by commas"))
    task: Literal["auto", "classification", "regression"] = option("auto", mark("type of the target"))
    threshold: Literal["half", "f1", "balanced"] = option(
        "half",
        mark("two classes: decision threshold of the second class: 0.5, or the best F1 or balanced accuracy "
             "on the validation set"),
    )  # fmt: skip
