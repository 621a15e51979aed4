"""What a system that restores pictures can be told: where clean ones come from, and what spoils them.

Light on purpose: a flag is checked, and `--help` answered, without torch.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from axone.messages import _, mark
from axone.settings import option
from axone.tasks.images.settings import ImageDataSettings

Kind = Literal["gaussian", "salt-pepper", "speckle", "blur", "mask"]
Level = Annotated[float, Field(ge=0, le=1)]


class RestorationSettings(ImageDataSettings):
    """The settings of systems that learn to undo what was done to pictures."""

    data: str = option(
        "fashion-mnist", mark("name of a known set, or a folder of clean pictures, with or without classes")
    )
    noisy: str = option(
        "", mark("folder with a noisy picture of each name in --data; empty: noise is added to clean ones")
    )
    noise: tuple[Kind, ...] = option(
        ("gaussian",), mark("kinds of noise, with commas: each picture gets one"), min_length=1
    )
    noise_level: tuple[Level, ...] = option(
        (0.05, 0.5), mark("how strong, from 0 to 1: lowest and highest, drawn afresh for each picture"),
        min_length=1, max_length=2,
    )  # fmt: skip
    image_size: int = option(
        64, mark("side in pixels of the pieces that are cut from larger pictures to train on"), ge=16, le=512
    )
    views: int = option(
        1, mark("ways to turn and mirror a picture that is cleaned, whose mean counts: 8 is best, 1 is quickest"),
        ge=1, le=8,
    )  # fmt: skip
    pieces: int = option(0, mark("pieces cut in an epoch from larger pictures, at least; 0: 40 million pixels"), ge=0)

    @model_validator(mode="after")
    def _rising(self) -> RestorationSettings:
        if self.noise_level[0] > self.noise_level[-1]:
            raise ValueError(_("--noise-level has its highest level first."))
        if len(set(self.noise)) < len(self.noise):
            raise ValueError(_("--noise names a kind twice."))
        return self
