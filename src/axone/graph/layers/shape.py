"""Layers that rearrange numbers without weights: flatten, reshape, permute, pad, upsample."""

from __future__ import annotations

import math

from jaxtyping import Shaped
from torch import Tensor, nn

from axone.graph.errors import GraphError
from axone.graph.nodes.arguments import (
    Boolean,
    BorderPadding,
    DimensionOrder,
    InterpolationMode,
    ScaleFactor,
    TargetShape,
)
from axone.graph.nodes.layer import Layer
from axone.graph.padding import ReceptiveWindow, WindowGeometry, per_dimension
from axone.messages import _

Batched = Shaped[Tensor, "batch ..."]


class Flatten(Layer):
    """Reshape each example to one dimension: (channels, height, width) becomes (features,)."""

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the flattening module."""
        return nn.Flatten()


class _ReshapeModule(nn.Module):
    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, input: Batched) -> Batched:
        return input.reshape(input.shape[0], *self.shape)

    def source(self, module: str, input: str) -> str:
        return f"{input}.reshape(len({input}), {', '.join(map(str, self.shape))})"

    def extra_repr(self) -> str:
        return str(self.shape)


class Reshape(Layer):
    """Reshape each example: Reshape((7, 7, -1)). One size may be -1 and is then inferred."""

    shape: TargetShape

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the reshaping module."""
        total, known = math.prod(shape), abs(math.prod(self.shape))
        if total % known or (-1 not in self.shape and total != known):
            raise GraphError(
                _("{layer} got {shape}, which is {total} numbers.", layer=self.label(), shape=shape, total=total),
                expected=_("expected {known} numbers, or a multiple of them with -1", known=known),
            )
        return _ReshapeModule(self.shape)


class _PermuteModule(nn.Module):
    def __init__(self, dims: tuple[int, ...]) -> None:
        super().__init__()
        self.dims = dims

    def forward(self, input: Batched) -> Batched:
        return input.permute(0, *self.dims)

    def source(self, module: str, input: str) -> str:
        return f"{input}.permute(0, {', '.join(map(str, self.dims))})"

    def extra_repr(self) -> str:
        return str(self.dims)


class Permute(Layer):
    """Reorder the dimensions, which are numbered from 1 because the batch is 0.

    Permute((2, 1)) turns (steps, features) into (features, steps), which Conv1d expects.
    """

    dims: DimensionOrder

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the permuting module."""
        if len(self.dims) != len(shape):
            raise GraphError(
                _("{layer} got {shape}.", layer=self.label(), shape=shape),
                expected=_("expected {count} dimensions", count=len(self.dims)),
                hint=_("Name the dimensions from 1 to {count}, in their new order.", count=len(shape)),
            )
        return _PermuteModule(self.dims)

    def window(self, shape: tuple[int, ...]) -> ReceptiveWindow | None:
        """A step stays a step; in images, the spatial dimensions may have been exchanged, so nothing is known."""
        return () if len(shape) == 2 else None


class ZeroPad2d(Layer):
    """Add a border of zeros: one width, or (left, right, top, bottom) as in torch.nn."""

    padding: BorderPadding

    pointwise = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the padding module."""
        self.expect_positions(shape)
        return nn.ZeroPad2d(self.padding)


class Upsample(Layer):
    """Multiply the number of positions of a sequence, an image or a volume by `scale_factor` (channels first).

    `mode` is torch.nn's: "nearest" repeats; "linear" (steps), "bilinear" and "bicubic" (images) and "trilinear"
    (volumes) interpolate.
    """

    scale_factor: ScaleFactor
    mode: InterpolationMode = "nearest"
    align_corners: Boolean = False

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the interpolating module."""
        if len(shape) not in (2, 3, 4):
            raise GraphError(
                _("{layer} got {shape}.", layer=self.label(), shape=shape),
                expected=_("expected channels, then one to three dimensions of positions"),
                hint=_("Put Reshape before it."),
            )
        # torch's nearest modes refuse even align_corners=False.
        return nn.Upsample(scale_factor=self.scale_factor, mode=self.mode, align_corners=self.align_corners or None)

    def window(self, shape: tuple[int, ...]) -> ReceptiveWindow:
        """Each output position depends on the 1, 2 or 4 nearest input positions per dimension."""
        nearest = {"nearest": 1, "nearest-exact": 1, "bicubic": 4}.get(self.mode, 2)
        factors = per_dimension(self.scale_factor, len(shape) - 1)
        return tuple(WindowGeometry(1, nearest * factor - 1, factor) for factor in factors)
