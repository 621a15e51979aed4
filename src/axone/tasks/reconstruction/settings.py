"""What systems can be told that learn what is usual, from pictures or rows without answers. Light on purpose."""

from __future__ import annotations

from typing import Literal

from axone.messages import mark
from axone.settings import option
from axone.tasks.images.settings import ImageDataSettings
from axone.tasks.tables.settings import RowSettings


class UnlabeledSettings(ImageDataSettings, RowSettings):
    """The settings of systems that learn from examples alone."""

    data: str = option(
        "fashion-mnist", mark("a known set, a folder of pictures, or a table (.csv, .parquet, or a known one)")
    )
    target: str | None = option(None, mark("column of a table that is not learned from; its classes color the map"))
    without: str = option("", mark("class that is kept out of training, to see whether it is found unusual"))
    quantile: float = option(0.99, mark("share of the held-out examples that shall count as usual"), gt=0, lt=1)
    scaling: Literal["each", "all"] = option(
        "each", mark("numbers of a table: brought near zero column by column, or all by one scale, as PCA sees them")
    )
