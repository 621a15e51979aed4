"""A strided depthwise convolution with a fast gradient on a CPU.

In bfloat16, oneDNN has no kernel for the gradient of this convolution's input and falls back to a plain loop, which is
many times slower than the computation here (`docs/lab-notes.md`).
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F


class StridedDepthwiseConv2d(nn.Conv2d):
    """Where training would be slow, convolves with stride 1 and selects the positions of the larger stride.

    The values are equal to the bit, and the weights have the same names and shapes.
    """

    def forward(
        self, input: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch features rows columns"]:
        """Convolve; with stride 1 and a selection only in training under autocast on a CPU."""
        if input.device.type != "cpu" or not torch.is_autocast_enabled("cpu") or not torch.is_grad_enabled():
            return super().forward(input)
        dense = F.conv2d(input, self.weight, self.bias, 1, self.padding, self.dilation, self.groups)
        channels_last = dense.is_contiguous(memory_format=torch.channels_last)
        selected = dense[:, :, :: self.stride[0], :: self.stride[1]]
        return selected.contiguous(memory_format=torch.channels_last if channels_last else torch.contiguous_format)

    def source(self, module: str, input: str) -> str:
        """Return this computation as a PyTorch expression, where `module` is the plain convolution."""
        return f"{module}({input})"
