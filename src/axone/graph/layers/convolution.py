"""Convolution: the same small kernel slides over all positions (LeCun et al., 1989)."""

from __future__ import annotations

import math

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from axone.graph.arguments import ActivationName, Extent, Padding, Size, Switch
from axone.graph.errors import GraphError
from axone.graph.layer import Layer
from axone.graph.layers.depthwise import StridedDepthwiseConv2d
from axone.graph.layers.padding import Sight, Window, fixed, pad_same, require_room, same
from axone.messages import _


class _SameConvolution(nn.modules.conv._ConvNd):
    """A convolution whose output has ceil(size / stride) positions in each dimension, at any stride."""

    def forward(
        self, input: Float[Tensor, "batch channels *positions"]
    ) -> Float[Tensor, "batch features *fewer_positions"]:
        """Pad as this input needs, then convolve: inside the convolution where both sides get the same."""
        around = [same(*line) for line in zip(input.shape[2:], self.kernel_size, self.stride, self.dilation)]
        inside = tuple(before for before, _after in around)
        if any(before != after for before, after in around):
            input, inside = pad_same(input, self.kernel_size, self.stride, self.dilation), (0,) * len(around)
        convolve = (F.conv1d, F.conv2d, F.conv3d)[len(around) - 1]
        return convolve(input, self.weight, self.bias, self.stride, inside, self.dilation, self.groups)

    def source(self, module: str, input: str) -> str:
        """This work as an expression of PyTorch, `module` being the plain convolution."""
        return f"{module}(pad_same({input}, {self.kernel_size}, {self.stride}, {self.dilation}))"


class SameConv1d(_SameConvolution, nn.Conv1d):
    """Over steps."""


class SameConv2d(_SameConvolution, nn.Conv2d):
    """Over pictures."""


class SameConv3d(_SameConvolution, nn.Conv3d):
    """Over volumes."""


class _Convolution(Layer):
    out_channels: Size
    kernel_size: Extent
    stride: Extent = 1
    padding: Padding = "valid"
    dilation: Extent = 1
    groups: Size = 1
    bias: Switch = True
    activation: ActivationName = None

    channels_dim = 1

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the convolution for so many channels."""
        self.expect_positions(shape)
        require_groups(self, shape, self.out_channels, self.groups)
        kernel, stride, dilation = self.spread(self.kernel_size, self.stride, self.dilation)
        require_room(self.label(), shape, kernel, stride, dilation, self.padding)
        around = fixed(self.padding, kernel, stride, dilation)
        kinds = (SameConv1d, SameConv2d, SameConv3d) if around is None else (nn.Conv1d, nn.Conv2d, nn.Conv3d)
        make: type[nn.Module] = kinds[self.dimensions - 1]
        if make is nn.Conv2d and self.groups == shape[0] > 1 and max(stride) > 1:
            make = StridedDepthwiseConv2d
        return make(shape[0], self.out_channels, kernel, stride, around or 0, dilation, self.groups, self.bias)

    def flops(self, shape: tuple[int, ...], *, output: tuple[int, ...]) -> int:
        """Each output position costs kernel x channels multiply-adds."""
        (kernel,) = self.spread(self.kernel_size)
        return 2 * math.prod(kernel) * (shape[0] // self.groups) * math.prod(output)

    def window(self, shape: tuple[int, ...]) -> Window:
        """The kernel, spread by the dilation, moved by the stride."""
        kernel, stride, dilation = self.spread(self.kernel_size, self.stride, self.dilation)
        return tuple(Sight(step, wide * (size - 1)) for size, step, wide in zip(kernel, stride, dilation))

    @property
    def mixes_channels(self) -> bool:
        """A kernel of one position, moved by one, without a bias and without a border."""
        kernel, stride, _dilation = self.spread(self.kernel_size, self.stride, self.dilation)
        around = fixed(self.padding, kernel, stride, (1,) * self.dimensions)
        return not self.bias and all(size == 1 for size in (*kernel, *stride)) and not any(around or ())


class Conv1d(_Convolution):
    """Slide `out_channels` kernels over a sequence; (channels, steps) in and out. Arguments as in Conv2d."""

    dimensions = 1


class Conv2d(_Convolution):
    """Slide `out_channels` kernels over the picture; (channels, height, width) in and out.

    `padding`: "valid", "same" (at any stride) or numbers. `groups=channels` makes it depthwise.
    """


class Conv3d(_Convolution):
    """Slide `out_channels` kernels over a volume; (channels, depth, height, width) in and out. As Conv2d otherwise."""

    dimensions = 3


class DepthwiseConv2d(Layer):
    """A convolution in which each channel has kernels of its own, `multiplier` of them (Howard et al., 2017).

    The same as Conv2d(channels * multiplier, ..., groups=channels), without having to know the channels.
    """

    kernel_size: Extent
    stride: Extent = 1
    padding: Padding = "valid"
    dilation: Extent = 1
    multiplier: Size = 1
    bias: Switch = True
    activation: ActivationName = None

    channels_dim = 1

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the convolution with one group for each channel."""
        self.expect_positions(shape)
        return self._grouped(shape[0]).build(shape)

    def flops(self, shape: tuple[int, ...], *, output: tuple[int, ...]) -> int:
        """Each output position costs one kernel of multiply-adds."""
        return self._grouped(shape[0]).flops(shape, output=output)

    def window(self, shape: tuple[int, ...]) -> Window:
        """As in Conv2d."""
        return self._grouped(shape[0]).window(shape)

    def _grouped(self, channels: int) -> Conv2d:
        return Conv2d(
            channels * self.multiplier,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            groups=channels,
            bias=self.bias,
            name=self.name,
        )


def require_groups(layer: Layer, shape: tuple[int, ...], out_channels: int, groups: int) -> None:
    """Raise GraphError unless the channels, in and out, can be dealt evenly to the groups."""
    if shape[0] % groups or out_channels % groups:
        raise GraphError(
            _("{layer} got {shape}.", layer=layer.label(), shape=shape),
            expected=_(
                "expected input channels ({channels}) and out_channels ({out}) that groups ({groups}) divides",
                channels=shape[0],
                out=out_channels,
                groups=groups,
            ),
        )
