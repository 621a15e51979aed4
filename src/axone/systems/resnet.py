"""A residual network: each block adds to what it was given, so that even a hundred layers learn.

The flow of shapes, by default, for Fashion-MNIST (18 layers, a quarter of the published channels):

    (1, 28, 28) -> convolution 3x3 -> (16, 28, 28) -> layer1 -> (16, 28, 28) -> layer2 -> (32, 14, 14)
                -> layer3 -> (64, 7, 7) -> layer4 -> (128, 4, 4) -> mean of each map (128) -> one logit a class (10)

and as published, for photographs (50 layers):

    (3, 224, 224) -> convolution 7x7, stride 2 -> (64, 112, 112) -> maximum over 3x3, stride 2 -> (64, 56, 56)
                  -> layer1 -> (256, 56, 56) -> layer2 -> (512, 28, 28) -> layer3 -> (1024, 14, 14)
                  -> layer4 -> (2048, 7, 7) -> mean of each map (2048) -> one logit a class (1000)

Each of the four layers is a row of blocks; the first block of a row halves the maps (not in layer1):

    18, 34 layers:  x -> 3x3 -> 3x3 -> + x           50, 101, 152:  x -> 1x1 -> 3x3 -> 1x1, 4 times the channels -> + x

Paper: He, Zhang, Ren, Sun 2015, "Deep Residual Learning for Image Recognition", arXiv:1512.03385. How we differ:

1. In blocks of three, the 3x3 halves the maps, not the first 1x1: it looks at every position, where the 1x1 would
   pass over three of four. So do torchvision's published weights, which load by name.
2. Pictures below 64 pixels get a stem of one 3x3 at stride 1 (the paper's own for CIFAR-10, section 4.2) and, on
   request or by default, fewer channels: 7x7 and two halvings are made for photographs.
3. Small pictures are learned with Muon and one cycle of the learning rate instead of SGD in three steps: minutes.

Measured by benchmarks/architectures.py: test accuracy on Fashion-MNIST 95.01 % (1 seed) in 10.5 minutes, 0.45 of a
plain loop's step; AMD EPYC, 2 cores.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.graph import Activation, GlobalAveragePool2d, Input, Linear, MaxPool2d, Node
from axone.messages import mark
from axone.settings import option
from axone.tasks.classification import backbones
from axone.tasks.classification.backbone_settings import FULL, QUICK, TRANSFER, BackboneSettings
from axone.tasks.classification.backbones import Backbone, convolve, drop
from axone.tasks.classification.predict import answering as answering
from axone.tasks.classification.predict import predict as predict

# Variant -> whether its blocks are of three convolutions, and the blocks of layer1 to layer4 (table 1 of the paper).
VARIANTS = {
    "18": (False, (2, 2, 2, 2)),
    "34": (False, (3, 4, 6, 3)),
    "50": (True, (3, 4, 6, 3)),
    "101": (True, (3, 4, 23, 3)),
    "152": (True, (3, 8, 36, 3)),
}
PUBLISHED = {
    "18": "resnet18-f37072fd.pth",
    "34": "resnet34-b627a593.pth",
    "50": "resnet50-0676ba61.pth",
    "101": "resnet101-63fe2227.pth",
    "152": "resnet152-394f9c45.pth",
}
LAYER_GROUPS = (("conv1", "bn1"), ("layer1",), ("layer2",), ("layer3",), ("layer4",), ("fc",))
NARROW = 0.25  # width for small pictures


class Settings(BackboneSettings):
    """What can be changed about the network and its training."""

    variant: Literal["18", "34", "50", "101", "152"] = option("18", mark("number of layers"))

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {**QUICK, "epochs": 12},
        "full": {**FULL, "variant": "50"},
        "transfer": TRANSFER,
    }


EXAMPLE_FACTS = backbones.EXAMPLE_FACTS


def model(settings: Settings, facts: dict[str, Any]) -> Backbone:
    """Write the network down for these pictures and classes."""
    size = backbones.size(settings, facts, narrow=NARROW)
    bottleneck, depths = VARIANTS[settings.variant]
    pixels = Input(*facts["input"])
    if size.small:
        h = convolve(pixels, size.channels(64), 3, names=("conv1", "bn1"))
    else:
        h = convolve(pixels, size.channels(64), 7, 2, names=("conv1", "bn1"))
        h = MaxPool2d(3, 2, 1)(h)
    for row, depth in enumerate(depths):
        for number in range(depth):
            stride = 2 if row > 0 and number == 0 else 1
            h = block(h, size, 64 * 2**row, stride, bottleneck, f"layer{row + 1}.{number}")
    h = drop(settings, GlobalAveragePool2d()(h))
    logits = Linear(len(facts["classes"]), name="fc")(h)
    return Backbone(pixels, logits, layer_groups=LAYER_GROUPS, head=("fc",), published=PUBLISHED[settings.variant])


def block(x: Node, size: backbones.Size, published: int, stride: int, bottleneck: bool, place: str) -> Node:
    """Two or three convolutions whose result is added to what they were given."""

    def names(number: int) -> tuple[str, str]:
        return f"{place}.conv{number}", f"{place}.bn{number}"

    channels = size.channels(published)
    if bottleneck:
        h = convolve(x, channels, 1, names=names(1))
        h = convolve(h, channels, 3, stride, names=names(2))
        h = convolve(h, 4 * channels, 1, names=names(3), activation=None)
    else:
        h = convolve(x, channels, 3, stride, names=names(1))
        h = convolve(h, channels, 3, names=names(2), activation=None)
    if x.shape != h.shape:  # a 1x1 brings what was given to the shape of what is added
        shortcut = f"{place}.downsample"
        x = convolve(x, h.shape[0], 1, stride, names=(f"{shortcut}.0", f"{shortcut}.1"), activation=None)
    return Activation("relu")(h + x)


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read the pictures and stand the network in front of them."""
    return backbones.experiment(settings, context, lambda facts: model(settings, facts))
