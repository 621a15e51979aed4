"""The settings of every system that learns to reconstruct images or rows.

This module imports no torch: flags are checked and `--help` is printed without it.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from axone.messages import mark
from axone.settings import option
from axone.tasks.images.settings import ImageDataSettings
from axone.tasks.tables.settings import RowSettings


class ReconstructionSettings(ImageDataSettings, RowSettings):
    """The settings of systems that learn from examples without labels."""

    UNUSED: ClassVar[frozenset[str]] = frozenset({"label_smoothing"})

    data: str = option(
        "fashion-mnist", mark("name of a known dataset, a folder of images, or a table (.csv, .parquet)")
    )
    target: str | None = option(None, mark("column of a table that is not an input; its classes color the latent map"))
    exclude_class: str = option(
        "", mark("class left out of training and validation, to check that its examples get high anomaly scores")
    )
    quantile: float = option(
        0.99, mark("share of the held-out examples whose anomaly score is below the threshold"), gt=0, lt=1
    )
    scaling: Literal["each", "all"] = option(
        "each", mark("scale the numbers of a table column by column, or all columns by one factor, as PCA sees them")
    )
