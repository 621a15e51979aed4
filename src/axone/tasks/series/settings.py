"""Settings of systems for series of numbers. This module does not import torch, so flags are checked at once."""

from __future__ import annotations

from typing import Literal

from axone.messages import mark
from axone.settings import option
from axone.tasks.tables.settings import RowSettings


class SeriesSettings(RowSettings):
    """How series are read from a table and cut into examples."""

    data: str = option(
        "shapes", mark("a table of series (CSV, Excel, Parquet, JSON lines), or a generated one: shapes, seasons")
    )
    target: str | None = option(
        None, mark("column with the class of each series; or the column of numbers to forecast (default: all)")
    )
    task: Literal["auto", "classification", "forecast"] = option(
        "auto", mark("classify whole series, or forecast their next steps; auto: by the target")
    )
    layout: Literal["auto", "long", "wide"] = option(
        "auto", mark("long: a row for each step; wide: a row for each series, with columns x_1, x_2, ...")
    )
    series: str = option("", mark("column with the name of the series (default: found by its name)"))
    time: str = option("", mark("column with the time of a step (default: found by its name)"))
    context: int = option(48, mark("forecast: steps that it is made from"), ge=2, le=100_000)
    horizon: int = option(12, mark("forecast: steps that are predicted"), ge=1, le=10_000)
    test: float = option(
        0.2, mark("fraction of the series, or of the last steps, held out as the test set"), ge=0, le=0.9
    )
