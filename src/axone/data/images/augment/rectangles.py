"""Rectangles in pictures, a different one in each picture of a batch: what erasing and CutMix cut out."""

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
    """Return which pixels of pictures of `size` (height, width) lie in the rectangles; parts outside are cut off."""
    rows, columns = (
        (place >= first[:, None]) & (place < (first + length)[:, None])
        for place, first, length in (
            (torch.arange(size[0], device=top.device), top, heights),
            (torch.arange(size[1], device=top.device), left, widths),
        )
    )
    return rows[:, :, None] & columns[:, None, :]
