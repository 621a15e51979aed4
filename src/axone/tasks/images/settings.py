"""What every system for pictures can be told: where they come from and, for classifiers, how training changes them.

Light on purpose: a flag is checked, and `--help` answered, without torch.
"""

from __future__ import annotations

from typing import Literal

from axone.messages import mark
from axone.settings import Settings, option


class PictureSettings(Settings):
    """The settings of all systems that learn from pictures."""

    data: str = option("fashion-mnist", mark("name of a known set, or a folder of pictures"))
    image_size: int = option(0, mark("side in pixels to which pictures are brought; 0: the data's own"), ge=0, le=2048)


class ImageSettings(PictureSettings):
    """The settings of all image classifiers."""

    data: str = option("fashion-mnist", mark("name of a known set, or a folder with one folder for each class"))
    augment: Literal["none", "light", "course", "strong"] = option(
        "none", mark("how much training pictures are changed: turned, bent, recolored, afresh in each epoch")
    )
    flip: bool = option(False, mark("show each picture mirrored in every second epoch, and average both views in use"))
    shift: int = option(0, mark("pixels by which pictures are moved about in training, at most"), ge=0, le=64)
    mixup: float = option(
        0.0, mark("blend pairs of training pictures; larger: more alike in share; 0: never"), ge=0, le=8
    )
    cutmix: float = option(0.0, mark("paste a piece of another training picture into each; 0: never"), ge=0, le=8)
    balance: Literal["none", "weights", "sampling"] = option(
        "none", mark("uneven classes: leave them, weigh their errors, or draw the rare ones more often")
    )
