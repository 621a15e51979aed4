"""The settings of every system that reads images: which data, and the size of the images.

This module imports no torch: flags are checked and `--help` is printed without it.
"""

from __future__ import annotations

from axone.messages import mark
from axone.settings import Settings, option


class ImageDataSettings(Settings):
    """The settings of all systems that learn from images."""

    data: str = option("fashion-mnist", mark("name of a known dataset, or a folder of images"))
    image_size: int = option(
        0, mark("height and width in pixels to which images are resized; 0: as they are"), ge=0, le=2048
    )
