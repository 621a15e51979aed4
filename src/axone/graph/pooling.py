"""Pooling: keep the largest or the mean of each window, and forget where exactly it stood."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from axone.graph.arguments import Padding, Pair, PairOrNothing
from axone.graph.errors import GraphError
from axone.graph.layer import Layer
from axone.graph.padding import fixed, pair, require_room, same
from axone.messages import _

Picture = Float[Tensor, "batch channels height width"]


class _SamePool(nn.Module):
    def __init__(self, kernel_size: tuple[int, int], stride: tuple[int, int]) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, stride

    def around(self, input: Picture) -> tuple[int, int, int, int]:
        """(left, right, top, bottom), as torch's pad wants them."""
        rows, columns = (
            same(size, kernel, stride, 1)
            for size, kernel, stride in zip(input.shape[2:], self.kernel_size, self.stride)
        )
        return (*columns, *rows)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}"


class SameMaxPool2d(_SamePool):
    """Max pooling with ceil(size / stride) positions; what is added never wins."""

    def forward(self, input: Picture) -> Float[Tensor, "batch channels rows columns"]:
        """Pad with minus infinity as this input needs, then pool."""
        around = self.around(input)
        if any(around):
            input = F.pad(input, around, value=-math.inf)
        return F.max_pool2d(input, self.kernel_size, self.stride)


class SameAvgPool2d(_SamePool):
    """Mean pooling with ceil(size / stride) positions; what is added does not count in the mean."""

    def forward(self, input: Picture) -> Float[Tensor, "batch channels rows columns"]:
        """Sum over each window, then divide by the number of real positions in it."""
        around = self.around(input)
        if not any(around):
            return F.avg_pool2d(input, self.kernel_size, self.stride)
        inside = torch.ones(1, 1, *input.shape[2:], dtype=input.dtype, device=input.device)
        sums, counts = (
            F.avg_pool2d(F.pad(each, around), self.kernel_size, self.stride, divisor_override=1)
            for each in (input, inside)
        )
        return sums / counts


class _Pool(Layer):
    kernel_size: Pair
    stride: PairOrNothing = None  # None: as large as the kernel, so that windows touch and do not overlap
    padding: Padding = "valid"

    channels_dim = 1

    def _window(self, shape: tuple[int, ...]) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int] | None]:
        """The checked (kernel, stride, padding); padding None: it depends on the input's size."""
        self.expect(shape, _("(channels, height, width)"), 3)
        kernel = pair(self.kernel_size)
        stride = kernel if self.stride is None else pair(self.stride)
        around = fixed(self.padding, kernel, stride, (1, 1))
        if around and any(2 * side > size for side, size in zip(around, kernel)):
            raise GraphError(
                _("{layer}: padding is larger than half the window.", layer=self.label()),
                expected=_("expected at most {most}", most=tuple(size // 2 for size in kernel)),
            )
        require_room(self.label(), shape, kernel, (1, 1), self.padding)
        return kernel, stride, around


class MaxPool2d(_Pool):
    """Keep the largest of each window, per channel."""

    takes_maximum = True

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the pooling for a picture of this shape."""
        kernel, stride, around = self._window(shape)
        return SameMaxPool2d(kernel, stride) if around is None else nn.MaxPool2d(kernel, stride, around)


class AvgPool2d(_Pool):
    """Keep the mean of each window, per channel. Padding given as numbers counts as zeros, as in torch.nn."""

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the pooling for a picture of this shape."""
        kernel, stride, around = self._window(shape)
        if around is None:
            return SameAvgPool2d(kernel, stride)
        return nn.AvgPool2d(kernel, stride, around, count_include_pad=self.padding != "same")


class _Global(nn.Module):
    def __init__(self, largest: bool) -> None:
        super().__init__()
        self.largest = largest

    def forward(self, input: Picture) -> Float[Tensor, "batch channels"]:
        return input.amax((2, 3)) if self.largest else input.mean((2, 3))

    def extra_repr(self) -> str:
        return "max" if self.largest else "average"


class GlobalAveragePool2d(Layer):
    """Keep the mean of each channel: (channels, height, width) becomes (channels,), at any picture size."""

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the pooling."""
        self.expect(shape, _("(channels, height, width)"), 3)
        return _Global(largest=False)


class GlobalMaxPool2d(Layer):
    """Keep the largest of each channel: (channels, height, width) becomes (channels,), at any picture size."""

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the pooling."""
        self.expect(shape, _("(channels, height, width)"), 3)
        return _Global(largest=True)
