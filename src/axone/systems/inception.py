"""Branches side by side, of kernels of several sizes, whose maps are laid on one pile: Inception v3.

The flow of shapes, by default, for Fashion-MNIST (an eighth of the published channels):

    (1, 28, 28) -> three 3x3 -> (8, 28, 28) -> maximum over 3x3, stride 2 -> 1x1, 3x3 -> (24, 14, 14)
                -> Mixed_5b to 5d -> (40, 14, 14) -> Mixed_6a to 6e -> (96, 7, 7) -> Mixed_7a to 7c -> (256, 4, 4)
                -> mean of each map (256) -> one logit a class (10)

and as published, for photographs:

    (3, 299, 299) -> (32, 149, 149) -> (64, 147, 147) -> (192, 71, 71) -> (192, 35, 35) -> (288, 35, 35)
                  -> (768, 17, 17) -> (2048, 8, 8) -> mean of each map (2048) -> one logit a class (1000)

A large kernel is made of small ones: 5x5 of two 3x3, 7x7 of a 1x7 and a 7x1, which cost a fraction. Behind Mixed_6e
stands an auxiliary head: in training it answers too, and 0.4 of its loss is added, so that gradients reach the first
layers on a shorter way. In use it is not computed.

Paper: Szegedy, Vanhoucke, Ioffe, Shlens, Wojna 2015, "Rethinking the Inception Architecture for Computer Vision",
arXiv:1512.00567. How we differ:

1. Layers, their names and the 0.4 are those of torchvision (from TensorFlow's code), whose published weights load by
   name; they expect pixels from -1 to 1. The paper's figures leave several channels open.
2. Pictures of other sizes: where the maps behind Mixed_6e are smaller than 17x17, the auxiliary head takes means over
   as many windows (adaptive pooling).
3. Pictures below 64 pixels: the stem keeps one halving of four, halvings keep their borders, and there are fewer
   channels. At 28 pixels the published stem would leave nothing.

Measured by benchmarks/architectures.py: test accuracy on Fashion-MNIST 94.02 % (1 seed) in 29.3 minutes, 0.54 of a
plain loop's step; AMD EPYC, 2 cores.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.graph import (
    AdaptiveAvgPool2d,
    AvgPool2d,
    Concatenate,
    GlobalAveragePool2d,
    Input,
    Linear,
    MaxPool2d,
    Node,
)
from axone.messages import mark
from axone.settings import option
from axone.tasks.classification import backbones
from axone.tasks.classification.backbone_settings import FULL, QUICK, TRANSFER, BackboneSettings
from axone.tasks.classification.backbones import Backbone, Norm, convolve, drop
from axone.tasks.classification.predict import answering as answering
from axone.tasks.classification.predict import predict as predict

PUBLISHED = "inception_v3_google-0cc3c7bd.pth"
FROM_MINUS_ONE_TO_ONE = (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)  # mean and deviation that the published weights expect
LAYER_GROUPS = (
    ("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3"),
    ("Conv2d_3b_1x1", "Conv2d_4a_3x3"),
    ("Mixed_5b", "Mixed_5c", "Mixed_5d"),
    ("Mixed_6a", "Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"),
    ("Mixed_7a", "Mixed_7b", "Mixed_7c"),
    ("AuxLogits", "fc"),
)
NORM = Norm(eps=0.001)
AUXILIARY = 5  # side of the maps on which the auxiliary head looks
NARROW = 0.125  # width for small pictures
LEAST = {"imagenet": 75, "small": 8}  # pixels that leave one position after all halvings


class Settings(BackboneSettings):
    """What can be changed about the network and its training."""

    variant: Literal["v3"] = option("v3", mark("version of the network"))

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {**QUICK, "epochs": 12},
        "full": {**FULL, "image_size": 299, "dropout": 0.5, "label_smoothing": 0.1},
        "transfer": {**TRANSFER, "image_size": 299, "dropout": 0.5},
    }


EXAMPLE_FACTS = backbones.EXAMPLE_FACTS


def model(settings: Settings, facts: dict[str, Any]) -> Backbone:
    """Write the network down for these pictures and classes. Raises SettingsError for pictures that are too small."""
    size = backbones.size(settings, facts, narrow=NARROW, least=LEAST)
    write = Writer(size)
    edge = write.edge
    pixels = Input(*facts["input"])
    h = write.one(pixels, "Conv2d_1a_3x3", 32, 3, stride=1 if size.small else 2, padding=edge)
    h = write.one(h, "Conv2d_2a_3x3", 32, 3, padding=edge)
    h = write.one(h, "Conv2d_2b_3x3", 64, 3)
    h = MaxPool2d(3, 2, edge)(h)
    h = write.one(h, "Conv2d_3b_1x1", 80, 1)
    h = write.one(h, "Conv2d_4a_3x3", 192, 3, padding=edge)
    if not size.small:
        h = MaxPool2d(3, 2)(h)
    for name, pooled in (("Mixed_5b", 32), ("Mixed_5c", 64), ("Mixed_5d", 64)):
        h = write.mixed_5(h, name, pooled)
    h = write.mixed_6a(h)
    for name, inner in (("Mixed_6b", 128), ("Mixed_6c", 160), ("Mixed_6d", 160), ("Mixed_6e", 192)):
        h = write.mixed_6(h, name, inner)
    auxiliary = write.auxiliary(h)
    h = write.mixed_7a(h)
    for name in ("Mixed_7b", "Mixed_7c"):
        h = write.mixed_7(h, name)
    h = drop(settings, GlobalAveragePool2d()(h))
    answers = [
        Linear(len(facts["classes"]), name="fc")(h),
        Linear(len(facts["classes"]), name="AuxLogits.fc")(auxiliary),
    ]
    return Backbone(pixels, answers, layer_groups=LAYER_GROUPS, head=("fc", "AuxLogits.fc"), published=PUBLISHED)


class Writer:
    """Writes the blocks of a network of one size; `edge` is the padding of its halvings."""

    def __init__(self, size: backbones.Size) -> None:
        self.size = size
        self.edge = 1 if size.small else 0

    def one(
        self,
        node: Node,
        name: str,
        channels: int,
        kernel_size: int | tuple[int, int],
        *,
        stride: int = 1,
        padding: int | None = None,
    ) -> Node:
        """Convolution, norm and ReLU."""
        names = (f"{name}.conv", f"{name}.bn")
        return convolve(
            node, self.size.channels(channels), kernel_size, stride, names=names, padding=padding, norm=NORM
        )

    def row(self, node: Node, name: str, *steps: tuple[str, int, int | tuple[int, int]], halve: bool = False) -> Node:
        """Convolutions one behind the other: (name, channels, kernel size) each; the last one may halve the maps."""
        for number, (step, channels, kernel_size) in enumerate(steps, 1):
            halves = halve and number == len(steps)
            node = self.one(
                node,
                f"{name}.{step}",
                channels,
                kernel_size,
                stride=2 if halves else 1,
                padding=self.edge if halves else None,
            )
        return node

    def mixed_5(self, x: Node, name: str, pooled: int) -> Node:
        """1x1; 5x5; 3x3 twice; mean."""
        return Concatenate()(
            self.row(x, name, ("branch1x1", 64, 1)),
            self.row(x, name, ("branch5x5_1", 48, 1), ("branch5x5_2", 64, 5)),
            self.row(x, name, ("branch3x3dbl_1", 64, 1), ("branch3x3dbl_2", 96, 3), ("branch3x3dbl_3", 96, 3)),
            self.row(AvgPool2d(3, 1, 1)(x), name, ("branch_pool", pooled, 1)),
        )

    def mixed_6a(self, x: Node) -> Node:
        """Halve the maps: 3x3; 3x3 twice; maximum."""
        name = "Mixed_6a"
        return Concatenate()(
            self.row(x, name, ("branch3x3", 384, 3), halve=True),
            self.row(
                x, name, ("branch3x3dbl_1", 64, 1), ("branch3x3dbl_2", 96, 3), ("branch3x3dbl_3", 96, 3), halve=True
            ),
            MaxPool2d(3, 2, self.edge)(x),
        )

    def mixed_6(self, x: Node, name: str, inner: int) -> Node:
        """1x1; 7x7; 7x7 twice; mean: each 7x7 as a row and a column."""
        return Concatenate()(
            self.row(x, name, ("branch1x1", 192, 1)),
            self.row(x, name, ("branch7x7_1", inner, 1), ("branch7x7_2", inner, (1, 7)), ("branch7x7_3", 192, (7, 1))),
            self.row(
                x,
                name,
                ("branch7x7dbl_1", inner, 1),
                ("branch7x7dbl_2", inner, (7, 1)),
                ("branch7x7dbl_3", inner, (1, 7)),
                ("branch7x7dbl_4", inner, (7, 1)),
                ("branch7x7dbl_5", 192, (1, 7)),
            ),
            self.row(AvgPool2d(3, 1, 1)(x), name, ("branch_pool", 192, 1)),
        )

    def auxiliary(self, x: Node) -> Node:
        """All of the auxiliary head but its last layer: means of 5x5 windows, 1x1, then 5x5 over what is left."""
        pooled = AvgPool2d(5, 3)(x) if min(x.shape[1:]) >= 17 else AdaptiveAvgPool2d(AUXILIARY)(x)
        h = self.one(pooled, "AuxLogits.conv0", 128, 1)
        return GlobalAveragePool2d()(self.one(h, "AuxLogits.conv1", 768, AUXILIARY, padding=0))

    def mixed_7a(self, x: Node) -> Node:
        """Halve the maps: 3x3; 7x7, then 3x3; maximum."""
        name = "Mixed_7a"
        return Concatenate()(
            self.row(x, name, ("branch3x3_1", 192, 1), ("branch3x3_2", 320, 3), halve=True),
            self.row(
                x,
                name,
                ("branch7x7x3_1", 192, 1),
                ("branch7x7x3_2", 192, (1, 7)),
                ("branch7x7x3_3", 192, (7, 1)),
                ("branch7x7x3_4", 192, 3),
                halve=True,
            ),
            MaxPool2d(3, 2, self.edge)(x),
        )

    def mixed_7(self, x: Node, name: str) -> Node:
        """1x1; 3x3; 3x3 twice; mean: the last 3x3 of each as a row and a column side by side."""
        once = self.row(x, name, ("branch3x3_1", 384, 1))
        twice = self.row(x, name, ("branch3x3dbl_1", 448, 1), ("branch3x3dbl_2", 384, 3))
        return Concatenate()(
            self.row(x, name, ("branch1x1", 320, 1)),
            self.row(once, name, ("branch3x3_2a", 384, (1, 3))),
            self.row(once, name, ("branch3x3_2b", 384, (3, 1))),
            self.row(twice, name, ("branch3x3dbl_3a", 384, (1, 3))),
            self.row(twice, name, ("branch3x3dbl_3b", 384, (3, 1))),
            self.row(AvgPool2d(3, 1, 1)(x), name, ("branch_pool", 192, 1)),
        )


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read the pictures and stand the network in front of them."""
    return backbones.experiment(settings, context, lambda facts: model(settings, facts), FROM_MINUS_ONE_TO_ONE)
