"""Pooling: the maximum or the mean of each window."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from axone.graph.errors import GraphError
from axone.graph.nodes.arguments import OptionalSizePerDimension, Padding, SizePerDimension
from axone.graph.nodes.layer import Layer
from axone.graph.nodes.result_shape import ModuleWithFormula
from axone.graph.padding import ReceptiveWindow, WindowGeometry, check_window_fits, pad_same, symmetric_padding
from axone.messages import _

Positions = Float[Tensor, "batch channels *positions"]
Pooled = Float[Tensor, "batch channels *fewer_positions"]


def max_pool_same(input: Positions, kernel: tuple[int, ...], stride: tuple[int, ...]) -> Pooled:
    """Return the maximum of each of ceil(size / stride) windows; the padding is minus infinity."""
    pool = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[len(kernel) - 1]
    return pool(pad_same(input, kernel, stride, value=float("-inf")), kernel, stride)


def avg_pool_same(input: Positions, kernel: tuple[int, ...], stride: tuple[int, ...]) -> Pooled:
    """Return the mean of each of ceil(size / stride) windows; the padding does not count."""
    pool = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[len(kernel) - 1]
    ones = torch.ones_like(input[:1, :1])
    inside = pool(pad_same(ones, kernel, stride), kernel, stride)  # the fraction of each window that is not padding
    return pool(pad_same(input, kernel, stride), kernel, stride) / inside


class SamePool(nn.Module):
    """Pooling with padding "same", computed from the size of each input."""

    def __init__(self, maximum: bool, kernel_size: tuple[int, ...], stride: tuple[int, ...]) -> None:
        super().__init__()
        self.maximum, self.kernel_size, self.stride = maximum, kernel_size, stride

    def forward(self, input: Positions) -> Pooled:
        """Pad as this input requires, then pool."""
        return (max_pool_same if self.maximum else avg_pool_same)(input, self.kernel_size, self.stride)

    def source(self, module: str, input: str) -> str:
        """Return this computation as a PyTorch expression."""
        name = "max_pool_same" if self.maximum else "avg_pool_same"
        return f"{name}({input}, {self.kernel_size}, {self.stride})"

    def extra_repr(self) -> str:
        """Return the kind of pooling and its window."""
        return f"{'max' if self.maximum else 'average'}, kernel_size={self.kernel_size}, stride={self.stride}"


class _Pool(Layer):
    kernel_size: SizePerDimension
    stride: OptionalSizePerDimension = None  # None: the kernel size, so that windows do not overlap
    padding: Padding = "valid"

    channels_dim = 1

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the pooling module."""
        self.expect_positions(shape)
        kernel, stride = self._kernel_and_stride()
        no_dilation = (1,) * self.dimensions
        padding = symmetric_padding(self.padding, kernel, stride, no_dilation)
        if padding and any(2 * side > size for side, size in zip(padding, kernel)):
            raise GraphError(
                _("{layer}: padding is larger than half the window.", layer=self.label()),
                expected=_("expected at most {most}", most=tuple(size // 2 for size in kernel)),
            )
        check_window_fits(self.label(), shape, kernel, stride, no_dilation, self.padding)
        if padding is None:
            return SamePool(self.takes_maximum, kernel, stride)
        return self._build_plain(kernel, stride, padding)

    def _build_plain(self, kernel: tuple[int, ...], stride: tuple[int, ...], padding: tuple[int, ...]) -> nn.Module:
        """Return torch's pooling module."""
        raise NotImplementedError

    def _kernel_and_stride(self) -> tuple[tuple[int, ...], ...]:
        return self.expand(self.kernel_size, self.kernel_size if self.stride is None else self.stride)

    def window(self, shape: tuple[int, ...]) -> ReceptiveWindow:
        """The pooling window, moved by the stride."""
        return tuple(WindowGeometry(step, size - 1) for size, step in zip(*self._kernel_and_stride()))


class _MaxPool(_Pool):
    takes_maximum = True

    def _build_plain(self, kernel: tuple[int, ...], stride: tuple[int, ...], padding: tuple[int, ...]) -> nn.Module:
        module_class: type[nn.Module] = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)[self.dimensions - 1]
        return module_class(kernel, stride, padding)


class _AvgPool(_Pool):
    @property
    def takes_mean(self) -> bool:
        """Whether the stride is 1. With "same", the weights of the mean differ at the borders, but not by channel."""
        return all(step == 1 for step in self._kernel_and_stride()[1])

    def _build_plain(self, kernel: tuple[int, ...], stride: tuple[int, ...], padding: tuple[int, ...]) -> nn.Module:
        module_class: type[nn.Module] = (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)[self.dimensions - 1]
        return module_class(kernel, stride, padding, count_include_pad=self.padding != "same")


class MaxPool1d(_MaxPool):
    """The maximum of each window of steps, per channel."""

    dimensions = 1


class MaxPool2d(_MaxPool):
    """The maximum of each window of an image, per channel."""


class MaxPool3d(_MaxPool):
    """The maximum of each window of a volume, per channel."""

    dimensions = 3


class AvgPool1d(_AvgPool):
    """The mean of each window of steps, per channel. Padding as in AvgPool2d."""

    dimensions = 1


class AvgPool2d(_AvgPool):
    """The mean of each window of an image, per channel. Padding written as numbers counts as zeros, as in torch.nn."""


class AvgPool3d(_AvgPool):
    """The mean of each window of a volume, per channel. Padding as in AvgPool2d."""

    dimensions = 3


class AdaptiveAvgPool2d(Layer):
    """The means of as many windows as give the output this size, for images of any size; windows may overlap."""

    output_size: SizePerDimension

    channels_dim = 1

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the pooling module."""
        self.expect_positions(shape)
        return nn.AdaptiveAvgPool2d(*self.expand(self.output_size))

    def window(self, shape: tuple[int, ...]) -> ReceptiveWindow:
        """Window i extends from floor(i size / count) to ceil((i + 1) size / count); the largest one counts."""
        return tuple(
            WindowGeometry(size, size + count - math.gcd(size, count) - 1, count)
            for size, count in zip(shape[1:], *self.expand(self.output_size))
        )


class _GlobalPoolModule(ModuleWithFormula):
    def __init__(self, maximum: bool) -> None:
        super().__init__()
        self.maximum = maximum

    def forward(self, input: Positions) -> Float[Tensor, "batch channels"]:
        positions = tuple(range(2, input.dim()))
        return input.amax(positions) if self.maximum else input.mean(positions)

    def find_result_shape(self, *shapes: tuple[int, ...]) -> tuple[int, ...]:
        """Return the number of channels."""
        return shapes[0][:1]

    def source(self, module: str, input: str) -> str:
        return f"{input}.flatten(2).{'amax' if self.maximum else 'mean'}(2)"

    def extra_repr(self) -> str:
        return "max" if self.maximum else "average"


class _GlobalPool(Layer):
    maximum: ClassVar[bool] = False

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the pooling module."""
        self.expect_positions(shape)
        return _GlobalPoolModule(self.maximum)


class GlobalAveragePool1d(_GlobalPool):
    """The mean of each channel: (channels, steps) becomes (channels,), for any number of steps."""

    dimensions = 1


class GlobalAveragePool2d(_GlobalPool):
    """The mean of each channel: (channels, height, width) becomes (channels,), for images of any size."""


class GlobalAveragePool3d(_GlobalPool):
    """The mean of each channel: (channels, depth, height, width) becomes (channels,), for volumes of any size."""

    dimensions = 3


class GlobalMaxPool1d(_GlobalPool):
    """The maximum of each channel: (channels, steps) becomes (channels,), for any number of steps."""

    dimensions = 1
    maximum = True


class GlobalMaxPool2d(_GlobalPool):
    """The maximum of each channel: (channels, height, width) becomes (channels,), for images of any size."""

    maximum = True


class GlobalMaxPool3d(_GlobalPool):
    """The maximum of each channel: (channels, depth, height, width) becomes (channels,), for volumes of any size."""

    dimensions = 3
    maximum = True
