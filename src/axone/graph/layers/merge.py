"""Where branches meet: sums, differences, products, concatenation. `a + b`, `a - b`, `a * b`, `0.5 * a` write them."""

from __future__ import annotations

from functools import reduce
from operator import add, mul
from typing import ClassVar

import torch
from jaxtyping import Shaped
from torch import Tensor, nn

from axone.graph.arguments import Dimension, Factor
from axone.graph.errors import GraphError
from axone.graph.layer import Layer
from axone.messages import _


class _Fold(nn.Module):
    def __init__(self, product: bool) -> None:
        super().__init__()
        self.product = product

    def forward(self, *inputs: Shaped[Tensor, "batch ..."]) -> Shaped[Tensor, "batch ..."]:
        return reduce(mul if self.product else add, inputs)

    def source(self, module: str, *inputs: str) -> str:
        return (" * " if self.product else " + ").join(inputs)

    def extra_repr(self) -> str:
        return "product" if self.product else "sum"


def _last(maps: Shaped[Tensor, "batch ..."]) -> bool:
    """Whether the channels of maps lie side by side in memory."""
    return maps.ndim == 4 and maps.is_contiguous(memory_format=torch.channels_last)


def _closed_up(gradient: Shaped[Tensor, "batch ..."]) -> Shaped[Tensor, "batch ..."]:
    """The same numbers without the other branches' between them.

    A branch's share of the gradient is a slice of every position's channels. Left as it is, ReLU's gradient took
    seven times as long on a processor (docs/lab-notes.md).
    """
    return gradient.contiguous(memory_format=torch.channels_last)


class _Concatenated(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, *inputs: Shaped[Tensor, "batch ..."]) -> Shaped[Tensor, "batch ..."]:
        if self.training and torch.is_grad_enabled():
            for branch in inputs:
                if branch.requires_grad and _last(branch):
                    branch.register_hook(_closed_up)
        return torch.cat(inputs, self.dim)

    def source(self, module: str, *inputs: str) -> str:
        return f"torch.cat([{', '.join(inputs)}], {self.dim})"

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class _Difference(nn.Module):
    def forward(
        self, left: Shaped[Tensor, "batch ..."], right: Shaped[Tensor, "batch ..."]
    ) -> Shaped[Tensor, "batch ..."]:
        return left - right

    def source(self, module: str, left: str, right: str) -> str:
        return f"{left} - {right}"


class _Scaled(nn.Module):
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
    least_inputs = 2
    most_inputs: ClassVar[int | None] = None
    pointwise = True

    def mismatch(self, shapes: tuple[tuple[int, ...], ...], expected: str, hint: str | None = None) -> GraphError:
        """The error for branches that do not fit each other."""
        shown = ", ".join(str(shape) for shape in shapes[:8]) + (", ..." if len(shapes) > 8 else "")
        return GraphError(_("{layer} got {shapes}.", layer=self.label(), shapes=shown), expected=expected, hint=hint)

    def require_alike(self, shapes: tuple[tuple[int, ...], ...]) -> None:
        """Raise unless all sizes agree; a size of 1 is repeated, as a factor per channel is over a picture."""
        alike = len({len(shape) for shape in shapes}) == 1
        if not alike or any(len(set(sizes) - {1}) > 1 for sizes in zip(*shapes)):
            raise self.mismatch(
                shapes,
                _("expected equal shapes (a size of 1 is repeated)"),
                _('Use padding="same", a stride in both branches, or a Conv2d(channels, 1) in the shorter one.'),
            )


class Add(_Merge):
    """The sum of branches, as in a residual network; a size of 1 is repeated."""

    def build(self, *shapes: tuple[int, ...]) -> nn.Module:
        """Make the sum."""
        self.require_alike(shapes)
        return _Fold(product=False)


class Subtract(_Merge):
    """The first branch less the second; a size of 1 is repeated."""

    most_inputs = 2

    def build(self, *shapes: tuple[int, ...]) -> nn.Module:
        """Make the difference."""
        self.require_alike(shapes)
        return _Difference()


class Multiply(_Merge):
    """The product of branches, as in a gate; a size of 1 is repeated."""

    def build(self, *shapes: tuple[int, ...]) -> nn.Module:
        """Make the product."""
        self.require_alike(shapes)
        return _Fold(product=True)


class Concatenate(_Merge):
    """Branches one after the other along `dim`, batch included: 1 is the channels."""

    dim: Dimension = 1

    least_inputs = 1

    def build(self, *shapes: tuple[int, ...]) -> nn.Module:
        """Make the concatenation."""
        rank = len(shapes[0]) + 1
        place = self.dim % rank if -rank <= self.dim < rank else 0
        if place == 0:
            raise self.mismatch(shapes, _("expected dim from 1 to {last}, or negative from the end", last=rank - 1))
        rest = {shape[: place - 1] + shape[place:] for shape in shapes}
        if len(rest) > 1 or len({len(shape) for shape in shapes}) > 1:
            raise self.mismatch(shapes, _("expected shapes that differ in dimension {dim} alone", dim=self.dim))
        return _Concatenated(self.dim)


class Scale(Layer):
    """Every number times a constant, as where a residual branch is weakened."""

    factor: Factor

    pointwise = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the product."""
        return _Scaled(self.factor)
