"""What the published architectures share: their size for given images, their layers, and their initial weights.

A system writes its network as a `Backbone`: an `axone.graph.Model` that also knows its layer groups, from the input to
the head, and the name of its published weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeVar

from torch import Tensor, nn

from axone.engine.context import BuildContext
from axone.engine.optimization.layer_groups import LayerGroups
from axone.errors import SettingsError
from axone.graph import Activation, BatchNorm2d, Conv2d, Dropout, Model, Node
from axone.messages import _
from axone.tasks.classification import pretrained
from axone.tasks.classification.backbone_settings import BackboneSettings
from axone.tasks.classification.data import ClassificationData, read_data
from axone.tasks.classification.pretrained import Published
from axone.tasks.images import defaults
from axone.tasks.images.completion import complete_settings
from axone.tasks.images.splits import Statistics

SomeBackboneSettings = TypeVar("SomeBackboneSettings", bound=BackboneSettings)

SMALL = 64  # pixels; the published stems would downsample smaller images too far
EXAMPLE_FACTS = {"input": [1, 28, 28], "classes": [str(number) for number in range(10)]}

# Mean and standard deviation of ImageNet's red, green and blue, with which most published weights were trained.
IMAGENET: Statistics = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Size:
    """The stem of a network and its width multiplier."""

    small: bool
    width: float

    def channels(self, published: int) -> int:
        """Return the number of channels of a layer from the published one."""
        return round_channels(published * self.width)


def choose_size(
    settings: BackboneSettings,
    facts: Mapping[str, Any],
    *,
    small_width: float,
    min_sides: Mapping[str, int] | None = None,
) -> Size:
    """Choose the stem and the width of a network for the images of a run.

    Args:
        settings: `stem`, `width` and `weights`.
        facts: `input` is [channels, height, width].
        small_width: The width multiplier with the stem for small images, where the settings leave it open.
        min_sides: The smallest side in pixels for each stem, where a network has one.

    Raises SettingsError for images that are too small.
    """
    _channels, height, width = facts["input"]
    stem: str = settings.stem
    if stem == "auto":  # published weights belong to the published stem
        stem = "small" if min(height, width) < SMALL and not settings.weights else "imagenet"
    if min_sides and min(height, width) < min_sides[stem]:
        side, smallest = min_sides[stem], min_sides["small"]
        raise SettingsError(
            _("Images of {height}x{width} pixels are too small for this network.", height=height, width=width),
            expected=_("expected at least {side}x{side} pixels with --stem {stem}", side=side, stem=stem),
            hint=_("type --image-size {side} to enlarge them, or larger", side=side)
            if stem == "small"
            else _("type --image-size {side}, or --stem small (at least {small}x{small})", side=side, small=smallest),
        )
    return Size(stem == "small", settings.width or (small_width if stem == "small" else 1.0))


def round_channels(channels: int | float, divisor: int = 8) -> int:
    """Round to the nearest positive multiple that is at least 90 % of the number, as MobileNet's code does."""
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded if rounded >= 0.9 * channels else rounded + divisor


def complete(settings: SomeBackboneSettings, context: BuildContext) -> SomeBackboneSettings:
    """Choose image size, epochs, batch size and augmentation by the images, where the settings leave them open.

    Larger images are resized so far that the network has its small form, unless weights, stem or width are set.
    """
    if settings.weights:
        return complete_settings(
            settings, context, steps=defaults.FINE_TUNING_STEPS, largest_side=defaults.FINE_TUNING_SIDE
        )
    is_open = not settings.model_fields_set & {"stem", "width"}
    return complete_settings(
        settings, context, largest_side=defaults.SMALL_NETWORK_SIDE if is_open else defaults.LARGEST_SIDE
    )


class Norm(NamedTuple):
    """The epsilon of a batch norm, and the weight of the new batch in its running statistics."""

    eps: float = 1e-5
    momentum: float = 0.1


DEFAULT_NORM = Norm()


def conv_norm_activation(
    node: Node,
    channels: int,
    kernel_size: int | tuple[int, int],
    stride: int = 1,
    *,
    names: tuple[str, str],
    padding: Literal["same"] | int | tuple[int, int] | None = None,
    groups: int = 1,
    activation: str | None = "relu",
    norm: Norm = DEFAULT_NORM,
) -> Node:
    """Add a convolution, a batch norm and an activation.

    Args:
        node: Feature maps [channels, height, width].
        channels: The number of output channels.
        kernel_size: The side of the kernel, or its height and width.
        stride: The stride of the convolution.
        names: The names of the convolution and of the batch norm.
        padding: Zeros on each side; None: half the kernel, which keeps the size at stride 1; "same": TensorFlow's.
        groups: The number of groups of the convolution; as many as channels: depthwise.
        activation: The activation; None: no activation.
        norm: The parameters of the batch norm.
    """
    if padding is None:
        height, width = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
        padding = (height // 2, width // 2)
    h = Conv2d(channels, kernel_size, stride, padding, groups=groups, bias=False, name=names[0])(node)
    h = BatchNorm2d(norm.eps, norm.momentum, name=names[1])(h)
    return Activation(activation)(h) if activation else h


def add_dropout(settings: BackboneSettings, node: Node) -> Node:
    """Add the dropout of the settings to a node, where it is not 0."""
    return Dropout(settings.dropout)(node) if settings.dropout else node


class Backbone(Model):
    """A network for images with layer groups, a head and published weights.

    Args:
        image: The input node.
        outputs: The logits; of several outputs, those after the first are auxiliary and computed in training only.
        layer_groups: The names of the submodules of each group, from the input to the head.
        head: The names of the dense layers whose size is the number of classes.
        published: The name of torchvision's file of weights, or the weights of a package; None: there are none.
    """

    def __init__(
        self,
        image: Node,
        outputs: Node | Sequence[Node],
        *,
        layer_groups: Sequence[Sequence[str]],
        head: Sequence[str],
        published: Published | None,
    ) -> None:
        super().__init__(image, outputs)
        self.layer_groups, self.head, self.published = layer_groups, head, published
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                # Keeps the variance of gradients from layer to layer (He et al. 2015, arXiv:1502.01852).
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, 0.0, 0.01)
            if isinstance(module, nn.Conv2d | nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """Return the logits [batch, classes]; in training a tuple of those of every head, the main one first."""
        if self.returns_tuple and not self.training and inputs and all(isinstance(each, Tensor) for each in inputs):
            return self.activations(inputs, self.output_names[0])  # skips layers that only auxiliary heads need
        return super().forward(*inputs, **named)


def read_images(
    settings: BackboneSettings,
    context: BuildContext,
    published: Published | None,
    statistics: Statistics = IMAGENET,
) -> ClassificationData:
    """Read the data of a backbone; images for pretrained weights are normalized as those weights require.

    `published` are the weights that "imagenet" stands for, as in `Backbone`, and `statistics` theirs. Whether the
    weights can be had is checked first, because reading images may take long. Raises DataError, ResourceError,
    RunError.
    """
    if settings.weights and context.facts is None:
        pretrained.require_source(settings.weights, published)
    return read_data(settings, context, statistics=statistics if settings.weights else None)


def load_initial_weights(network: Backbone, settings: BackboneSettings, context: BuildContext) -> list[str]:
    """Load the pretrained weights that the settings name, and return notes on them.

    Nothing is loaded, and no note returned, for random initialization or where a run's own weights will be restored.
    Raises DataError, RunError.
    """
    if not settings.weights or context.facts is not None:
        return []
    return pretrained.load_weights(network, settings.weights, context.progress)


def group_layers(network: Backbone, settings: BackboneSettings) -> LayerGroups:
    """Return the layer groups of a network with their learning rates, and which of them are frozen at first."""
    frozen = settings.freeze or settings.unfreeze_every > 0
    return LayerGroups(network.layer_groups, settings.layer_decay, frozen, settings.unfreeze_every)
