"""Edges of images as white lines on black, by the Sobel filter: the gradient of the brightness.

The gradient is the length of the changes to the right and downwards, each weighted over three rows or columns. A
change of `FULL` of the range from black to white, or more, is drawn white, a smaller one in proportion. Brightness is
the luma of ITU-R BT.601.
"""

from __future__ import annotations

import torch
from jaxtyping import UInt8
from torch import Tensor
from torch.nn import functional

FULL = 0.5  # change between neighbors, as a fraction of the range, from which on an edge is white
_LUMA = (0.299, 0.587, 0.114)
_TOGETHER = 1000  # images


def detect_edges(
    pixels: UInt8[Tensor, "samples height width channels"],
) -> UInt8[Tensor, "samples height width channels"]:
    """Return the edges of images, with the same number of channels, all equal. The border is replicated outside."""
    channels = pixels.shape[-1]
    weights = torch.tensor(_LUMA) if channels == 3 else torch.full((channels,), 1 / channels)
    right = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 4
    kernels = torch.stack([right, right.T])[:, None]
    edges = torch.empty_like(pixels)
    for start in range(0, len(pixels), _TOGETHER):
        some = pixels[start : start + _TOGETHER]
        brightness = (some.float() @ weights / 255)[:, None]  # [B, 1, H, W]
        gradient = functional.conv2d(functional.pad(brightness, (1, 1, 1, 1), mode="replicate"), kernels)
        lines = (torch.linalg.vector_norm(gradient, dim=1) / FULL).clamp(0, 1)
        edges[start : start + _TOGETHER] = lines.mul(255).round().to(torch.uint8)[..., None]
    return edges
