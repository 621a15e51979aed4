"""The settings of the published architectures: size, initial weights, and which layers are trained.

This module imports no torch: flags are checked and `--help` is printed without it.
"""

from __future__ import annotations

from typing import Any, Literal

from axone.messages import mark
from axone.settings import option
from axone.tasks.classification.settings import ImageClassificationSettings


class BackboneSettings(ImageClassificationSettings):
    """The settings that vgg, resnet, inception and mobilenet share."""

    width: float = option(
        0.0,
        mark("width multiplier: channels relative to the published ones; 0: 1, or less for small images"),
        ge=0,
        le=8,
    )
    stem: Literal["auto", "imagenet", "small"] = option(
        "auto", mark("first layers: imagenet (as published), small (less downsampling); auto: small below 64 pixels")
    )
    dropout: float = option(0.0, mark("dropout probability before dense layers"), ge=0, lt=1)
    weights: str = option(
        "", mark("initial weights: imagenet, or a .safetensors or .pth file; empty: random initialization")
    )
    freeze: bool = option(False, mark("freeze all layer groups except the last one"))
    unfreeze_every: int = option(
        0, mark("start with all groups but the last frozen, and unfreeze one more every N epochs; 0: off"), ge=0
    )
    layer_decay: float = option(
        1.0, mark("learning rate of a layer group relative to that of the next one"), gt=0, le=1
    )


# For training reduced networks on Fashion-MNIST in minutes: the choices of the cnn's fast preset.
QUICK: dict[str, Any] = {
    "flip": True,
    "shift": 1,
    "batch_size": 250,
    "optimizer": "muon",
    "learning_rate": 0.01,
    "schedule": "one-cycle",
    "label_smoothing": 0.1,
    "validation": 0.05,
}
# For training the published networks on photographs from random initialization.
FULL: dict[str, Any] = {
    "width": 1.0,
    "stem": "imagenet",
    "image_size": 224,
    "augment": "course",
    "epochs": 90,
    "optimizer": "sgd",
    "learning_rate": 0.05,
    "schedule": "cosine",
    "weight_decay": 1e-4,
}
# For fine-tuning the published networks and weights on photographs of one's own: few images, few epochs.
TRANSFER: dict[str, Any] = {
    "width": 1.0,
    "stem": "imagenet",
    "image_size": 224,
    "weights": "imagenet",
    "augment": "light",
    "epochs": 5,
    "batch_size": 32,
    "optimizer": "adamw",
    "learning_rate": 1e-3,
    "schedule": "one-cycle",
    "layer_decay": 0.6,
    "label_smoothing": 0.1,
}
