"""Inputs, linear layers, dropout, and activations as layers of their own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.errors import closest
from axone.graph.activations import find_activation, write_activation
from axone.graph.errors import GraphError
from axone.graph.nodes.arguments import ActivationName, Boolean, Dimension, Fraction, Shape, Size
from axone.graph.nodes.layer import Layer
from axone.graph.nodes.node import Node
from axone.graph.nodes.result_shape import ModuleWithFormula
from axone.graph.padding import ReceptiveWindow
from axone.messages import _

DTYPES = {"float32": torch.float32, "int64": torch.int64, "bool": torch.bool}


class _Input(Layer):
    shape: Shape
    dtype: str = "float32"

    minimum_inputs = 0
    maximum_inputs = 0
    kind = "Input"

    def __repr__(self) -> str:
        parts = [str(size) for size in self.shape]
        return f"Input({', '.join(parts if self.dtype == 'float32' else [*parts, f'dtype={self.dtype!r}'])})"


def Input(  # noqa: N802 - it is used like a layer
    *sizes: int | Sequence[int],
    shape: int | Sequence[int] | None = None,
    dtype: str | torch.dtype = "float32",
    name: str | None = None,
) -> Node:
    """Return an input of a network: its shape without the batch, such as Input(1, 28, 28) or Input(shape=(1, 28, 28)).

    `dtype` is "float32" (images, numbers), "int64" (indices of symbols) or "bool" (masks), or torch's dtype of that
    name. Input(dtype="int64") is one integer per example, such as the number of steps of a sequence. Raises GraphError
    for another dtype or an invalid shape.
    """
    text = str(dtype).removeprefix("torch.")
    if text not in DTYPES:
        near = closest(text, DTYPES)
        raise GraphError(
            _("Input: dtype cannot be {value}.", value=repr(dtype)[:80]),
            expected=_("expected one of {names}", names=", ".join(DTYPES)),
            hint=_("Did you mean {name}?", name=near) if near else None,
        )
    if shape is not None and sizes:
        raise GraphError(_("Input got two shapes: {one} and {other}.", one=sizes, other=repr(shape)[:80]))
    whole: Any = sizes if shape is None else (shape,) if isinstance(shape, int) else shape
    if len(sizes) == 1 and isinstance(sizes[0], list | tuple):
        (whole,) = sizes
    if isinstance(whole, list | tuple) and None in whole:
        raise GraphError(
            _("Input: shape cannot be {value}.", value=whole),
            expected=_("expected a number for every dimension but the batch"),
            hint=_("Write the sizes of one example; most layers accept other sizes when the model is called."),
        )
    if isinstance(whole, list | tuple) and not whole and text != "int64":
        raise GraphError(
            _("Input: shape cannot be {value}.", value=()),
            expected=_("expected one to eight sizes, such as Input(1, 28, 28)"),
            hint=_('Only an input with one integer per example has none: lengths = Input(dtype="int64").'),
        )
    layer = _Input(whole, text, name=name)
    return Node(layer, (), layer.shape, DTYPES[text])


class Linear(Layer):
    """A dense layer: every output is a weighted sum of all input features. (features,) or (steps, features)."""

    out_features: Size
    bias: Boolean = True
    activation: ActivationName = None

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the linear module for this number of features."""
        if len(shape) > 2:
            raise GraphError(
                _("{layer} got {shape}.", layer=self.label(), shape=shape),
                expected=_("expected {what}", what=_("(features,) or (steps, features)")),
                hint=_("Put Flatten() or GlobalAveragePool2d() before it."),
            )
        return nn.Linear(shape[-1], self.out_features, self.bias)

    def flops(self, shape: tuple[int, ...], *, output: tuple[int, ...]) -> int:
        """Count one multiply-add per weight and step."""
        return 2 * shape[-1] * math.prod(output)

    def window(self, shape: tuple[int, ...]) -> ReceptiveWindow | None:
        """Of a sequence, each step depends on that step only; of a vector, each feature on all features."""
        return () if len(shape) == 2 else None


class Dropout(Layer):
    """Set a fraction p of the numbers to zero during training (Srivastava et al., 2014)."""

    p: Fraction = 0.5

    pointwise = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the dropout module."""
        return nn.Dropout(self.p)


class Dropout2d(Layer):
    """Set a fraction p of the channels of an image to zero during training (Tompson et al., 2015)."""

    p: Fraction = 0.5

    pointwise = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the dropout module."""
        self.expect_positions(shape)
        return nn.Dropout2d(self.p)


class _ActivationModule(ModuleWithFormula):
    def __init__(self, text: str, dim: int) -> None:
        super().__init__()
        self.text, self.dim = text, dim
        self.over_channels = find_activation(text, dim or 1).function
        self.over_features = find_activation(text, dim or -1).function

    def forward(self, input: Float[Tensor, "batch ..."]) -> Float[Tensor, "batch ..."]:
        return self.over_channels(input) if input.dim() > 3 else self.over_features(input)

    def source(self, module: str, input: str) -> str:
        return write_activation(self.text, input, self.dim or f"1 if {input}.dim() > 3 else -1")

    def extra_repr(self) -> str:
        return self.text


class Activation(Layer):
    """An activation as a layer of its own, for use after a norm or a merge: Activation("relu").

    `dim` matters to softmax and log_softmax only: the dimension, batch included, along which the softmax sums to one.
    0 selects the channels of images (dimension 1), otherwise the last dimension.
    """

    activation: ActivationName
    dim: Dimension = 0

    pointwise = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.activation is None:
            raise GraphError(_("Activation needs a name."), hint=_('Write Activation("relu").'))

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the activation module."""
        assert self.activation is not None
        return _ActivationModule(self.activation, self.dim)
