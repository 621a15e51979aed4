"""Inception v3: parallel convolutions of several kernel sizes, concatenated.

The flow of shapes by default, for Fashion-MNIST (an eighth of the published channels):

    (1, 28, 28) -> three 3x3 -> (8, 28, 28) -> max pooling 3x3, stride 2 -> 1x1, 3x3 -> (24, 14, 14)
                -> Mixed_5b to 5d -> (40, 14, 14) -> Mixed_6a to 6e -> (96, 7, 7) -> Mixed_7a to 7c -> (256, 4, 4)
                -> global average pooling (256) -> one logit per class (10)

and as published, for photographs:

    (3, 299, 299) -> (32, 149, 149) -> (64, 147, 147) -> (192, 71, 71) -> (192, 35, 35) -> (288, 35, 35)
                  -> (768, 17, 17) -> (2048, 8, 8) -> global average pooling (2048) -> one logit per class (1000)

Large kernels are factorized into small ones: 5x5 into two 3x3, 7x7 into 1x7 and 7x1, at a fraction of the cost. An
auxiliary head after Mixed_6e adds 0.4 times its loss in training, so that the first layers get gradients on a shorter
path. It is not computed at inference.

Loss, training step and test-time views are in `tasks/classification/learner.py`.

Paper: Szegedy, Vanhoucke, Ioffe, Shlens, Wojna 2015, "Rethinking the Inception Architecture for Computer Vision",
arXiv:1512.00567. Differences:

1. The layers, their names and the factor 0.4 are those of torchvision (from TensorFlow's code), whose published weights
   load by name and expect pixels from -1 to 1. The paper leaves several numbers of channels open.
2. Images of other sizes: where the feature maps of Mixed_6e are smaller than 17x17, the auxiliary head uses adaptive
   average pooling to the same number of positions.
3. Images below 64 pixels: the stem downsamples once instead of three times, layers with stride 2 are padded, and there
   are fewer channels. At 28 pixels the published stem would leave no position.

Measured by benchmarks/architectures.py: test accuracy on Fashion-MNIST 94.02 % (1 seed) in 29.3 minutes, 0.54 of a
plain loop's step; AMD EPYC, 2 cores.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from axone.data.images.normalize import MINUS_ONE_TO_ONE
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
from axone.tasks.classification.backbones.data import read_images
from axone.tasks.classification.backbones.network import Backbone, Norm, add_dropout, conv_norm_activation
from axone.tasks.classification.backbones.settings import FULL, QUICK, TRANSFER, BackboneSettings
from axone.tasks.classification.backbones.size import EXAMPLE_FACTS as EXAMPLE_FACTS
from axone.tasks.classification.backbones.size import Size, choose_size
from axone.tasks.classification.backbones.size import complete as complete
from axone.tasks.classification.backbones.training import assemble_experiment
from axone.tasks.classification.predict import answering as answering
from axone.tasks.classification.predict import predict as predict
from axone.tasks.images.inputs import read_inputs as read_inputs

PUBLISHED = "inception_v3_google-0cc3c7bd.pth"
LAYER_GROUPS = (
    ("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3"),
    ("Conv2d_3b_1x1", "Conv2d_4a_3x3"),
    ("Mixed_5b", "Mixed_5c", "Mixed_5d"),
    ("Mixed_6a", "Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"),
    ("Mixed_7a", "Mixed_7b", "Mixed_7c"),
    ("AuxLogits", "fc"),
)
NORM = Norm(eps=0.001)
AUXILIARY_SIDE = 5  # of the feature maps that the auxiliary head reads
SMALL_WIDTH = 0.125  # width multiplier for small images
MIN_SIDES = {"imagenet": 75, "small": 8}  # pixels; smaller images have no position left after all downsampling


class Settings(BackboneSettings):
    """The settings of the network and its training."""

    variant: Literal["v3"] = option("v3", mark("version of the network"))  # there is one, which earlier runs name
    UNUSED: ClassVar[frozenset[str]] = BackboneSettings.UNUSED | {"variant"}

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {**QUICK, "epochs": 12},
        "full": {**FULL, "image_size": 299, "dropout": 0.5, "label_smoothing": 0.1},
        "transfer": {**TRANSFER, "image_size": 299, "dropout": 0.5},
    }


def model(settings: Settings, facts: dict[str, Any]) -> Backbone:
    """Return the network for the images and classes of a run. Raises SettingsError for images that are too small."""
    size = choose_size(settings, facts, small_width=SMALL_WIDTH, min_sides=MIN_SIDES)
    blocks = Blocks(size)
    edge = blocks.edge
    image = Input(*facts["input"])  # [channels, height, width]
    h = blocks.conv(image, "Conv2d_1a_3x3", 32, 3, stride=1 if size.small else 2, padding=edge)
    h = blocks.conv(h, "Conv2d_2a_3x3", 32, 3, padding=edge)
    h = blocks.conv(h, "Conv2d_2b_3x3", 64, 3)
    h = MaxPool2d(3, 2, edge)(h)
    h = blocks.conv(h, "Conv2d_3b_1x1", 80, 1)
    h = blocks.conv(h, "Conv2d_4a_3x3", 192, 3, padding=edge)
    if not size.small:
        h = MaxPool2d(3, 2)(h)
    for name, pooled in (("Mixed_5b", 32), ("Mixed_5c", 64), ("Mixed_5d", 64)):
        h = blocks.mixed_5(h, name, pooled)
    h = blocks.mixed_6a(h)
    for name, inner in (("Mixed_6b", 128), ("Mixed_6c", 160), ("Mixed_6d", 160), ("Mixed_6e", 192)):
        h = blocks.mixed_6(h, name, inner)
    auxiliary = blocks.auxiliary(h)
    h = blocks.mixed_7a(h)
    for name in ("Mixed_7b", "Mixed_7c"):
        h = blocks.mixed_7(h, name)
    h = add_dropout(settings, GlobalAveragePool2d()(h))
    logits = [
        Linear(len(facts["classes"]), name="fc")(h),
        Linear(len(facts["classes"]), name="AuxLogits.fc")(auxiliary),
    ]
    return Backbone(image, logits, layer_groups=LAYER_GROUPS, head=("fc", "AuxLogits.fc"), published=PUBLISHED)


class Blocks:
    """The blocks of a network of one size, each a method from node to node.

    Names are those of torchvision; `edge` is the padding of layers with stride 2.
    """

    def __init__(self, size: Size) -> None:
        self.size = size
        self.edge = 1 if size.small else 0

    def conv(
        self,
        node: Node,
        name: str,
        channels: int,
        kernel_size: int | tuple[int, int],
        *,
        stride: int = 1,
        padding: int | None = None,
    ) -> Node:
        """Add one convolution with batch norm and ReLU."""
        names = (f"{name}.conv", f"{name}.bn")
        return conv_norm_activation(
            node, self.size.channels(channels), kernel_size, stride, names=names, padding=padding, norm=NORM
        )

    def branch(
        self, node: Node, name: str, *steps: tuple[str, int, int | tuple[int, int]], downsample: bool = False
    ) -> Node:
        """Add a sequence of convolutions (name, channels, kernel size); with `downsample` the last has stride 2."""
        for number, (step, channels, kernel_size) in enumerate(steps, 1):
            strided = downsample and number == len(steps)
            node = self.conv(
                node,
                f"{name}.{step}",
                channels,
                kernel_size,
                stride=2 if strided else 1,
                padding=self.edge if strided else None,
            )
        return node

    def mixed_5(self, x: Node, name: str, pooled: int) -> Node:
        """Four branches: 1x1; 5x5; two 3x3; average pooling."""
        return Concatenate()(
            self.branch(x, name, ("branch1x1", 64, 1)),
            self.branch(x, name, ("branch5x5_1", 48, 1), ("branch5x5_2", 64, 5)),
            self.branch(x, name, ("branch3x3dbl_1", 64, 1), ("branch3x3dbl_2", 96, 3), ("branch3x3dbl_3", 96, 3)),
            self.branch(AvgPool2d(3, 1, 1)(x), name, ("branch_pool", pooled, 1)),
        )

    def mixed_6a(self, x: Node) -> Node:
        """Three branches with stride 2: 3x3; two 3x3; max pooling."""
        name = "Mixed_6a"
        return Concatenate()(
            self.branch(x, name, ("branch3x3", 384, 3), downsample=True),
            self.branch(
                x,
                name,
                ("branch3x3dbl_1", 64, 1),
                ("branch3x3dbl_2", 96, 3),
                ("branch3x3dbl_3", 96, 3),
                downsample=True,
            ),
            MaxPool2d(3, 2, self.edge)(x),
        )

    def mixed_6(self, x: Node, name: str, inner: int) -> Node:
        """Four branches: 1x1; 7x7; two 7x7; average pooling. Each 7x7 is factorized into 1x7 and 7x1."""
        return Concatenate()(
            self.branch(x, name, ("branch1x1", 192, 1)),
            self.branch(
                x, name, ("branch7x7_1", inner, 1), ("branch7x7_2", inner, (1, 7)), ("branch7x7_3", 192, (7, 1))
            ),
            self.branch(
                x,
                name,
                ("branch7x7dbl_1", inner, 1),
                ("branch7x7dbl_2", inner, (7, 1)),
                ("branch7x7dbl_3", inner, (1, 7)),
                ("branch7x7dbl_4", inner, (7, 1)),
                ("branch7x7dbl_5", 192, (1, 7)),
            ),
            self.branch(AvgPool2d(3, 1, 1)(x), name, ("branch_pool", 192, 1)),
        )

    def auxiliary(self, x: Node) -> Node:
        """The auxiliary head without its last layer: average pooling 5x5, 1x1, 5x5."""
        pooled = AvgPool2d(5, 3)(x) if min(x.shape[1:]) >= 17 else AdaptiveAvgPool2d(AUXILIARY_SIDE)(x)
        h = self.conv(pooled, "AuxLogits.conv0", 128, 1)
        return GlobalAveragePool2d()(self.conv(h, "AuxLogits.conv1", 768, AUXILIARY_SIDE, padding=0))

    def mixed_7a(self, x: Node) -> Node:
        """Three branches with stride 2: 3x3; 7x7 and 3x3; max pooling."""
        name = "Mixed_7a"
        return Concatenate()(
            self.branch(x, name, ("branch3x3_1", 192, 1), ("branch3x3_2", 320, 3), downsample=True),
            self.branch(
                x,
                name,
                ("branch7x7x3_1", 192, 1),
                ("branch7x7x3_2", 192, (1, 7)),
                ("branch7x7x3_3", 192, (7, 1)),
                ("branch7x7x3_4", 192, 3),
                downsample=True,
            ),
            MaxPool2d(3, 2, self.edge)(x),
        )

    def mixed_7(self, x: Node, name: str) -> Node:
        """Four branches: 1x1; 3x3; two 3x3; average pooling. The last 3x3 is a 1x3 and a 3x1 in parallel."""
        once = self.branch(x, name, ("branch3x3_1", 384, 1))
        twice = self.branch(x, name, ("branch3x3dbl_1", 448, 1), ("branch3x3dbl_2", 384, 3))
        return Concatenate()(
            self.branch(x, name, ("branch1x1", 320, 1)),
            self.branch(once, name, ("branch3x3_2a", 384, (1, 3))),
            self.branch(once, name, ("branch3x3_2b", 384, (3, 1))),
            self.branch(twice, name, ("branch3x3dbl_3a", 384, (1, 3))),
            self.branch(twice, name, ("branch3x3dbl_3b", 384, (3, 1))),
            self.branch(AvgPool2d(3, 1, 1)(x), name, ("branch_pool", 192, 1)),
        )


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read the images and train the network on them with cross-entropy (tasks/classification/learner.py)."""
    # The normalization with which the published weights were trained.
    data = read_images(settings, context, PUBLISHED, MINUS_ONE_TO_ONE)
    return assemble_experiment(model(settings, data.facts), data, settings, context)
