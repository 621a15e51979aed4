"""Pooling: keep the largest or the mean of each window, and forget where exactly it stood."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from axone.graph.arguments import Extent, ExtentOrNothing, Padding
from axone.graph.errors import GraphError
from axone.graph.layer import Layer
from axone.graph.layers.padding import Sight, Window, fixed, pad_same, require_room
from axone.messages import _

Positions = Float[Tensor, "batch channels *positions"]
Pooled = Float[Tensor, "batch channels *fewer_positions"]


def max_pool_same(input: Positions, kernel: tuple[int, ...], stride: tuple[int, ...]) -> Pooled:
    """Keep the largest of each of ceil(size / stride) windows; what is added around never wins."""
    pool = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[len(kernel) - 1]
    return pool(pad_same(input, kernel, stride, value=float("-inf")), kernel, stride)


def avg_pool_same(input: Positions, kernel: tuple[int, ...], stride: tuple[int, ...]) -> Pooled:
    """Keep the mean of each of ceil(size / stride) windows; what is added around does not count in it."""
    pool = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[len(kernel) - 1]
    inside = torch.ones_like(input[:1, :1])
    share = pool(pad_same(inside, kernel, stride), kernel, stride)  # of each window that is input
    return pool(pad_same(input, kernel, stride), kernel, stride) / share


class SamePool(nn.Module):
    """Pooling with padding "same", computed from each input's size."""

    def __init__(self, largest: bool, kernel_size: tuple[int, ...], stride: tuple[int, ...]) -> None:
        super().__init__()
        self.largest, self.kernel_size, self.stride = largest, kernel_size, stride

    def forward(self, input: Positions) -> Pooled:
        """Pad as this input needs, then pool."""
        return (max_pool_same if self.largest else avg_pool_same)(input, self.kernel_size, self.stride)

    def source(self, module: str, input: str) -> str:
        """This work as an expression of PyTorch."""
        name = "max_pool_same" if self.largest else "avg_pool_same"
        return f"{name}({input}, {self.kernel_size}, {self.stride})"

    def extra_repr(self) -> str:
        """What it keeps and of how many."""
        return f"{'max' if self.largest else 'average'}, kernel_size={self.kernel_size}, stride={self.stride}"


class _Pool(Layer):
    kernel_size: Extent
    stride: ExtentOrNothing = None  # None: as large as the kernel, so that windows touch and do not overlap
    padding: Padding = "valid"

    channels_dim = 1

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the pooling."""
        self.expect_positions(shape)
        kernel, stride = self._kernel_and_stride()
        still = (1,) * self.dimensions
        around = fixed(self.padding, kernel, stride, still)
        if around and any(2 * side > size for side, size in zip(around, kernel)):
            raise GraphError(
                _("{layer}: padding is larger than half the window.", layer=self.label()),
                expected=_("expected at most {most}", most=tuple(size // 2 for size in kernel)),
            )
        require_room(self.label(), shape, kernel, stride, still, self.padding)
        return SamePool(self.takes_maximum, kernel, stride) if around is None else self._plain(kernel, stride, around)

    def _plain(self, kernel: tuple[int, ...], stride: tuple[int, ...], around: tuple[int, ...]) -> nn.Module:
        """torch's own pooling."""
        raise NotImplementedError

    def _kernel_and_stride(self) -> tuple[tuple[int, ...], ...]:
        return self.spread(self.kernel_size, self.kernel_size if self.stride is None else self.stride)

    def window(self, shape: tuple[int, ...]) -> Window:
        """The window, moved by the stride."""
        return tuple(Sight(step, size - 1) for size, step in zip(*self._kernel_and_stride()))


class _MaxPool(_Pool):
    takes_maximum = True

    def _plain(self, kernel: tuple[int, ...], stride: tuple[int, ...], around: tuple[int, ...]) -> nn.Module:
        make: type[nn.Module] = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)[self.dimensions - 1]
        return make(kernel, stride, around)


class _AvgPool(_Pool):
    @property
    def takes_mean(self) -> bool:
        """Moved by one; what "same" adds is left out of a mean, so that at the borders others are weighted more."""
        return all(step == 1 for step in self._kernel_and_stride()[1])

    def _plain(self, kernel: tuple[int, ...], stride: tuple[int, ...], around: tuple[int, ...]) -> nn.Module:
        make: type[nn.Module] = (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)[self.dimensions - 1]
        return make(kernel, stride, around, count_include_pad=self.padding != "same")


class MaxPool1d(_MaxPool):
    """Keep the largest of each window of steps, per channel."""

    dimensions = 1


class MaxPool2d(_MaxPool):
    """Keep the largest of each window, per channel."""


class MaxPool3d(_MaxPool):
    """Keep the largest of each window of a volume, per channel."""

    dimensions = 3


class AvgPool1d(_AvgPool):
    """Keep the mean of each window of steps, per channel. Padding as in AvgPool2d."""

    dimensions = 1


class AvgPool2d(_AvgPool):
    """Keep the mean of each window, per channel. Padding given as numbers counts as zeros, as in torch.nn."""


class AvgPool3d(_AvgPool):
    """Keep the mean of each window of a volume, per channel. Padding as in AvgPool2d."""

    dimensions = 3


class AdaptiveAvgPool2d(Layer):
    """Keep the means of as many windows as make the output this size, whatever the picture's; they may overlap."""

    output_size: Extent

    channels_dim = 1

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the pooling."""
        self.expect_positions(shape)
        return nn.AdaptiveAvgPool2d(*self.spread(self.output_size))

    def window(self, shape: tuple[int, ...]) -> Window:
        """Window i goes from floor(i size / count) to ceil((i + 1) size / count); the widest of them."""
        return tuple(
            Sight(size, size + count - math.gcd(size, count) - 1, count)
            for size, count in zip(shape[1:], *self.spread(self.output_size))
        )


class _Global(nn.Module):
    def __init__(self, largest: bool) -> None:
        super().__init__()
        self.largest = largest

    def forward(self, input: Positions) -> Float[Tensor, "batch channels"]:
        positions = tuple(range(2, input.dim()))
        return input.amax(positions) if self.largest else input.mean(positions)

    def source(self, module: str, input: str) -> str:
        return f"{input}.flatten(2).{'amax' if self.largest else 'mean'}(2)"

    def extra_repr(self) -> str:
        return "max" if self.largest else "average"


class _GlobalPool(Layer):
    largest: ClassVar[bool] = False

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the pooling."""
        self.expect_positions(shape)
        return _Global(self.largest)


class GlobalAveragePool1d(_GlobalPool):
    """Keep the mean of each channel: (channels, steps) becomes (channels,), at any length."""

    dimensions = 1


class GlobalAveragePool2d(_GlobalPool):
    """Keep the mean of each channel: (channels, height, width) becomes (channels,), at any picture size."""


class GlobalAveragePool3d(_GlobalPool):
    """Keep the mean of each channel: (channels, depth, height, width) becomes (channels,), at any size."""

    dimensions = 3


class GlobalMaxPool1d(_GlobalPool):
    """Keep the largest of each channel: (channels, steps) becomes (channels,), at any length."""

    dimensions = 1
    largest = True


class GlobalMaxPool2d(_GlobalPool):
    """Keep the largest of each channel: (channels, height, width) becomes (channels,), at any picture size."""

    largest = True


class GlobalMaxPool3d(_GlobalPool):
    """Keep the largest of each channel: (channels, depth, height, width) becomes (channels,), at any size."""

    dimensions = 3
    largest = True
