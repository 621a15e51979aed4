"""Changes of form: the same numbers in another arrangement, with a border, or on a finer grid."""

from __future__ import annotations

import math

from jaxtyping import Shaped
from torch import Tensor, nn

from axone.graph.arguments import Border, Factors, Mode, Order, Sizes, Switch
from axone.graph.errors import GraphError
from axone.graph.layer import Layer
from axone.graph.layers.padding import Sight, Window, each
from axone.messages import _

Batched = Shaped[Tensor, "batch ..."]


class Flatten(Layer):
    """Write all numbers of an example in one row."""

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the change of form."""
        return nn.Flatten()


class _Reshaped(nn.Module):
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
    """Write the numbers of an example in another form: Reshape((7, 7, -1)); -1 is whatever is left."""

    shape: Sizes

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the change of form."""
        total, known = math.prod(shape), abs(math.prod(self.shape))
        if total % known or (-1 not in self.shape and total != known):
            raise GraphError(
                _("{layer} got {shape}, which is {total} numbers.", layer=self.label(), shape=shape, total=total),
                expected=_("expected {known} numbers, or a multiple of them with -1", known=known),
            )
        return _Reshaped(self.shape)


class _Permuted(nn.Module):
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
    """Put the dimensions in another order, counted from 1, behind the batch.

    Permute((2, 1)) turns (steps, features) into (features, steps), as Conv1d wants them.
    """

    dims: Order

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the change of form."""
        if len(self.dims) != len(shape):
            raise GraphError(
                _("{layer} got {shape}.", layer=self.label(), shape=shape),
                expected=_("expected {count} dimensions", count=len(self.dims)),
                hint=_("Name the dimensions from 1 to {count}, in their new order.", count=len(shape)),
            )
        return _Permuted(self.dims)

    def window(self, shape: tuple[int, ...]) -> Window | None:
        """A step stays a step; in pictures it is no longer known which dimension is which."""
        return () if len(shape) == 2 else None


class ZeroPad2d(Layer):
    """Add a border of zeros: one width, or (left, right, top, bottom) as in torch.nn."""

    padding: Border

    pointwise = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the border."""
        self.expect_positions(shape)
        return nn.ZeroPad2d(self.padding)


class Upsample(Layer):
    """Lay a grid `scale_factor` times as fine over steps, a picture or a volume (channels first).

    `mode` is torch.nn's: "nearest" repeats; "linear" (steps), "bilinear" and "bicubic" (pictures) and "trilinear"
    (volumes) interpolate.
    """

    scale_factor: Factors
    mode: Mode = "nearest"
    align_corners: Switch = False

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the interpolation."""
        if len(shape) not in (2, 3, 4):
            raise GraphError(
                _("{layer} got {shape}.", layer=self.label(), shape=shape),
                expected=_("expected channels, then one to three dimensions of positions"),
                hint=_("Put Reshape before it."),
            )
        # torch's nearest modes refuse even False.
        return nn.Upsample(scale_factor=self.scale_factor, mode=self.mode, align_corners=self.align_corners or None)

    def window(self, shape: tuple[int, ...]) -> Window:
        """Each position sees the 1, 2 or 4 around its place, per dimension."""
        around = {"nearest": 1, "nearest-exact": 1, "bicubic": 4}.get(self.mode, 2)
        return tuple(Sight(1, around * factor - 1, factor) for factor in each(self.scale_factor, len(shape) - 1))
