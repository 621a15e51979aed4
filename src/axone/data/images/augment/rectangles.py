"""A rectangle in each image of a batch, as a mask: for random erasing and CutMix."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Int64
from torch import Tensor


def rectangle_masks(
    top: Int64[Tensor, " batch"],
    left: Int64[Tensor, " batch"],
    heights: Int64[Tensor, " batch"],
    widths: Int64[Tensor, " batch"],
    size: tuple[int, int],
) -> Bool[Tensor, "batch height width"]:
    """Return which pixels of images of `size` (height, width) lie in the rectangles, which may reach outside."""
    rows, columns = (
        (position >= first[:, None]) & (position < (first + length)[:, None])
        for position, first, length in (
            (torch.arange(size[0], device=top.device), top, heights),
            (torch.arange(size[1], device=top.device), left, widths),
        )
    )
    return rows[:, :, None] & columns[:, None, :]
