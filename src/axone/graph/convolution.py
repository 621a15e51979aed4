"""Convolution: the same small kernel slides over the whole picture (LeCun et al., 1989)."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from axone.graph.arguments import ActivationName, Padding, Pair, Size, Switch
from axone.graph.errors import GraphError
from axone.graph.layer import Layer
from axone.graph.padding import fixed, pair, require_room, same
from axone.messages import _


class SameConv2d(nn.Conv2d):
    """A convolution whose output has ceil(size / stride) positions in each direction, at any stride."""

    def forward(
        self, input: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch features rows columns"]:
        """Pad as this input needs, then convolve: inside the convolution where both sides get the same."""
        (top, bottom), (left, right) = (
            same(size, kernel, stride, dilation)
            for size, kernel, stride, dilation in zip(input.shape[2:], self.kernel_size, self.stride, self.dilation)
        )
        if top == bottom and left == right:
            around = (top, left)
        else:
            input, around = F.pad(input, (left, right, top, bottom)), (0, 0)
        return F.conv2d(input, self.weight, self.bias, self.stride, around, self.dilation, self.groups)


class Conv2d(Layer):
    """Slide `out_channels` kernels over the picture; (channels, height, width) in and out.

    `padding`: "valid", "same" (at any stride) or numbers. `groups=channels` makes it depthwise.
    """

    out_channels: Size
    kernel_size: Pair
    stride: Pair = 1
    padding: Padding = "valid"
    dilation: Pair = 1
    groups: Size = 1
    bias: Switch = True
    activation: ActivationName = None

    channels_dim = 1

    def build(self, shape: tuple[int, ...]) -> nn.Module:
        """Make the convolution for a picture of this shape."""
        self.expect(shape, _("(channels, height, width)"), 3)
        channels, kernel = shape[0], pair(self.kernel_size)
        stride, dilation = pair(self.stride), pair(self.dilation)
        if channels % self.groups or self.out_channels % self.groups:
            raise GraphError(
                _("{layer} got {shape}.", layer=self.label(), shape=shape),
                expected=_(
                    "expected input channels ({channels}) and out_channels ({out}) that groups ({groups}) divides",
                    channels=channels,
                    out=self.out_channels,
                    groups=self.groups,
                ),
            )
        require_room(self.label(), shape, kernel, dilation, self.padding)
        around = fixed(self.padding, kernel, stride, dilation)
        make = SameConv2d if around is None else nn.Conv2d
        return make(channels, self.out_channels, kernel, stride, around or 0, dilation, self.groups, self.bias)

    def flops(self, shape: tuple[int, ...], *, output: tuple[int, ...]) -> int:
        """Each output position costs kernel x channels multiply-adds."""
        height, width = pair(self.kernel_size)
        return 2 * height * width * (shape[0] // self.groups) * output[0] * output[1] * output[2]
