"""VGG: a deep sequence of 3x3 convolutions and poolings.

The flow of shapes by default, for Fashion-MNIST (16 layers with batch norms, a quarter of the published channels):

    (1, 28, 28) -> 3x3, 3x3 -> (16, 28, 28) -> max pooling 2x2 -> 3x3, 3x3 -> (32, 14, 14) -> max pooling
                -> 3x3, 3x3, 3x3 -> (64, 7, 7) -> max pooling -> 3x3, 3x3, 3x3 -> (128, 3, 3)
                -> 3x3, 3x3, 3x3 -> (128, 3, 3) -> global average pooling (128) -> one logit per class (10)

and as published, for photographs (16 layers):

    (3, 224, 224) -> (64, 224, 224) -> (128, 112, 112) -> (256, 56, 56) -> (512, 28, 28) -> (512, 14, 14)
                  -> max pooling -> (512, 7, 7) -> flatten (25088) -> dense 4096 -> dense 4096 -> 1000 logits

Loss, training step and test-time views are in `tasks/classification/learner.py`.

Paper: Simonyan, Zisserman 2014, "Very Deep Convolutional Networks for Large-Scale Image Recognition",
arXiv:1409.1556 (table 1, columns A, B, D, E). Differences:

1. The variants with "-bn" have a batch norm after each convolution (batch normalization is a year younger): they train
   with large learning rates and from any initialization. torchvision's published weights load by name for both.
2. Adaptive average pooling makes 7x7 feature maps of images of other sizes, as in torchvision.
3. Images below 64 pixels are not pooled after the last two groups, where a single position would be left, and global
   average pooling feeds the last dense layer: the two layers of 4096 units, nine tenths of the published weights, are
   made for 7x7 different positions.

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
from axone.tasks.classification.backbones.data import read_images
from axone.tasks.classification.backbones.network import Backbone, add_dropout
from axone.tasks.classification.backbones.settings import FULL, QUICK, TRANSFER, BackboneSettings
from axone.tasks.classification.backbones.size import EXAMPLE_FACTS as EXAMPLE_FACTS
from axone.tasks.classification.backbones.size import choose_size
from axone.tasks.classification.backbones.size import complete as complete
from axone.tasks.classification.backbones.training import assemble_experiment
from axone.tasks.classification.predict import answering as answering
from axone.tasks.classification.predict import predict as predict
from axone.tasks.images.inputs import read_inputs as read_inputs

# Number of layers -> convolutions in each of the five groups; and the channels of each group.
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
SMALL_POOLED = 3  # groups that are followed by pooling, for small images
SMALL_WIDTH = 0.25  # width multiplier for small images
MIN_SIDES = {"imagenet": 32, "small": 8}  # pixels; smaller images have no position left after all poolings


class Settings(BackboneSettings):
    """The settings of the network and its training."""

    variant: Literal["11", "13", "16", "19", "11-bn", "13-bn", "16-bn", "19-bn"] = option(
        "16-bn", mark("number of layers with weights; -bn: with batch norms")
    )

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {**QUICK, "epochs": 12},
        "full": {**FULL, "variant": "16", "dropout": 0.5, "learning_rate": 0.01, "weight_decay": 5e-4},
        "transfer": {**TRANSFER, "dropout": 0.5, "learning_rate": 3e-4},
    }


def model(settings: Settings, facts: dict[str, Any]) -> Backbone:
    """Return the network for the images and classes of a run. Raises SettingsError for images that are too small."""
    size = choose_size(settings, facts, small_width=SMALL_WIDTH, min_sides=MIN_SIDES)
    layers, _dash, norms = settings.variant.partition("-")
    image = h = Input(*facts["input"])  # [channels, height, width]
    position = 0  # in torchvision's list `features`, which counts activations and poolings too
    layer_groups: list[list[str]] = []
    for group, (depth, channels) in enumerate(zip(DEPTHS[layers], CHANNELS)):
        layer_groups.append([])
        for _number in range(depth):
            layer_groups[-1].append(f"features.{position}")
            h = Conv2d(size.channels(channels), 3, padding=1, name=layer_groups[-1][-1])(h)
            if norms:
                layer_groups[-1].append(f"features.{position + 1}")
                h = BatchNorm2d(name=layer_groups[-1][-1])(h)
            h = Activation("relu")(h)
            position += 3 if norms else 2
        if not size.small or group < SMALL_POOLED:
            h = MaxPool2d(2)(h)
        position += 1
    if size.small:
        h = add_dropout(settings, GlobalAveragePool2d()(h))
    else:
        h = Flatten()(AdaptiveAvgPool2d(7)(h))
        for number in (0, 3):
            layer_groups.append([f"classifier.{number}"])
            h = add_dropout(settings, Linear(size.channels(DENSE), activation="relu", name=f"classifier.{number}")(h))
    logits = Linear(len(facts["classes"]), name=HEAD)(h)  # [classes]
    return Backbone(
        image, logits, layer_groups=[*layer_groups, [HEAD]], head=[HEAD], published=PUBLISHED[settings.variant]
    )


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read the images and train the network on them with cross-entropy (tasks/classification/learner.py)."""
    data = read_images(settings, context, PUBLISHED[settings.variant])
    return assemble_experiment(model(settings, data.facts), data, settings, context)
