"""Dynamic time warping: the distance of two series of different speed.

Sakoe and Chiba 1978, "Dynamic programming algorithm optimization for spoken word recognition", IEEE Transactions on
Acoustics, Speech, and Signal Processing 26(1). Steps of weight 1 to the right, up and diagonally, no window.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

PAIRS_TOGETHER = 20_000  # pairs of series whose tables are in memory together


def warp_distances(
    left: Sequence[Float[Tensor, "_ channels"]], right: Sequence[Float[Tensor, "_ channels"]]
) -> Float[Tensor, "left right"]:
    """Return the warping distance of each series of `left` to each of `right`.

    It is the smallest sum of Euclidean distances of steps along a path that aligns both series from their first to
    their last steps. All pairs are computed together, one antidiagonal of their tables at a time.
    """
    others = pad_sequence(list(right), batch_first=True)  # [right, steps, channels]
    ends = torch.tensor([len(series) for series in right])
    rows = max(1, PAIRS_TOGETHER // len(right))
    distances = []
    for start in range(0, len(left), rows):
        part = left[start : start + rows]
        ours = pad_sequence(list(part), batch_first=True)  # [left, steps, channels]
        costs = torch.cdist(ours[:, None], others[None])  # [left, right, steps, steps]
        lengths = torch.tensor([len(series) for series in part])
        distances.append(_accumulate(costs, lengths, ends))
    return torch.cat(distances)


def _accumulate(costs: Float[Tensor, "left right n m"], lengths: Tensor, ends: Tensor) -> Float[Tensor, "left right"]:
    count, others, height, width = costs.shape
    result = torch.zeros(count, others)
    last = (lengths[:, None] - 1, ends[None] - 1)  # the cell in which the path of each pair ends
    before = torch.full((count, others, height + 1), torch.inf)
    before[..., 0] = 0.0  # of the cell before the first, from which each path starts
    current = torch.full_like(before, torch.inf)
    for diagonal in range(height + width - 1):
        row = torch.arange(max(0, diagonal - width + 1), min(height, diagonal + 1))
        cost = costs[:, :, row, diagonal - row]
        # Places are shifted by one: row r of the table is at r + 1, so that r - 1 exists for the first row.
        best = torch.minimum(torch.minimum(current[..., row], current[..., row + 1]), before[..., row])
        following = torch.full_like(current, torch.inf)
        following[..., row + 1] = cost + best
        ending = (last[0] + last[1]) == diagonal
        values = following.gather(2, (last[0] + 1).expand(count, others)[..., None]).squeeze(2)
        result = torch.where(ending, values, result)
        before, current = current, following
    return result
