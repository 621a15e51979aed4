"""The settings of every system that reads images: which data, and the size of the images.

This module imports no torch: flags are checked and `--help` is printed without it.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from axone.messages import mark
from axone.settings import Settings, option


class ImageScaleSettings(Settings):
    """The setting of all systems that read images of more than 8 bits."""

    scale: str = option(
        "",
        mark("LOW:HIGH, values that become black and white in images of more than 8 bits; empty: found in the data"),
        pattern=r"^$|^[-+.\deE]+:[-+.\deE]+$",
    )


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
        ge=0,
        le=2048,
    )
