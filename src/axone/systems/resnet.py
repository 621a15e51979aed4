"""ResNet: blocks that add to their input, so that networks of a hundred layers train well.

The flow of shapes by default, for Fashion-MNIST (18 layers, a quarter of the published channels):

    (1, 28, 28) -> convolution 3x3 -> (16, 28, 28) -> layer1 -> (16, 28, 28) -> layer2 -> (32, 14, 14)
                -> layer3 -> (64, 7, 7) -> layer4 -> (128, 4, 4) -> global average pooling (128)
                -> one logit per class (10)

and as published, for photographs (50 layers):

    (3, 224, 224) -> convolution 7x7, stride 2 -> (64, 112, 112) -> max pooling 3x3, stride 2 -> (64, 56, 56)
                  -> layer1 -> (256, 56, 56) -> layer2 -> (512, 28, 28) -> layer3 -> (1024, 14, 14)
                  -> layer4 -> (2048, 7, 7) -> global average pooling (2048) -> one logit per class (1000)

layer1 to layer4 are sequences of blocks; the first block of layer2, layer3 and layer4 has stride 2:

    18, 34 layers:  x -> 3x3 -> 3x3 -> + x        50, 101, 152:  x -> 1x1 -> 3x3 -> 1x1 with 4 times the channels -> + x

Loss, training step and test-time views are in `tasks/classification/learner.py`.

Paper: He, Zhang, Ren, Sun 2015, "Deep Residual Learning for Image Recognition", arXiv:1512.03385. Differences:

1. In blocks of three convolutions the 3x3 has the stride, not the first 1x1, which would skip three of four positions.
   So do torchvision's published weights, which load by name.
2. Images below 64 pixels get a stem of one 3x3 convolution with stride 1 (the paper's own for CIFAR-10, section 4.2)
   and by default fewer channels: the published stem is made for photographs.
3. Small images are trained with Muon and a one-cycle learning rate, in minutes, instead of SGD with step decay.

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
from axone.tasks.classification.backbones.data import read_images
from axone.tasks.classification.backbones.network import Backbone, add_dropout, conv_norm_activation
from axone.tasks.classification.backbones.settings import FULL, QUICK, TRANSFER, BackboneSettings
from axone.tasks.classification.backbones.size import EXAMPLE_FACTS as EXAMPLE_FACTS
from axone.tasks.classification.backbones.size import Size, choose_size
from axone.tasks.classification.backbones.size import complete as complete
from axone.tasks.classification.backbones.training import assemble_experiment
from axone.tasks.classification.predict import answering as answering
from axone.tasks.classification.predict import predict as predict
from axone.tasks.images.inputs import read_inputs as read_inputs

# Variant -> whether its blocks have three convolutions (bottleneck), and the number of blocks in layer1 to layer4
# (table 1 of the paper).
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
SMALL_WIDTH = 0.25  # width multiplier for small images


class Settings(BackboneSettings):
    """The settings of the network and its training."""

    variant: Literal["18", "34", "50", "101", "152"] = option("18", mark("number of layers with weights"))

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {**QUICK, "epochs": 12},
        "full": {**FULL, "variant": "50"},
        "transfer": TRANSFER,
    }


def model(settings: Settings, facts: dict[str, Any]) -> Backbone:
    """Return the network for the images and classes of a run."""
    size = choose_size(settings, facts, small_width=SMALL_WIDTH)
    bottleneck, depths = VARIANTS[settings.variant]
    image = Input(*facts["input"])  # [channels, height, width]
    if size.small:
        h = conv_norm_activation(image, size.channels(64), 3, names=("conv1", "bn1"))
    else:
        h = conv_norm_activation(image, size.channels(64), 7, 2, names=("conv1", "bn1"))
        h = MaxPool2d(3, 2, 1)(h)
    for stage, depth in enumerate(depths):
        for number in range(depth):
            stride = 2 if stage > 0 and number == 0 else 1
            h = block(h, size, 64 * 2**stage, stride, bottleneck, f"layer{stage + 1}.{number}")
    h = add_dropout(settings, GlobalAveragePool2d()(h))
    logits = Linear(len(facts["classes"]), name="fc")(h)  # [classes]
    return Backbone(image, logits, layer_groups=LAYER_GROUPS, head=("fc",), published=PUBLISHED[settings.variant])


def block(x: Node, size: Size, published: int, stride: int, bottleneck: bool, prefix: str) -> Node:
    """Two or three convolutions whose output is added to their input.

    Args:
        x: Feature maps [channels, height, width].
        size: The width multiplier.
        published: The published number of channels; of a bottleneck, those of its 3x3 convolution.
        stride: The stride of the first 3x3 convolution.
        bottleneck: Whether there are three convolutions.
        prefix: The beginning of the layers' names.
    """

    def names(number: int) -> tuple[str, str]:
        return f"{prefix}.conv{number}", f"{prefix}.bn{number}"

    channels = size.channels(published)
    if bottleneck:
        h = conv_norm_activation(x, channels, 1, names=names(1))
        h = conv_norm_activation(h, channels, 3, stride, names=names(2))
        h = conv_norm_activation(h, 4 * channels, 1, names=names(3), activation=None)
    else:
        h = conv_norm_activation(x, channels, 3, stride, names=names(1))
        h = conv_norm_activation(h, channels, 3, names=names(2), activation=None)
    if x.shape != h.shape:  # a 1x1 convolution brings the input to the shape of the output
        shortcut = f"{prefix}.downsample"
        x = conv_norm_activation(x, h.shape[0], 1, stride, names=(f"{shortcut}.0", f"{shortcut}.1"), activation=None)
    return Activation("relu")(h + x)


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read the images and train the network on them with cross-entropy (tasks/classification/learner.py)."""
    data = read_images(settings, context, PUBLISHED[settings.variant])
    return assemble_experiment(model(settings, data.facts), data, settings, context)
