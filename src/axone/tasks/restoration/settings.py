"""The settings of every system that learns to restore images: where clean images come from, and which noise is added.

This module imports no torch: flags are checked and `--help` is printed without it.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from axone.messages import _, mark
from axone.settings import option
from axone.tasks.images.settings import ImageScaleSettings

Kind = Literal["gaussian", "salt-pepper", "speckle", "blur", "mask"]
Level = Annotated[float, Field(ge=0, le=1)]


class RestorationSettings(ImageScaleSettings):
    """The settings of systems that learn to remove noise, blur and missing parts from images."""

    UNUSED: ClassVar[frozenset[str]] = frozenset({"label_smoothing", "target"})

    data: str = option(
        "fashion-mnist", mark("name of a known dataset, or a folder of clean images, with or without classes")
    )
    noisy: str = option(
        "", mark("folder with a noisy image for each file name in --data; empty: noise is added to the clean images")
    )
    noise: tuple[Kind, ...] = option(
        ("gaussian",), mark("kinds of noise, separated by commas; each image gets one of them at random"), min_length=1
    )
    noise_level: tuple[Level, ...] = option(
        (0.05, 0.5), mark("lowest and highest noise level, from 0 to 1; each image gets a random level between them"),
        min_length=1, max_length=2,
    )  # fmt: skip
    image_size: int = option(
        64, mark("side in pixels of the patches that are cropped from larger images for training"), ge=16, le=512
    )
    views: int = option(
        1, mark("mirrored and transposed views of an image whose results are averaged: 8 is best, 1 is fastest"),
        ge=1, le=8,
    )  # fmt: skip
    patches: int = option(
        0, mark("minimum number of patches per epoch, where images are larger; 0: 40 million pixels"), ge=0
    )

    @model_validator(mode="after")
    def _check_noise(self) -> RestorationSettings:
        if self.noise_level[0] > self.noise_level[-1]:
            raise ValueError(_("--noise-level: the lowest level comes first."))
        if len(set(self.noise)) < len(self.noise):
            raise ValueError(_("--noise names a kind twice."))
        return self
