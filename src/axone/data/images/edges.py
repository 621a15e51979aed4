"""Outlines of pictures: light lines on black where brightness changes, as if drawn with a pencil.

The filter is Sobel's: the change of brightness to the right and downwards, each weighed over three rows or columns,
and the length of the two together. Changes of `FULL` of the range from black to white, or more, are drawn white;
lesser ones in proportion. Brightness is red, green and blue by the weights of ITU-R BT.601.
"""

from __future__ import annotations

import torch
from jaxtyping import UInt8
from torch import Tensor
from torch.nn import functional

FULL = 0.5  # change between neighbors, as a share of the range, from which on a line is white
_LUMA = (0.299, 0.587, 0.114)
_AT_ONCE = 1000  # pictures


def detect_edges(
    pixels: UInt8[Tensor, "samples height width channels"],
) -> UInt8[Tensor, "samples height width channels"]:
    """Return the outlines of pictures, with as many channels, all the same. What lies outside counts as the border."""
    channels = pixels.shape[-1]
    weights = torch.tensor(_LUMA) if channels == 3 else torch.full((channels,), 1 / channels)
    right = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 4
    kernels = torch.stack([right, right.T])[:, None]
    made = torch.empty_like(pixels)
    for start in range(0, len(pixels), _AT_ONCE):
        some = pixels[start : start + _AT_ONCE]
        bright = (some.float() @ weights / 255)[:, None]
        change = functional.conv2d(functional.pad(bright, (1, 1, 1, 1), mode="replicate"), kernels)
        drawn = (torch.linalg.vector_norm(change, dim=1) / FULL).clamp(0, 1)
        made[start : start + _AT_ONCE] = drawn.mul(255).round().to(torch.uint8)[..., None]
    return made
