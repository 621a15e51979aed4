"""Extrapolation of the motion in a video without learning: blocks of pixels go straight on.

The displacement of each block from the frame before the last one to the last one is the one, among all whole numbers
of pixels up to a bound, after which the block differs least (block matching, as in the coding of video: Jain and
Jain 1981, "Displacement measurement and its application in interframe image coding").
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn import functional

BLOCK = 8  # pixels
REACH = 4  # pixels: the largest displacement of a block from one frame to the next
STILL = 1e-4  # mean squared difference by which a displacement must be better than none


def extrapolate_blocks(
    past: Float[Tensor, "batch past channels height width"], future: int
) -> Float[Tensor, "batch future channels height width"]:
    """Return frames in which every block of the last frame continues to move as before.

    Moving blocks cover resting ones. What they leave is filled with the median of the observed frames, the
    background of a camera that does not move.
    """
    before, last = past[:, -2] if past.shape[1] > 1 else past[:, -1], past[:, -1]
    displacement = match_blocks(before, last)  # [B, rows, columns, 2]
    background = past.median(1).values
    return torch.stack([_move(last, background, displacement, step) for step in range(1, future + 1)], 1)


def match_blocks(
    before: Float[Tensor, "batch channels height width"], last: Float[Tensor, "batch channels height width"]
) -> Int64[Tensor, "batch rows columns 2"]:
    """Return by how many pixels, down and to the right, each block of `last` moved since `before`."""
    shifts = torch.tensor(
        sorted(
            ((down, right) for down in range(-REACH, REACH + 1) for right in range(-REACH, REACH + 1)),
            key=lambda shift: shift[0] ** 2 + shift[1] ** 2,
        ),
        device=last.device,
    )
    padded = functional.pad(before, (REACH,) * 4, mode="replicate")
    height, width = last.shape[-2:]
    costs = []
    for down, right in shifts.tolist():
        moved = padded[..., REACH - down : REACH - down + height, REACH - right : REACH - right + width]
        cost = (last - moved).square().mean(1, keepdim=True)
        costs.append(functional.avg_pool2d(cost, BLOCK, ceil_mode=True, count_include_pad=False) + STILL)
    costs[0] = costs[0] - STILL  # no motion
    best = torch.cat(costs, 1).argmin(1)
    return shifts[best]


def _move(
    frame: Float[Tensor, "batch channels height width"],
    background: Float[Tensor, "batch channels height width"],
    displacement: Int64[Tensor, "batch rows columns 2"],
    steps: int,
) -> Float[Tensor, "batch channels height width"]:
    """Return a frame whose blocks have moved on by `steps` times their displacement."""
    height, width = frame.shape[-2:]
    per_pixel = displacement.repeat_interleave(BLOCK, 1).repeat_interleave(BLOCK, 2)[:, :height, :width]
    rows, columns = torch.meshgrid(
        torch.arange(height, device=frame.device), torch.arange(width, device=frame.device), indexing="ij"
    )
    moving = per_pixel.any(-1)
    row, column = rows + steps * per_pixel[..., 0], columns + steps * per_pixel[..., 1]
    inside = moving & (row >= 0) & (row < height) & (column >= 0) & (column < width)
    result = torch.where(moving[:, None], background, frame)
    number, y, x = inside.nonzero(as_tuple=True)
    result[number, :, row[number, y, x], column[number, y, x]] = frame[number, :, y, x]
    return result
