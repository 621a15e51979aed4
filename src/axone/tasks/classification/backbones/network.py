"""The network of a published architecture: layers that all of them have, and a model that knows its layer groups.

A system writes its network as a `Backbone`: an `axone.graph.Model` that also knows its layer groups, from the input to
the head, and the name of its published weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from torch import Tensor, nn

from axone.graph import Activation, BatchNorm2d, Conv2d, Dropout, Model, Node
from axone.tasks.classification.backbones.pretrained import Published
from axone.tasks.classification.backbones.settings import BackboneSettings


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
