"""What the famous architectures share: their size for given pictures, their bricks, and how they are trained.

A system writes its network down as a `Backbone`, an `axone.graph.Model` that also knows its stages (from the input
to the head) and its published weights; `experiment` does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from torch import Tensor, nn

from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.layer_groups import LayerGroups
from axone.errors import SettingsError
from axone.graph import Activation, BatchNorm2d, Conv2d, Dropout, Model, Node
from axone.messages import _
from axone.tasks.classification import image_classification, pretrained
from axone.tasks.classification.backbone_settings import BackboneSettings
from axone.tasks.classification.learner import Classifier, Views
from axone.tasks.images.splits import Statistics

SMALL = 64  # pixels; below, the stems made for photographs would leave too little to look at
EXAMPLE_FACTS = {"input": [1, 28, 28], "classes": [str(number) for number in range(10)]}

# Mean and deviation of ImageNet's red, green and blue: what most published weights were fed.
IMAGENET: Statistics = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Size:
    """How large a network is built for given pictures: with which stem, and how wide."""

    small: bool
    width: float

    def channels(self, published: int) -> int:
        """Return the channels of a layer that was published with so many."""
        return divisible(published * self.width)


def size(
    settings: BackboneSettings, facts: Mapping[str, Any], *, narrow: float, least: Mapping[str, int] | None = None
) -> Size:
    """Choose stem and width for these pictures. `narrow` is the width for small ones, `least` the side that
    each stem needs, where not every size will do.

    Raises SettingsError when the pictures are too small.
    """
    _channels, height, width = facts["input"]
    stem: str = settings.stem
    if stem == "auto":  # published weights belong to the published stem
        stem = "small" if min(height, width) < SMALL and not settings.weights else "imagenet"
    if least and min(height, width) < least[stem]:
        raise SettingsError(
            _("Pictures of {height}x{width} pixels are too small for this network.", height=height, width=width),
            expected=_("expected at least {side}x{side} pixels with --stem {stem}", side=least[stem], stem=stem),
            hint=_("type --image-size {side} to enlarge them, or larger", side=least[stem])
            if stem == "small"
            else _("type --image-size {side}, or --stem small (at least {small}x{small})",
                   side=least[stem], small=least["small"]),
        )  # fmt: skip
    return Size(stem == "small", settings.width or (narrow if stem == "small" else 1.0))


def divisible(channels: int | float, by: int = 8) -> int:
    """Round to a multiple, never below it nor to less than nine tenths, as the MobileNet papers' code does."""
    rounded = max(by, int(channels + by / 2) // by * by)
    return rounded if rounded >= 0.9 * channels else rounded + by


class Norm(NamedTuple):
    """What a batch norm adds to the variance, and the weight of the new batch in its running means."""

    eps: float = 1e-5
    momentum: float = 0.1


USUAL = Norm()


def convolve(
    node: Node,
    channels: int,
    kernel_size: int | tuple[int, int],
    stride: int = 1,
    *,
    names: tuple[str, str],
    padding: int | tuple[int, int] | None = None,
    groups: int = 1,
    activation: str | None = "relu",
    norm: Norm = USUAL,
) -> Node:
    """Convolution, norm, activation; `names` are those of the first two. Padding, by default, is half the kernel."""
    if padding is None:
        height, width = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
        padding = (height // 2, width // 2)
    h = Conv2d(channels, kernel_size, stride, padding, groups=groups, bias=False, name=names[0])(node)
    h = BatchNorm2d(norm.eps, norm.momentum, name=names[1])(h)
    return Activation(activation)(h) if activation else h


def drop(settings: BackboneSettings, node: Node) -> Node:
    """Stand the dropout of the settings behind a node, where there is one."""
    return Dropout(settings.dropout)(node) if settings.dropout else node


class Backbone(Model):
    """A network for pictures, in stages from its input to its head.

    `layer_groups` names the submodules of each, `head` the dense layers that answer, `published` the file of weights
    that torchvision offers for it. Of several outputs, those behind the first are for training only.
    """

    def __init__(
        self,
        pixels: Node,
        outputs: Node | Sequence[Node],
        *,
        layer_groups: Sequence[Sequence[str]],
        head: Sequence[str],
        published: str | None,
    ) -> None:
        super().__init__(pixels, outputs)
        self.layer_groups, self.head, self.published = layer_groups, head, published
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                # Keeps the size of gradients from layer to layer (He et al. 2015, arXiv:1502.01852).
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, 0.0, 0.01)
            if isinstance(module, nn.Conv2d | nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, *inputs: Any) -> Any:
        """Answer with the logits; in training with those of every head, the main one first."""
        if self.returns_tuple and not self.training and all(isinstance(each, Tensor) for each in inputs):
            return self.activations(inputs, self.output_names[0])  # computes nothing that only the others need
        return super().forward(*inputs)


def experiment(
    settings: BackboneSettings,
    context: BuildContext,
    model: Callable[[dict[str, Any]], Backbone],
    statistics: Statistics = IMAGENET,
) -> Experiment:
    """Read the pictures and stand the network in front of them, with the weights to begin with.

    `statistics` are those of the pictures on which the published weights were trained. Raises DataError, RunError,
    SettingsError.
    """
    fetches = bool(settings.weights) and context.facts is None
    if fetches:
        pretrained.require(settings.weights)  # before the pictures are read, which may take long

    def learner(network: Backbone, settings: BackboneSettings, views: Views | None) -> Classifier:
        frozen = settings.freeze or settings.unfreeze_every > 0
        layer_groups = LayerGroups(network.layer_groups, settings.layer_decay, frozen, settings.unfreeze_every)
        return Classifier(network, settings, views, layer_groups=layer_groups)

    made = image_classification.experiment(
        settings, context, model, statistics=statistics if settings.weights else None, learner=learner
    )
    if fetches:
        assert isinstance(made.learner, Classifier)
        made.notes += pretrained.load(made.learner.network, settings.weights, context.progress)
    return made
