"""What every system for tables can be told. Light on purpose: a flag is checked without torch."""

from __future__ import annotations

from typing import Literal

from axone.messages import mark
from axone.settings import Settings, option


class RowSettings(Settings):
    """The settings of all systems that learn from the rows of a table."""

    data: str = option("", mark("a CSV, TSV or Parquet file, or the name of a known table"))
    columns: str = option("", mark("what columns hold, where it is not found rightly: zip=category,id=drop,age=number"))
    test: float = option(0.15, mark("share of a table's rows held out to test on"), ge=0, le=0.9)


class TableSettings(RowSettings):
    """The settings of systems that predict a column from the others."""

    target: str | None = option(None, mark("column to predict; several columns of numbers: with commas between them"))
    task: Literal["auto", "classification", "regression"] = option("auto", mark("what the target is taken for"))
    threshold: Literal["half", "f1", "balanced"] = option(
        "half", mark("two classes: from which probability on the second is the answer; chosen on the held-out rows")
    )
