"""Convolution: the same small kernels are applied at all positions (LeCun et al., 1989)."""

from __future__ import annotations

import math

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from axone.graph.errors import GraphError
from axone.graph.layers.convolution.depthwise import StridedDepthwiseConv2d
from axone.graph.nodes.arguments import ActivationName, Boolean, Padding, Size, SizePerDimension
from axone.graph.nodes.layer import Layer
from axone.graph.padding import (
    ReceptiveWindow,
    WindowGeometry,
    check_window_fits,
    pad_same,
    same_padding,
    symmetric_padding,
)
from axone.messages import _


class _SameConvolution(nn.modules.conv._ConvNd):
    """A convolution whose output has ceil(size / stride) positions in each dimension, at any stride."""

    def forward(
        self, input: Float[Tensor, "batch channels *positions"]
    ) -> Float[Tensor, "batch features *fewer_positions"]:
        """Convolve with the padding that this input needs; the convolution pads where both sides are equal."""
        sides = [same_padding(*axis) for axis in zip(input.shape[2:], self.kernel_size, self.stride, self.dilation)]
        padding = tuple(before for before, _after in sides)
        if any(before != after for before, after in sides):
            input, padding = pad_same(input, self.kernel_size, self.stride, self.dilation), (0,) * len(sides)
        convolve = (F.conv1d, F.conv2d, F.conv3d)[len(sides) - 1]
        return convolve(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def source(self, module: str, input: str) -> str:
        """Return this computation as a PyTorch expression, where `module` is the plain convolution."""
        return f"{module}(pad_same({input}, {self.kernel_size}, {self.stride}, {self.dilation}))"


class SameConv1d(_SameConvolution, nn.Conv1d):
    """Over steps."""


class SameConv2d(_SameConvolution, nn.Conv2d):
    """Over images."""


class SameConv3d(_SameConvolution, nn.Conv3d):
    """Over volumes."""


class WithOutChannels(Layer, abstract=True):
    """The first argument of convolutions whose number of output channels is free."""

    out_channels: Size


class KernelLayer(Layer, abstract=True):
    """What convolutions of all kinds share: the next arguments, in torch.nn's order, and the checks of channels.

    A subclass that also inherits from `WithOutChannels` names that base last: the last base's fields come first.
    """

    kernel_size: SizePerDimension
    stride: SizePerDimension = 1
    padding: Padding = "valid"

    channels_dim = 1

    def check_channels(self, shape: tuple[int, ...], out_channels: int, groups: int) -> None:
        """Raise GraphError unless the input has channels and positions, and `groups` divides both channel counts."""
        self.expect_positions(shape)
        if shape[0] % groups or out_channels % groups:
            raise GraphError(
                _("{layer} got {shape}.", layer=self.label(), shape=shape),
                expected=_(
                    "expected input channels ({channels}) and out_channels ({out}) that are multiples of groups"
                    " ({groups})",
                    channels=shape[0],
                    out=out_channels,
                    groups=groups,
                ),
            )

    def count_flops(self, channels_per_group: int, applied: tuple[int, ...]) -> int:
        """Count a kernel of multiply-adds per channel of a group, for each number in an array of shape `applied`."""
        (kernel,) = self.expand(self.kernel_size)
        return 2 * math.prod(kernel) * channels_per_group * math.prod(applied)


class _Convolution(KernelLayer):
    """A convolution of either kind: with a free number of groups, or with one group per channel."""

    dilation: SizePerDimension = 1

    def build_convolution(self, shape: tuple[int, ...], out_channels: int, groups: int, bias: bool) -> nn.Module:
        """Return the torch module; raise GraphError for a shape that does not fit."""
        self.check_channels(shape, out_channels, groups)
        kernel, stride, dilation = self.expand(self.kernel_size, self.stride, self.dilation)
        check_window_fits(self.label(), shape, kernel, stride, dilation, self.padding)
        padding = symmetric_padding(self.padding, kernel, stride, dilation)
        kinds = (SameConv1d, SameConv2d, SameConv3d) if padding is None else (nn.Conv1d, nn.Conv2d, nn.Conv3d)
        module_class: type[nn.Module] = kinds[self.dimensions - 1]
        if module_class is nn.Conv2d and groups == shape[0] > 1 and max(stride) > 1:
            module_class = StridedDepthwiseConv2d
        return module_class(shape[0], out_channels, kernel, stride, padding or 0, dilation, groups, bias)

    def window(self, shape: tuple[int, ...]) -> ReceptiveWindow:
        """The kernel with its dilation, moved by the stride."""
        kernel, stride, dilation = self.expand(self.kernel_size, self.stride, self.dilation)
        return tuple(
            WindowGeometry(step, spacing * (size - 1)) for size, step, spacing in zip(kernel, stride, dilation)
        )


class _GroupedConvolution(_Convolution, WithOutChannels):
    groups: Size = 1
    bias: Boolean = True
    activation: ActivationName = None

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the convolution for this number of channels."""
        return self.build_convolution(shape, self.out_channels, self.groups, self.bias)

    def flops(self, shape: tuple[int, ...], *, output: tuple[int, ...]) -> int:
        """Count kernel x channels multiply-adds for each output number."""
        return self.count_flops(shape[0] // self.groups, output)

    @property
    def mixes_channels(self) -> bool:
        """Whether the kernel has size 1 and stride 1, without bias and padding."""
        kernel, stride = self.expand(self.kernel_size, self.stride)
        padding = symmetric_padding(self.padding, kernel, stride, (1,) * self.dimensions)
        return not self.bias and all(size == 1 for size in (*kernel, *stride)) and not any(padding or ())


class Conv1d(_GroupedConvolution):
    """Apply `out_channels` kernels to a sequence; (channels, steps) in and out. Arguments as in Conv2d."""

    dimensions = 1


class Conv2d(_GroupedConvolution):
    """Apply `out_channels` kernels to an image; (channels, height, width) in and out.

    `padding`: "valid", "same" (at any stride) or numbers. `groups=channels` makes it depthwise.
    """


class Conv3d(_GroupedConvolution):
    """Apply `out_channels` kernels to a volume; (channels, depth, height, width) in and out. Arguments as in Conv2d."""

    dimensions = 3


class DepthwiseConv2d(_Convolution):
    """A convolution in which each channel has its own kernels, `multiplier` of them (Howard et al., 2017).

    It equals Conv2d(channels * multiplier, ..., groups=channels), but need not know the number of channels.
    """

    multiplier: Size = 1
    bias: Boolean = True
    activation: ActivationName = None

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Return the convolution with one group per channel."""
        return self.build_convolution(shape, shape[0] * self.multiplier, shape[0], self.bias)

    def flops(self, shape: tuple[int, ...], *, output: tuple[int, ...]) -> int:
        """Count one kernel of multiply-adds for each output number."""
        return self.count_flops(1, output)
