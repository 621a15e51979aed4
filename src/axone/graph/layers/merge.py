"""Layers that combine branches: sum, difference, product, concatenation; and multiplication by a constant.

`a + b`, `a - b`, `a * b` and `0.5 * a` write them.
"""

from __future__ import annotations

from functools import reduce
from operator import add, mul
from typing import ClassVar

import torch
from jaxtyping import Shaped
from torch import Tensor, nn

from axone.graph.errors import GraphError
from axone.graph.nodes.arguments import Dimension, Multiplier
from axone.graph.nodes.layer import Layer
from axone.graph.nodes.result_shape import ModuleWithFormula
from axone.messages import _


class _ReduceModule(ModuleWithFormula):
    def __init__(self, product: bool) -> None:
        super().__init__()
        self.product = product

    def forward(self, *inputs: Shaped[Tensor, "batch ..."]) -> Shaped[Tensor, "batch ..."]:
        return reduce(mul if self.product else add, inputs)

    def source(self, module: str, *inputs: str) -> str:
        return (" * " if self.product else " + ").join(inputs)

    def extra_repr(self) -> str:
        return "product" if self.product else "sum"


def _is_channels_last(maps: Shaped[Tensor, "batch ..."]) -> bool:
    return maps.ndim == 4 and maps.is_contiguous(memory_format=torch.channels_last)


def _to_channels_last(gradient: Shaped[Tensor, "batch ..."]) -> Shaped[Tensor, "batch ..."]:
    """Copy the gradient of one branch, which is a strided slice of the channels, to contiguous memory.

    With the strided slice, the backward pass of ReLU took several times as long on a CPU (docs/lab-notes.md).
    """
    return gradient.contiguous(memory_format=torch.channels_last)


class _ConcatenateModule(ModuleWithFormula):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, *inputs: Shaped[Tensor, "batch ..."]) -> Shaped[Tensor, "batch ..."]:
        if self.training and torch.is_grad_enabled():
            for branch in inputs:
                if branch.requires_grad and _is_channels_last(branch):
                    branch.register_hook(_to_channels_last)
        return torch.cat(inputs, self.dim)

    def find_result_shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        """Return the first shape, with the sum of the sizes in the dimension along which inputs are concatenated."""
        position = self.dim % (len(shapes[0]) + 1) - 1
        size = sum(shape[position] for shape in shapes)
        return (*shapes[0][:position], size, *shapes[0][position + 1 :])

    def source(self, module: str, *inputs: str) -> str:
        return f"torch.cat([{', '.join(inputs)}], {self.dim})"

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class _SubtractModule(ModuleWithFormula):
    def forward(
        self, left: Shaped[Tensor, "batch ..."], right: Shaped[Tensor, "batch ..."]
    ) -> Shaped[Tensor, "batch ..."]:
        return left - right

    def source(self, module: str, left: str, right: str) -> str:
        return f"{left} - {right}"


class _ScaleModule(ModuleWithFormula):
    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, input: Shaped[Tensor, "batch ..."]) -> Shaped[Tensor, "batch ..."]:
        return self.factor * input

    def source(self, module: str, input: str) -> str:
        return f"{self.factor} * {input}"

    def extra_repr(self) -> str:
        return str(self.factor)


class _Merge(Layer):
    minimum_inputs = 2
    maximum_inputs: ClassVar[int | None] = None
    pointwise = True

    def mismatch(self, shapes: tuple[tuple[int, ...], ...], expected: str, hint: str | None = None) -> GraphError:
        """Return the error for branches whose shapes do not fit each other."""
        listed = ", ".join(str(shape) for shape in shapes[:8]) + (", ..." if len(shapes) > 8 else "")
        return GraphError(_("{layer} got {shapes}.", layer=self.label(), shapes=listed), expected=expected, hint=hint)

    def check_broadcast(self, shapes: tuple[tuple[int, ...], ...]) -> None:
        """Raise GraphError unless all sizes are equal; a size of 1 is broadcast, such as one factor per channel."""
        same_rank = len({len(shape) for shape in shapes}) == 1
        if not same_rank or any(len(set(sizes) - {1}) > 1 for sizes in zip(*shapes)):
            raise self.mismatch(
                shapes,
                _("expected equal shapes (a size of 1 is repeated)"),
                _('Use padding="same", a stride in both branches, or a Conv2d(channels, 1) in the shorter one.'),
            )


class Add(_Merge):
    """The sum of branches, as in a residual network; a size of 1 is broadcast."""

    def build(self, *shapes: tuple[int, ...]) -> nn.Module:
        """Return the sum module."""
        self.check_broadcast(shapes)
        return _ReduceModule(product=False)


class Subtract(_Merge):
    """The first branch minus the second; a size of 1 is broadcast."""

    maximum_inputs = 2

    def build(self, *shapes: tuple[int, ...]) -> nn.Module:
        """Return the difference module."""
        self.check_broadcast(shapes)
        return _SubtractModule()


class Multiply(_Merge):
    """The product of branches, as in a gate; a size of 1 is broadcast."""

    def build(self, *shapes: tuple[int, ...]) -> nn.Module:
        """Return the product module."""
        self.check_broadcast(shapes)
        return _ReduceModule(product=True)


class Concatenate(_Merge):
    """The branches concatenated along `dim`, batch included: 1 is the channels' dimension."""

    dim: Dimension = 1

    minimum_inputs = 1

    def build(self, *shapes: tuple[int, ...]) -> nn.Module:
        """Return the concatenation module."""
        rank = len(shapes[0]) + 1
        dim = self.dim % rank if -rank <= self.dim < rank else 0
        if dim == 0:
            raise self.mismatch(shapes, _("expected dim from 1 to {last}, or negative from the end", last=rank - 1))
        others = {shape[: dim - 1] + shape[dim:] for shape in shapes}
        if len(others) > 1 or len({len(shape) for shape in shapes}) > 1:
            raise self.mismatch(shapes, _("expected shapes that differ only in dimension {dim}", dim=self.dim))
        return _ConcatenateModule(self.dim)


class Scale(Layer):
    """Every number times a constant, for example to weaken a residual branch."""

    factor: Multiplier

    pointwise = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the scaling module."""
        return _ScaleModule(self.factor)
