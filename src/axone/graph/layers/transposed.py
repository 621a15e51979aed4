"""Transposed convolution: each position lays a kernel down, so that small maps grow (Dumoulin and Visin, 2016)."""

from __future__ import annotations

import math

from torch import nn

from axone.graph.arguments import ActivationName, Addition, Extent, Padding, Size, Switch
from axone.graph.errors import GraphError
from axone.graph.layer import Layer
from axone.graph.layers.convolution import require_groups
from axone.graph.layers.padding import Sight, Window, transposed_same
from axone.messages import _


class _ConvTranspose(Layer):
    out_channels: Size
    kernel_size: Extent
    stride: Extent = 1
    padding: Padding = "valid"
    output_padding: Addition = 0
    groups: Size = 1
    bias: Switch = True
    dilation: Extent = 1
    activation: ActivationName = None

    channels_dim = 1

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the transposed convolution for so many channels."""
        self.expect_positions(shape)
        require_groups(self, shape, self.out_channels, self.groups)
        kernel, stride, dilation = self.spread(self.kernel_size, self.stride, self.dilation)
        taken, added = self._margins(kernel, stride, dilation)
        make: type[nn.Module] = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)[self.dimensions - 1]
        return make(shape[0], self.out_channels, kernel, stride, taken, added, self.groups, self.bias, dilation)

    def _margins(
        self, kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """(padding, output_padding), a number per dimension."""
        taken, added = self.spread(0 if isinstance(self.padding, str) else self.padding, self.output_padding)
        if self.padding != "same":
            if any(more >= max(line) for more, *line in zip(added, stride, dilation)):
                raise GraphError(
                    _("{layer}: output_padding must be smaller than stride or dilation.", layer=self.label()),
                    hint=_('Use a larger kernel_size, less padding, or padding="same".'),
                )
            return taken, added
        if any(added):
            raise GraphError(
                _('{layer}: padding="same" finds output_padding itself.', layer=self.label()),
                hint=_("Leave output_padding out, or write both as numbers."),
            )
        margins = [margin for line in zip(kernel, stride, dilation) if (margin := transposed_same(*line))]
        if len(margins) < self.dimensions:
            raise GraphError(
                _('{layer}: padding="same" at stride 1 needs a kernel with a middle.', layer=self.label()),
                hint=_("Use an odd kernel_size."),
            )
        return tuple(taken for taken, _added in margins), tuple(added for _taken, added in margins)

    def flops(self, shape: tuple[int, ...], *, output: tuple[int, ...]) -> int:
        """Each input position costs kernel x output channels multiply-adds."""
        (kernel,) = self.spread(self.kernel_size)
        return 2 * math.prod(kernel) * (self.out_channels // self.groups) * math.prod(shape)

    def window(self, shape: tuple[int, ...]) -> Window:
        """A position sees the inputs whose kernels cover it, which stand `stride` apart."""
        kernel, stride, dilation = self.spread(self.kernel_size, self.stride, self.dilation)
        return tuple(Sight(1, wide * (size - 1), step) for size, step, wide in zip(kernel, stride, dilation))


class ConvTranspose1d(_ConvTranspose):
    """Grow a sequence: (channels, steps) in and out. Arguments as in ConvTranspose2d."""

    dimensions = 1


class ConvTranspose2d(_ConvTranspose):
    """Grow a picture: (channels, height, width) in and out; torch.nn's arguments in torch.nn's order.

    `padding`: "valid" keeps all that the kernels lay down, (size - 1) x stride + kernel; "same" makes exactly
    size x stride, whatever the kernel; numbers take so many positions away on each side, and `output_padding` adds
    some at the end, as in torch.nn.
    """


class ConvTranspose3d(_ConvTranspose):
    """Grow a volume: (channels, depth, height, width) in and out. Arguments as in ConvTranspose2d."""

    dimensions = 3
