"""MobileNet v1, v2 and v3: depthwise and 1x1 convolutions, for networks that run on phones.

A 3x3 convolution combines neighboring positions and channels at once. Here a depthwise convolution combines the
positions of each channel, and a 1x1 convolution combines the channels: about a ninth of the work.

The flow of shapes by default, for Fashion-MNIST (v1, three eighths of the published channels):

    (1, 28, 28) -> 3x3 -> (16, 28, 28) -> depthwise, 1x1 -> (24, 28, 28) -> 2 blocks -> (48, 14, 14) -> 2 blocks
                -> (96, 7, 7) -> 6 blocks -> (192, 4, 4) -> 2 blocks -> (384, 2, 2) -> global average pooling (384)
                -> one logit per class (10)

and as published, for photographs (v2):

    (3, 224, 224) -> 3x3, stride 2 -> (32, 112, 112) -> (16, 112, 112) -> (24, 56, 56) -> (32, 28, 28)
                  -> (64, 14, 14) -> (96, 14, 14) -> (160, 7, 7) -> (320, 7, 7) -> (1280, 7, 7)
                  -> global average pooling (1280) -> one logit per class (1000)

    v1:  x -> depthwise -> 1x1
    v2:  x -> 1x1 with 6 times the channels -> depthwise -> 1x1 without activation -> + x
    v3:  as v2, with numbers found by architecture search, and squeeze-and-excitation after some depthwise convolutions
    efficientnet-lite0:  as v2, with other numbers and some 5x5 kernels (`efficientnet_lite.py`)

Loss, training step and test-time views are in `tasks/classification/learner.py`.

Papers: Howard and others 2017, "MobileNets", arXiv:1704.04861 (v1); Sandler and others 2018, "MobileNetV2: Inverted
Residuals and Linear Bottlenecks", arXiv:1801.04381; Howard and others 2019, "Searching for MobileNetV3",
arXiv:1905.02244. Differences:

1. Names are those of torchvision, whose published weights (of v2 and v3) load by name.
2. Of the five layers with stride 2, the first and the last have stride 1 for images below 64 pixels, which get fewer
   channels.
3. Small images are trained with Muon and a one-cycle learning rate, in minutes, instead of RMSProp.

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
from axone.tasks.classification.backbones import efficientnet_lite
from axone.tasks.classification.backbones import size as backbone_size
from axone.tasks.classification.backbones.data import IMAGENET, read_images
from axone.tasks.classification.backbones.efficientnet_lite import efficientnet_lite0
from axone.tasks.classification.backbones.network import DEFAULT_NORM, Backbone, Norm, add_dropout, conv_norm_activation
from axone.tasks.classification.backbones.packaged_weights import suggest_installation
from axone.tasks.classification.backbones.pretrained import Published
from axone.tasks.classification.backbones.settings import FULL, QUICK, TRANSFER, BackboneSettings
from axone.tasks.classification.backbones.size import EXAMPLE_FACTS as EXAMPLE_FACTS
from axone.tasks.classification.backbones.size import Size, choose_size, round_channels
from axone.tasks.classification.backbones.training import assemble_experiment
from axone.tasks.classification.predict import answering as answering
from axone.tasks.classification.predict import predict as predict
from axone.tasks.images import defaults
from axone.tasks.images.completion import complete_settings
from axone.tasks.images.inputs import read_inputs as read_inputs
from axone.tasks.images.survey import ImageSurvey, survey_images


class InvertedResidual(NamedTuple):
    """One block of v2 or v3. `expanded` is the number of channels of its depthwise convolution."""

    kernel: int
    expanded: int
    channels: int
    squeeze_excitation: bool
    activation: str
    stride: int


# (channels, stride) of each block: table 1 of the first paper.
V1 = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
# (expansion, channels, blocks, stride of the first of them): table 2 of the second paper.
V2 = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
# Tables 1 and 2 of the third paper.
V3_LARGE = [InvertedResidual(*row) for row in (
    (3, 16, 16, False, "relu", 1), (3, 64, 24, False, "relu", 2), (3, 72, 24, False, "relu", 1),
    (5, 72, 40, True, "relu", 2), (5, 120, 40, True, "relu", 1), (5, 120, 40, True, "relu", 1),
    (3, 240, 80, False, "hardswish", 2), (3, 200, 80, False, "hardswish", 1), (3, 184, 80, False, "hardswish", 1),
    (3, 184, 80, False, "hardswish", 1), (3, 480, 112, True, "hardswish", 1), (3, 672, 112, True, "hardswish", 1),
    (5, 672, 160, True, "hardswish", 2), (5, 960, 160, True, "hardswish", 1), (5, 960, 160, True, "hardswish", 1),
)]  # fmt: skip
V3_SMALL = [InvertedResidual(*row) for row in (
    (3, 16, 16, True, "relu", 2), (3, 72, 24, False, "relu", 2), (3, 88, 24, False, "relu", 1),
    (5, 96, 40, True, "hardswish", 2), (5, 240, 40, True, "hardswish", 1), (5, 240, 40, True, "hardswish", 1),
    (5, 120, 48, True, "hardswish", 1), (5, 144, 48, True, "hardswish", 1), (5, 288, 96, True, "hardswish", 2),
    (5, 576, 96, True, "hardswish", 1), (5, 576, 96, True, "hardswish", 1),
)]  # fmt: skip
PUBLISHED: dict[str, Published] = {
    "v2": "mobilenet_v2-b0353104.pth",
    "v3-small": "mobilenet_v3_small-047dcff4.pth",
    "v3-large": "mobilenet_v3_large-8738ca79.pth",
    "efficientnet-lite0": efficientnet_lite.PUBLISHED,
}
V3_NORM = Norm(eps=0.001, momentum=0.01)
STRIDES = {"published": (2, 2, 2, 2, 2), "small": (1, 2, 2, 2, 1)}  # of the five layers with stride 2
SMALL_WIDTH = 0.375  # width multiplier for small images


class Settings(BackboneSettings):
    """The settings of the network and its training."""

    variant: Literal["v1", "v2", "v3-small", "v3-large", "efficientnet-lite0"] = option(
        "v1",
        mark("version of the network"),
        auto=mark(
            "v1; pretrained efficientnet-lite0 for few photographs, where pip install 'axone[pretrained]' was typed"
        ),
    )

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {**QUICK, "epochs": 12},
        "full": {**FULL, "variant": "v2", "dropout": 0.2, "weight_decay": 4e-5},
        "transfer": {**TRANSFER, "variant": "v2", "dropout": 0.2},
    }


# Only the head is trained, on features that are computed once.
FROZEN = {**defaults.PRETRAINED, "variant": "efficientnet-lite0", "weights": "imagenet", "freeze": True,
          "optimizer": "adam", "label_smoothing": 0.0}  # fmt: skip
# With --no-freeze: all layers, more slowly the nearer they are to the input.
FINE_TUNED = {"variant": "efficientnet-lite0", "weights": "imagenet", "image_size": defaults.FEATURES_SIDE,
              "optimizer": "adamw", "learning_rate": 1e-3, "layer_decay": 0.6}  # fmt: skip


def complete(settings: Settings, context: BuildContext) -> Settings:
    """Choose network, weights and training by the number and the size of the images, where they are left open."""
    survey = survey_images(settings, context)
    if survey is None or not starts_from_package(settings, survey):
        return backbone_size.complete(settings, context)
    freezes = settings.freeze or "freeze" not in settings.model_fields_set
    steps = defaults.HEAD_STEPS if freezes else defaults.FINE_TUNING_STEPS
    return complete_settings(settings, context, lambda *_given: FROZEN if freezes else FINE_TUNED, steps=steps)


def starts_from_package(settings: Settings, survey: ImageSurvey) -> bool:
    """Return whether the network starts from installed weights: few photographs, and nothing set against it."""
    explicit = settings.model_fields_set
    is_asked_for = "variant" in explicit and settings.variant == "efficientnet-lite0"
    if settings.preset != "default" or explicit & {"width", "stem"} or ("variant" in explicit and not is_asked_for):
        return False
    if "weights" in explicit and not (is_asked_for and settings.weights == "imagenet"):
        return False
    suits = defaults.are_few_photographs(survey.images, survey.side, survey.channels)
    return suits and efficientnet_lite.PUBLISHED.is_installed()


def model(settings: Settings, facts: dict[str, Any]) -> Backbone:
    """Return the network for the images and classes of a run."""
    image = Input(*facts["input"])  # [channels, height, width]
    if settings.variant == "efficientnet-lite0":
        size = choose_size(settings, facts, small_width=efficientnet_lite.SMALL_WIDTH)
        return efficientnet_lite0(image, len(facts["classes"]), size=size, dropout=settings.dropout)
    size = choose_size(settings, facts, small_width=SMALL_WIDTH)
    features = Features(size)
    if settings.variant == "v1":
        h, head = features.v1(image), "classifier.1"
    elif settings.variant == "v2":
        h, head = features.v2(image), "classifier.1"
    else:
        h, head = features.v3(image, large=settings.variant == "v3-large"), "classifier.3"
    logits = Linear(len(facts["classes"]), name=head)(add_dropout(settings, h))
    layer_groups = [*features.layer_groups, ["classifier"]]
    return Backbone(image, logits, layer_groups=layer_groups, head=[head], published=PUBLISHED.get(settings.variant))


class Features:
    """The layers of a network of one size up to the features that the last dense layer reads."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.strides = iter(STRIDES["small" if size.small else "published"])
        self.layer_groups: list[list[str]] = []

    def next_name(self, stride: int) -> tuple[str, int]:
        """Return the name of the next layer and its stride; each published stride of 2 starts a layer group."""
        if stride == 2 or not self.layer_groups:
            self.layer_groups.append([])
        name = f"features.{sum(map(len, self.layer_groups))}"
        self.layer_groups[-1].append(name)
        return name, next(self.strides) if stride == 2 else stride

    def stem(self, image: Node, channels: int, activation: str, norm: Norm = DEFAULT_NORM) -> Node:
        """The first convolution: 3x3 over all channels."""
        name, stride = self.next_name(2)
        return conv_norm_activation(
            image, self.size.channels(channels), 3, stride, names=pair(name), activation=activation, norm=norm
        )

    def last(self, x: Node, channels: int, activation: str, norm: Norm = DEFAULT_NORM) -> Node:
        """The 1x1 convolution after the last block, and global average pooling."""
        name, _stride = self.next_name(1)
        return GlobalAveragePool2d()(
            conv_norm_activation(x, channels, 1, names=pair(name), activation=activation, norm=norm)
        )

    def v1(self, image: Node) -> Node:
        """Depthwise and 1x1 convolutions, each with batch norm and activation."""
        h = self.stem(image, 32, "relu")
        for channels, published in V1:
            name, stride = self.next_name(published)
            h = conv_norm_activation(h, h.shape[0], 3, stride, names=pair(f"{name}.0"), groups=h.shape[0])
            h = conv_norm_activation(h, self.size.channels(channels), 1, names=pair(f"{name}.1"))
        return GlobalAveragePool2d()(h)

    def v2(self, image: Node) -> Node:
        """Inverted residual blocks; the last 1x1 keeps its channels at widths below 1 (section 4 of the paper)."""
        h = self.stem(image, 32, "relu6")
        for expansion, channels, blocks, published in V2:
            for number in range(blocks):
                name, stride = self.next_name(published if number == 0 else 1)
                expanded = expansion * h.shape[0]
                h = inverted_residual(
                    h,
                    f"{name}.conv",
                    InvertedResidual(3, expanded, self.size.channels(channels), False, "relu6", stride),
                )
        return self.last(h, round_channels(1280 * max(1.0, self.size.width)), "relu6")

    def v3(self, image: Node, large: bool) -> Node:
        """Inverted residual blocks with squeeze-and-excitation, and a dense layer."""
        h = self.stem(image, 16, "hardswish", norm=V3_NORM)
        for row in V3_LARGE if large else V3_SMALL:
            name, stride = self.next_name(row.stride)
            expanded, channels = self.size.channels(row.expanded), self.size.channels(row.channels)
            row = row._replace(expanded=expanded, channels=channels, stride=stride)
            h = inverted_residual(h, f"{name}.block", row, nested=True, norm=V3_NORM)
        h = self.last(h, 6 * h.shape[0], "hardswish", norm=V3_NORM)
        return Linear(self.size.channels(1280 if large else 1024), activation="hardswish", name="classifier.0")(h)


def inverted_residual(
    x: Node, prefix: str, row: InvertedResidual, *, nested: bool = False, norm: Norm = DEFAULT_NORM
) -> Node:
    """1x1 expansion, depthwise convolution, squeeze-and-excitation, 1x1 projection; a residual sum where shapes agree.

    Args:
        x: Feature maps [channels, height, width].
        prefix: The beginning of the layers' names.
        row: The block, with the channels and the stride of this network.
        nested: Whether the last convolution and its norm are a pair of their own by name, as torchvision has it in v3
            and not in v2.
        norm: The parameters of the batch norms.
    """
    h, part = x, 0
    if row.expanded != x.shape[0]:
        h = conv_norm_activation(
            h, row.expanded, 1, names=pair(f"{prefix}.{part}"), activation=row.activation, norm=norm
        )
        part += 1
    h = conv_norm_activation(
        h,
        row.expanded,
        row.kernel,
        row.stride,
        names=pair(f"{prefix}.{part}"),
        groups=row.expanded,
        activation=row.activation,
        norm=norm,
    )
    part += 1
    if row.squeeze_excitation:
        h = squeeze_and_excite(h, f"{prefix}.{part}")
        part += 1
    names = pair(f"{prefix}.{part}") if nested else (f"{prefix}.{part}", f"{prefix}.{part + 1}")
    h = conv_norm_activation(h, row.channels, 1, names=names, activation=None, norm=norm)
    return h + x if h.shape == x.shape else h


def squeeze_and_excite(x: Node, prefix: str) -> Node:
    """Multiply each channel by a weight computed from the means of all channels (Hu and others 2018)."""
    means = AdaptiveAvgPool2d(1)(x)
    h = Conv2d(round_channels(x.shape[0] // 4), 1, activation="relu", name=f"{prefix}.fc1")(means)
    return Multiply()(x, Conv2d(x.shape[0], 1, activation="hardsigmoid", name=f"{prefix}.fc2")(h))


def pair(prefix: str) -> tuple[str, str]:
    """Return the names of a convolution and of its batch norm."""
    return f"{prefix}.0", f"{prefix}.1"


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read the images and train the network on them with cross-entropy (tasks/classification/learner.py)."""
    statistics = efficientnet_lite.STATISTICS if settings.variant == "efficientnet-lite0" else IMAGENET
    data = read_images(settings, context, PUBLISHED.get(settings.variant), statistics)
    experiment = assemble_experiment(model(settings, data.facts), data, settings, context)
    (width, height), _largest = data.report["sizes_of_files"] or [(0, 0)] * 2
    few = defaults.are_few_photographs(data.facts["samples"]["train"], min(width, height), data.facts["input"][0])
    if few and not settings.weights and not efficientnet_lite.PUBLISHED.is_installed():
        experiment.notes.append(suggest_installation())
    return experiment
