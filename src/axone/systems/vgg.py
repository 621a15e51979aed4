"""A deep row of 3x3 convolutions and poolings: the plainest of the large networks for pictures.

The flow of shapes, by default, for Fashion-MNIST (16 layers with norms, a quarter of the published channels):

    (1, 28, 28) -> 3x3, 3x3 -> (16, 28, 28) -> maximum over 2x2 -> 3x3, 3x3 -> (32, 14, 14) -> maximum
                -> 3x3, 3x3, 3x3 -> (64, 7, 7) -> maximum -> 3x3, 3x3, 3x3 -> (128, 3, 3)
                -> 3x3, 3x3, 3x3 -> (128, 3, 3) -> mean of each map (128) -> one logit a class (10)

and as published, for photographs (16 layers):

    (3, 224, 224) -> (64, 224, 224) -> (128, 112, 112) -> (256, 56, 56) -> (512, 28, 28) -> (512, 14, 14)
                  -> maximum -> (512, 7, 7) -> flat (25088) -> dense 4096 -> dense 4096 -> one logit a class (1000)

Paper: Simonyan, Zisserman 2014, "Very Deep Convolutional Networks for Large-Scale Image Recognition",
arXiv:1409.1556 (table 1, columns A, B, D, E). How we differ:

1. The variants with "-bn" norm each convolution's result (batch normalization came a year later): they learn with
   large steps, and from any start. torchvision's published weights load by name, with norms or without.
2. Pictures of other sizes are brought to 7x7 maps by means (adaptive pooling), as torchvision does.
3. Pictures below 64 pixels are not pooled after the last two groups, where only one position would be left, and
   the mean of each map goes to the last dense layer: the two of 4096 units, nine tenths of the published weights,
   are made for 7x7 different positions.

Measured by benchmarks/architectures.py: test accuracy on Fashion-MNIST 94.36 % (1 seed) in 5.9 minutes, 0.52 of a
plain loop's step; AMD EPYC, 2 cores.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.graph import (
    Activation,
    AdaptiveAvgPool2d,
    BatchNorm2d,
    Conv2d,
    Flatten,
    GlobalAveragePool2d,
    Input,
    Linear,
    MaxPool2d,
)
from axone.messages import mark
from axone.settings import option
from axone.tasks.classification import backbones
from axone.tasks.classification.backbone_settings import FULL, QUICK, TRANSFER, BackboneSettings
from axone.tasks.classification.backbones import Backbone, drop
from axone.tasks.classification.predict import answering as answering
from axone.tasks.classification.predict import predict as predict

# Layers -> convolutions in each of the five groups, and the channels of these.
DEPTHS = {"11": (1, 1, 2, 2, 2), "13": (2, 2, 2, 2, 2), "16": (2, 2, 3, 3, 3), "19": (2, 2, 4, 4, 4)}
CHANNELS = (64, 128, 256, 512, 512)
DENSE = 4096
HEAD = "classifier.6"
PUBLISHED = {
    "11": "vgg11-8a719046.pth",
    "13": "vgg13-19584684.pth",
    "16": "vgg16-397923af.pth",
    "19": "vgg19-dcbb9e9d.pth",
    "11-bn": "vgg11_bn-6002323d.pth",
    "13-bn": "vgg13_bn-abd245e5.pth",
    "16-bn": "vgg16_bn-6c64b313.pth",
    "19-bn": "vgg19_bn-c79401a0.pth",
}
POOLED = 3  # groups that are pooled behind, of small pictures
NARROW = 0.25  # width for small pictures
LEAST = {"imagenet": 32, "small": 8}  # pixels that leave one position after all poolings


class Settings(BackboneSettings):
    """What can be changed about the network and its training."""

    variant: Literal["11", "13", "16", "19", "11-bn", "13-bn", "16-bn", "19-bn"] = option(
        "16-bn", mark("number of layers with weights; -bn: with norms")
    )

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {**QUICK, "epochs": 12},
        "full": {**FULL, "variant": "16", "dropout": 0.5, "learning_rate": 0.01, "weight_decay": 5e-4},
        "transfer": {**TRANSFER, "dropout": 0.5, "learning_rate": 3e-4},
    }


EXAMPLE_FACTS = backbones.EXAMPLE_FACTS


def model(settings: Settings, facts: dict[str, Any]) -> Backbone:
    """Write the network down for these pictures and classes. Raises SettingsError for pictures that are too small."""
    size = backbones.size(settings, facts, narrow=NARROW, least=LEAST)
    layers, _dash, norms = settings.variant.partition("-")
    pixels = h = Input(*facts["input"])
    place = 0  # in the published list of features, where activations and poolings count too
    layer_groups: list[list[str]] = []
    for group, (depth, channels) in enumerate(zip(DEPTHS[layers], CHANNELS)):
        layer_groups.append([])
        for _number in range(depth):
            layer_groups[-1].append(f"features.{place}")
            h = Conv2d(size.channels(channels), 3, padding=1, name=layer_groups[-1][-1])(h)
            if norms:
                layer_groups[-1].append(f"features.{place + 1}")
                h = BatchNorm2d(name=layer_groups[-1][-1])(h)
            h = Activation("relu")(h)
            place += 3 if norms else 2
        if not size.small or group < POOLED:
            h = MaxPool2d(2)(h)
        place += 1
    if size.small:
        h = drop(settings, GlobalAveragePool2d()(h))
    else:
        h = Flatten()(AdaptiveAvgPool2d(7)(h))
        for number in (0, 3):
            layer_groups.append([f"classifier.{number}"])
            h = drop(settings, Linear(size.channels(DENSE), activation="relu", name=f"classifier.{number}")(h))
    logits = Linear(len(facts["classes"]), name=HEAD)(h)
    return Backbone(
        pixels, logits, layer_groups=[*layer_groups, [HEAD]], head=[HEAD], published=PUBLISHED[settings.variant]
    )


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read the pictures and stand the network in front of them."""
    return backbones.experiment(settings, context, lambda facts: model(settings, facts))
