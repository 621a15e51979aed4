"""Transposed convolution: each input position adds a scaled kernel to the output (Dumoulin and Visin, 2016)."""

from __future__ import annotations

from torch import nn

from axone.graph.errors import GraphError
from axone.graph.layers.convolution.convolution import KernelLayer, WithOutChannels
from axone.graph.nodes.arguments import ActivationName, Boolean, OutputPadding, Size, SizePerDimension
from axone.graph.padding import ReceptiveWindow, WindowGeometry, same_transposed_padding
from axone.messages import _


class _ConvTranspose(KernelLayer, WithOutChannels):
    output_padding: OutputPadding = 0
    groups: Size = 1
    bias: Boolean = True
    dilation: SizePerDimension = 1
    activation: ActivationName = None

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the transposed convolution for this number of channels."""
        self.check_channels(shape, self.out_channels, self.groups)
        kernel, stride, dilation = self.expand(self.kernel_size, self.stride, self.dilation)
        padding, output_padding = self._resolve_padding(kernel, stride, dilation)
        kinds = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
        module_class: type[nn.Module] = kinds[self.dimensions - 1]
        return module_class(
            shape[0], self.out_channels, kernel, stride, padding, output_padding, self.groups, self.bias, dilation
        )

    def _resolve_padding(
        self, kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return torch's padding and output_padding, one number per dimension."""
        padding, output_padding = self.expand(0 if isinstance(self.padding, str) else self.padding, self.output_padding)
        if self.padding != "same":
            if any(added >= max(steps) for added, *steps in zip(output_padding, stride, dilation)):
                raise GraphError(
                    _("{layer}: output_padding must be smaller than stride or dilation.", layer=self.label()),
                    hint=_('Use a larger kernel_size, less padding, or padding="same".'),
                )
            return padding, output_padding
        if any(output_padding):
            raise GraphError(
                _('{layer}: padding="same" determines output_padding itself.', layer=self.label()),
                hint=_("Leave output_padding out, or write both as numbers."),
            )
        pairs = [pair for axis in zip(kernel, stride, dilation) if (pair := same_transposed_padding(*axis))]
        if len(pairs) < self.dimensions:
            raise GraphError(
                _('{layer}: padding="same" at stride 1 does not work with an even kernel_size.', layer=self.label()),
                hint=_("Use an odd kernel_size."),
            )
        return tuple(padding for padding, _added in pairs), tuple(added for _padding, added in pairs)

    def flops(self, shape: tuple[int, ...], *, output: tuple[int, ...]) -> int:
        """Count kernel x output channels multiply-adds for each input number."""
        return self.count_flops(self.out_channels // self.groups, shape)

    def window(self, shape: tuple[int, ...]) -> ReceptiveWindow:
        """The input positions whose kernels cover an output position; neighboring kernels start `stride` apart."""
        kernel, stride, dilation = self.expand(self.kernel_size, self.stride, self.dilation)
        return tuple(
            WindowGeometry(1, spacing * (size - 1), step) for size, step, spacing in zip(kernel, stride, dilation)
        )


class ConvTranspose1d(_ConvTranspose):
    """Upsample a sequence: (channels, steps) in and out. Arguments as in ConvTranspose2d."""

    dimensions = 1


class ConvTranspose2d(_ConvTranspose):
    """Upsample an image: (channels, height, width) in and out; torch.nn's arguments in torch.nn's order.

    `padding`: "valid" returns (size - 1) x stride + kernel positions; "same" returns exactly size x stride, for any
    kernel; numbers remove that many positions on each side, and `output_padding` adds some at the end, as in torch.nn.
    """


class ConvTranspose3d(_ConvTranspose):
    """Upsample a volume: (channels, depth, height, width) in and out. Arguments as in ConvTranspose2d."""

    dimensions = 3
