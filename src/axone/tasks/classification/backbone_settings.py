"""What the famous architectures can be told: how large to be built, what weights to begin with, which part learns.

Light on purpose: a flag is checked, and `--help` answered, without torch.
"""

from __future__ import annotations

from typing import Any, Literal

from axone.messages import mark
from axone.settings import option
from axone.tasks.classification.settings import ImageClassificationSettings


class BackboneSettings(ImageClassificationSettings):
    """The settings that vgg, resnet, inception and mobilenet share."""

    width: float = option(
        0.0, mark("channels as a share of the published ones; 0: all, or fewer for small pictures"), ge=0, le=8
    )
    stem: Literal["auto", "imagenet", "small"] = option(
        "auto", mark("first layers: as published, or without early shrinking; auto: small below 64 pixels")
    )
    dropout: float = option(0.0, mark("share of the units before a dense layer left out at each step"), ge=0, lt=1)
    weights: str = option(
        "", mark("weights to begin with: imagenet, or a .safetensors or .pth file; empty: drawn afresh")
    )
    freeze: bool = option(False, mark("train the last stage alone, leaving the others as they are"))
    unfreeze_every: int = option(0, mark("begin with the last stage, add one after each so many epochs; 0: no"), ge=0)
    layer_decay: float = option(
        1.0, mark("learning rate of a stage as a share of that of the stage behind it"), gt=0, le=1
    )


# How the reduced networks learn Fashion-MNIST in minutes: what the cnn's fast preset was found to gain by.
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
# The networks as published, trained from nothing on photographs.
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
# The networks as published, with the published weights, on photographs of one's own: few pictures, few epochs.
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
