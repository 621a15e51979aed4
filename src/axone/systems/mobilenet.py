"""A network for pictures that fits a telephone: each convolution split into two cheap ones.

A 3x3 convolution looks around and mixes channels at once. Here a depthwise one looks around in each channel by
itself, and a 1x1 mixes them: about a ninth of the work. The flow of shapes, by default, for Fashion-MNIST (v1, at
three eighths of the published channels):

    (1, 28, 28) -> 3x3 -> (16, 28, 28) -> depthwise, 1x1 -> (24, 28, 28) -> 2 times -> (48, 14, 14) -> 2 times
                -> (96, 7, 7) -> 6 times -> (192, 4, 4) -> 2 times -> (384, 2, 2) -> mean -> one logit a class (10)

and as published, for photographs (v2):

    (3, 224, 224) -> 3x3, stride 2 -> (32, 112, 112) -> (16, 112, 112) -> (24, 56, 56) -> (32, 28, 28)
                  -> (64, 14, 14) -> (96, 14, 14) -> (160, 7, 7) -> (320, 7, 7) -> (1280, 7, 7) -> mean -> 1000

    v1:  x -> depthwise -> 1x1
    v2:  x -> 1x1, 6 times the channels -> depthwise -> 1x1, no activation -> + x
    v3:  the same, with other numbers found by search, and behind some depthwise ones a gate for each channel

Papers: Howard and others 2017, "MobileNets", arXiv:1704.04861 (v1); Sandler and others 2018, "MobileNetV2: Inverted
Residuals and Linear Bottlenecks", arXiv:1801.04381; Howard and others 2019, "Searching for MobileNetV3",
arXiv:1905.02244. How we differ:

1. Names are those of torchvision, whose published weights (of v2 and v3) load by name.
2. Of the five halvings, the first and the last are left out for pictures below 64 pixels, which get fewer channels.
3. Small pictures are learned with Muon and one cycle of the learning rate instead of RMSProp: minutes.

Measured by benchmarks/architectures.py: test accuracy on Fashion-MNIST 93.82 % (1 seed) in 7.9 minutes, 0.49 of a
plain loop's step; AMD EPYC, 2 cores.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, NamedTuple

from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.graph import AdaptiveAvgPool2d, Conv2d, GlobalAveragePool2d, Input, Linear, Multiply, Node
from axone.messages import mark
from axone.settings import option
from axone.tasks.classification import backbones
from axone.tasks.classification.backbone_settings import FULL, QUICK, TRANSFER, BackboneSettings
from axone.tasks.classification.backbones import USUAL, Backbone, Norm, Size, convolve, divisible, drop
from axone.tasks.classification.predict import answering as answering
from axone.tasks.classification.predict import predict as predict


class InvertedResidual(NamedTuple):
    """One block of v2 or v3."""

    kernel: int
    inside: int  # channels of the depthwise convolution
    channels: int
    gated: bool
    activation: str
    stride: int


# (channels, stride) of each block: table 1 of the first paper.
V1 = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
# (widening, channels, blocks, stride of the first of them): table 2 of the second paper.
V2 = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
# Tables 1 and 2 of the third paper.
V3_LARGE = [
    InvertedResidual(3, 16, 16, False, "relu", 1),
    InvertedResidual(3, 64, 24, False, "relu", 2),
    InvertedResidual(3, 72, 24, False, "relu", 1),
    InvertedResidual(5, 72, 40, True, "relu", 2),
    InvertedResidual(5, 120, 40, True, "relu", 1),
    InvertedResidual(5, 120, 40, True, "relu", 1),
    InvertedResidual(3, 240, 80, False, "hardswish", 2),
    InvertedResidual(3, 200, 80, False, "hardswish", 1),
    InvertedResidual(3, 184, 80, False, "hardswish", 1),
    InvertedResidual(3, 184, 80, False, "hardswish", 1),
    InvertedResidual(3, 480, 112, True, "hardswish", 1),
    InvertedResidual(3, 672, 112, True, "hardswish", 1),
    InvertedResidual(5, 672, 160, True, "hardswish", 2),
    InvertedResidual(5, 960, 160, True, "hardswish", 1),
    InvertedResidual(5, 960, 160, True, "hardswish", 1),
]
V3_SMALL = [
    InvertedResidual(3, 16, 16, True, "relu", 2),
    InvertedResidual(3, 72, 24, False, "relu", 2),
    InvertedResidual(3, 88, 24, False, "relu", 1),
    InvertedResidual(5, 96, 40, True, "hardswish", 2),
    InvertedResidual(5, 240, 40, True, "hardswish", 1),
    InvertedResidual(5, 240, 40, True, "hardswish", 1),
    InvertedResidual(5, 120, 48, True, "hardswish", 1),
    InvertedResidual(5, 144, 48, True, "hardswish", 1),
    InvertedResidual(5, 288, 96, True, "hardswish", 2),
    InvertedResidual(5, 576, 96, True, "hardswish", 1),
    InvertedResidual(5, 576, 96, True, "hardswish", 1),
]
PUBLISHED = {
    "v2": "mobilenet_v2-b0353104.pth",
    "v3-small": "mobilenet_v3_small-047dcff4.pth",
    "v3-large": "mobilenet_v3_large-8738ca79.pth",
}
V3_NORM = Norm(eps=0.001, momentum=0.01)
STRIDES = {"published": (2, 2, 2, 2, 2), "small": (1, 2, 2, 2, 1)}  # of the five halvings
NARROW = 0.375  # width for small pictures


class Settings(BackboneSettings):
    """What can be changed about the network and its training."""

    variant: Literal["v1", "v2", "v3-small", "v3-large"] = option("v1", mark("version of the network"))

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {**QUICK, "epochs": 12},
        "full": {**FULL, "variant": "v2", "dropout": 0.2, "weight_decay": 4e-5},
        "transfer": {**TRANSFER, "variant": "v2", "dropout": 0.2},
    }


EXAMPLE_FACTS = backbones.EXAMPLE_FACTS


def model(settings: Settings, facts: dict[str, Any]) -> Backbone:
    """Write the network down for these pictures and classes."""
    size = backbones.size(settings, facts, narrow=NARROW)
    pixels = Input(*facts["input"])
    write = Writer(size)
    if settings.variant == "v1":
        h, head = write.v1(pixels), "classifier.1"
    elif settings.variant == "v2":
        h, head = write.v2(pixels), "classifier.1"
    else:
        h, head = write.v3(pixels, large=settings.variant == "v3-large"), "classifier.3"
    logits = Linear(len(facts["classes"]), name=head)(drop(settings, h))
    layer_groups = [*write.layer_groups, ["classifier"]]
    return Backbone(pixels, logits, layer_groups=layer_groups, head=[head], published=PUBLISHED.get(settings.variant))


class Writer:
    """Writes the features of a network of one size, up to the units that the last dense layer sees."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.strides = iter(STRIDES["small" if size.small else "published"])
        self.layer_groups: list[list[str]] = []

    def place(self, stride: int) -> tuple[str, int]:
        """Return the next feature's name and the stride that it gets; each published halving begins a stage."""
        if stride == 2 or not self.layer_groups:
            self.layer_groups.append([])
        name = f"features.{sum(map(len, self.layer_groups))}"
        self.layer_groups[-1].append(name)
        return name, next(self.strides) if stride == 2 else stride

    def stem(self, pixels: Node, channels: int, activation: str, norm: Norm = USUAL) -> Node:
        """The one convolution that is not split."""
        name, stride = self.place(2)
        return convolve(
            pixels, self.size.channels(channels), 3, stride, names=pair(name), activation=activation, norm=norm
        )

    def last(self, x: Node, channels: int, activation: str, norm: Norm = USUAL) -> Node:
        """The 1x1 behind the last block, then the mean of each map."""
        name, _stride = self.place(1)
        return GlobalAveragePool2d()(convolve(x, channels, 1, names=pair(name), activation=activation, norm=norm))

    def v1(self, pixels: Node) -> Node:
        """Depthwise and 1x1 in turn, each with norm and activation."""
        h = self.stem(pixels, 32, "relu")
        for channels, published in V1:
            name, stride = self.place(published)
            h = convolve(h, h.shape[0], 3, stride, names=pair(f"{name}.0"), groups=h.shape[0])
            h = convolve(h, self.size.channels(channels), 1, names=pair(f"{name}.1"))
        return GlobalAveragePool2d()(h)

    def v2(self, pixels: Node) -> Node:
        """Inverted residual blocks; the last 1x1 keeps its channels in narrow networks (section 4 of the paper)."""
        h = self.stem(pixels, 32, "relu6")
        for widening, channels, blocks, published in V2:
            for number in range(blocks):
                name, stride = self.place(published if number == 0 else 1)
                inside = widening * h.shape[0]
                h = inverted(
                    h, f"{name}.conv", InvertedResidual(3, inside, self.size.channels(channels), False, "relu6", stride)
                )
        return self.last(h, divisible(1280 * max(1.0, self.size.width)), "relu6")

    def v3(self, pixels: Node, large: bool) -> Node:
        """Inverted residual blocks with gates, and a dense layer of their features."""
        h = self.stem(pixels, 16, "hardswish", norm=V3_NORM)
        for row in V3_LARGE if large else V3_SMALL:
            name, stride = self.place(row.stride)
            inside, channels = self.size.channels(row.inside), self.size.channels(row.channels)
            row = row._replace(inside=inside, channels=channels, stride=stride)
            h = inverted(h, f"{name}.block", row, nested=True, norm=V3_NORM)
        h = self.last(h, 6 * h.shape[0], "hardswish", norm=V3_NORM)
        return Linear(self.size.channels(1280 if large else 1024), activation="hardswish", name="classifier.0")(h)


def inverted(x: Node, place: str, row: InvertedResidual, *, nested: bool = False, norm: Norm = USUAL) -> Node:
    """Widen, look around in each channel, gate, narrow; added to what was given where the shapes agree.

    `row` holds the channels of this very network. `nested` names the last convolution and its norm as a pair of their
    own, as torchvision does in v3 and not in v2.
    """
    h, part = x, 0
    if row.inside != x.shape[0]:
        h = convolve(h, row.inside, 1, names=pair(f"{place}.{part}"), activation=row.activation, norm=norm)
        part += 1
    h = convolve(
        h,
        row.inside,
        row.kernel,
        row.stride,
        names=pair(f"{place}.{part}"),
        groups=row.inside,
        activation=row.activation,
        norm=norm,
    )
    part += 1
    if row.gated:
        h = gate(h, f"{place}.{part}")
        part += 1
    names = pair(f"{place}.{part}") if nested else (f"{place}.{part}", f"{place}.{part + 1}")
    h = convolve(h, row.channels, 1, names=names, activation=None, norm=norm)
    return h + x if h.shape == x.shape else h


def gate(x: Node, place: str) -> Node:
    """Weigh each channel by what the means of all of them say (squeeze and excitation, Hu and others 2018)."""
    means = AdaptiveAvgPool2d(1)(x)
    h = Conv2d(divisible(x.shape[0] // 4), 1, activation="relu", name=f"{place}.fc1")(means)
    return Multiply()(x, Conv2d(x.shape[0], 1, activation="hardsigmoid", name=f"{place}.fc2")(h))


def pair(place: str) -> tuple[str, str]:
    """The names of a convolution and of its norm."""
    return f"{place}.0", f"{place}.1"


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read the pictures and stand the network in front of them."""
    return backbones.experiment(settings, context, lambda facts: model(settings, facts))
