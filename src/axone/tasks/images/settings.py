"""The settings of every system that reads images: which data, and the size of the images.

This module imports no torch: flags are checked and `--help` is printed without it.
"""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from pydantic import model_validator

from axone.messages import _, mark
from axone.settings import Settings, option

# How `axone.tasks.images.defaults` chooses, for the help pages of all systems that learn from images.
EPOCHS_RULE = mark("more for few images")
BATCH_RULE = mark("smaller for few images")


class ImageScaleSettings(Settings):
    """The setting of all systems that read images of more than 8 bits."""

    scale: str = option(
        "",
        mark("LOW:HIGH, values that become black and white in images of more than 8 bits; empty: found in the data"),
    )

    @model_validator(mode="after")
    def _check_scale(self) -> ImageScaleSettings:
        try:
            low, high = (float(part) for part in self.scale.split(":")) if self.scale else (0.0, 1.0)
        except ValueError:
            low = high = math.nan
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError(
                _("--scale needs LOW:HIGH, two numbers of which the first is smaller, such as 0:4095; not '{value}'.",
                  value=self.scale[:80])
            )  # fmt: skip
        return self


class ImageFitSettings(ImageScaleSettings):
    """The setting of all systems that resize images."""

    fit: Literal["crop", "pad", "stretch"] = option(
        "crop",
        mark("images of other proportions: crop the longer side, pad the shorter one with black, or stretch them"),
    )


class ImageDataSettings(ImageFitSettings):
    """The settings of all systems that learn from images of one size."""

    UNUSED: ClassVar[frozenset[str]] = frozenset({"label_smoothing", "target"})

    data: str = option("fashion-mnist", mark("name of a known dataset, or a folder of images"))
    image_size: int = option(
        0,
        mark("height and width in pixels to which images are resized; 0: as they are, at most 224"),
        auto=mark("smaller for large or many images, so that training takes minutes"),
        ge=0,
        le=2048,
    )
    epochs: int = option(10, mark("number of passes over the training set"), auto=EPOCHS_RULE, ge=1, le=1_000_000)
    batch_size: int = option(128, mark("number of examples in a batch"), auto=BATCH_RULE, ge=1, le=1_000_000)
