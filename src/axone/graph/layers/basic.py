"""The plain layers: inputs, dense layers, dropout, activations on their own."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.errors import closest
from axone.graph.arguments import ActivationName, Dimension, Shape, Share, Size, Switch
from axone.graph.errors import GraphError
from axone.graph.layer import Layer
from axone.graph.layers.activations import activation, written
from axone.graph.layers.padding import Window
from axone.graph.node import Node
from axone.messages import _

DTYPES = {"float32": torch.float32, "int64": torch.int64, "bool": torch.bool}


class _Input(Layer):
    shape: Shape
    dtype: str = "float32"

    least_inputs = 0
    most_inputs = 0
    kind = "Input"

    def __repr__(self) -> str:
        parts = [str(size) for size in self.shape]
        return f"Input({', '.join(parts if self.dtype == 'float32' else [*parts, f'dtype={self.dtype!r}'])})"


def Input(*shape: int, dtype: str = "float32", name: str | None = None) -> Node:  # noqa: N802 - it stands among layers
    """Begin a network: what comes in, without the batch, such as Input(1, 28, 28).

    `dtype` is "float32" (pictures, numbers), "int64" (indices of symbols) or "bool" (masks).
    """
    if not isinstance(dtype, str) or dtype not in DTYPES:
        near = closest(str(dtype), DTYPES)
        raise GraphError(
            _("Input: dtype cannot be {value}.", value=repr(dtype)[:80]),
            expected=_("expected one of {names}", names=", ".join(DTYPES)),
            hint=_("Did you mean {name}?", name=near) if near else None,
        )
    layer = _Input(shape, dtype, name=name)
    return Node(layer, (), layer.shape, DTYPES[dtype])


class Linear(Layer):
    """A dense layer: every output unit sees every input unit. (features,) or (steps, features)."""

    out_features: Size
    bias: Switch = True
    activation: ActivationName = None

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the dense layer for this many features."""
        if len(shape) > 2:
            raise GraphError(
                _("{layer} got {shape}.", layer=self.label(), shape=shape),
                expected=_("expected {what}", what=_("(features,) or (steps, features)")),
                hint=_("Put Flatten() or GlobalAveragePool2d() before it."),
            )
        return nn.Linear(shape[-1], self.out_features, self.bias)

    def flops(self, shape: tuple[int, ...], *, output: tuple[int, ...]) -> int:
        """One multiply-add per weight, at each step."""
        return 2 * shape[-1] * math.prod(output)

    def window(self, shape: tuple[int, ...]) -> Window | None:
        """Everything, or, of a sequence, each step alone."""
        return () if len(shape) == 2 else None


class Dropout(Layer):
    """Silence a share p of the numbers during training (Srivastava et al., 2014)."""

    p: Share = 0.5

    pointwise = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the dropout."""
        return nn.Dropout(self.p)


class Dropout2d(Layer):
    """Silence a share p of the channels of pictures during training, each as a whole (Tompson et al., 2015)."""

    p: Share = 0.5

    pointwise = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the dropout."""
        self.expect_positions(shape)
        return nn.Dropout2d(self.p)


class _Activated(nn.Module):
    def __init__(self, text: str, dim: int) -> None:
        super().__init__()
        self.text, self.dim = text, dim
        self.on_pictures = activation(text, dim or 1).function
        self.on_others = activation(text, dim or -1).function

    def forward(self, input: Float[Tensor, "batch ..."]) -> Float[Tensor, "batch ..."]:
        return self.on_pictures(input) if input.dim() > 3 else self.on_others(input)

    def source(self, module: str, input: str) -> str:
        return written(self.text, input, self.dim or f"1 if {input}.dim() > 3 else -1")

    def extra_repr(self) -> str:
        return self.text


class Activation(Layer):
    """An activation on its own, for use after a norm or a merge: Activation("relu").

    `dim` matters to softmax alone: the dimension, batch included, along which it sums to one. 0 chooses it:
    the channels of pictures (1), else the last.
    """

    activation: ActivationName
    dim: Dimension = 0

    pointwise = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.activation is None:
            raise GraphError(_("Activation needs a name."), hint=_('Write Activation("relu").'))

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the activation."""
        assert self.activation is not None
        return _Activated(self.activation, self.dim)
