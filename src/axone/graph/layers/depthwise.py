"""A depthwise convolution that moves by more than one position, made quick to learn on a processor.

In bfloat16, oneDNN has no kernel of its own for the gradient of this convolution's input and falls back to a plain
loop, some fifteen times slower than the detour here (`docs/lab-notes.md`).
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F


class StridedDepthwiseConv2d(nn.Conv2d):
    """Where training would be slow, convolve at every position and keep those at which the kernel would have stood.

    The values are the same to the bit, and so are the weights' names and shapes.
    """

    def forward(
        self, input: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch features rows columns"]:
        """Convolve; by the detour in training under autocast on a processor."""
        if input.device.type != "cpu" or not torch.is_autocast_enabled("cpu") or not torch.is_grad_enabled():
            return super().forward(input)
        whole = F.conv2d(input, self.weight, self.bias, 1, self.padding, self.dilation, self.groups)
        last = whole.is_contiguous(memory_format=torch.channels_last)
        kept = whole[:, :, :: self.stride[0], :: self.stride[1]]
        return kept.contiguous(memory_format=torch.channels_last if last else torch.contiguous_format)

    def source(self, module: str, input: str) -> str:
        """This work as an expression of PyTorch, `module` being the plain convolution."""
        return f"{module}({input})"
