"""The settings of every image classifier: augmentation of the training images, and class imbalance.

This module imports no torch: flags are checked and `--help` is printed without it.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from axone.messages import mark
from axone.settings import option
from axone.tasks.images.settings import ImageDataSettings


class ImageClassificationSettings(ImageDataSettings):
    """The settings of all image classifiers."""

    UNUSED: ClassVar[frozenset[str]] = frozenset({"target"})

    data: str = option("fashion-mnist", mark("name of a known dataset, or a folder with one subfolder per class"))
    validation: float = option(
        0.1,
        mark("fraction of the training set held out for validation"),
        auto=mark("0 for fewer than 2,000 images"),
        ge=0,
        le=0.9,
    )
    augment: Literal["none", "affine", "light", "course", "strong"] = option(
        "none",
        mark("strength of the random augmentation of training images: rotation, distortion, color"),
        auto=mark("affine for fewer than 2,000 images"),
    )
    flip: bool = option(
        False, mark("flip each training image horizontally in every other epoch; average both views at inference")
    )
    shift: int = option(0, mark("largest random translation of training images, in pixels"), ge=0, le=64)
    mixup: float = option(0.0, mark("mixup: alpha of the Beta distribution of the mixing ratio; 0: off"), ge=0, le=8)
    cutmix: float = option(0.0, mark("CutMix: alpha of the Beta distribution of the pasted area; 0: off"), ge=0, le=8)
    balance: Literal["none", "weights", "sampling"] = option(
        "none", mark("imbalanced classes: none, class weights in the loss, or oversampling of rare classes")
    )
