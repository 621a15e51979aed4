"""How good made solids are: whole, standing, like the real ones in all their kinds, and not copies of them.

Two sets are compared by the overlap of solids (intersection over union, IoU), with the measures of Achlioptas,
Diamanti, Mitliagkas, Guibas 2018 (arXiv:1707.02392): how near the nearest made one is to each real one on average
(minimum matching distance), and how many real ones are some made one's nearest (coverage).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from axone.data.voxels.voxels import Solid, Solids, is_connected

MOSTLY = 0.95  # share of a class's real solids that stand, from which on its made ones are asked to
_AT_ONCE = 512  # solids of a product

Flat = Bool[Tensor, "solids voxels"]


def stands(solid: Solid) -> bool:
    """Say whether what is largest stands on four points: the seat of a chair, the top of a table, a bed's frame.

    The seat is the layer with the most voxels. Below it, down to the lowest voxel, each quarter of its floor plan
    must hold something in every layer.
    """
    areas = solid.sum((1, 2))
    if not areas.any():
        return False
    floor, seat = int(np.flatnonzero(areas)[0]), int(areas.argmax())
    rows, columns = np.flatnonzero(solid[seat].any(1)), np.flatnonzero(solid[seat].any(0))
    below = solid[floor:seat, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    deep, wide = (below.shape[1] + 1) // 2, (below.shape[2] + 1) // 2
    quarters = (below[:, y, x] for y in (slice(deep), slice(-deep, None)) for x in (slice(wide), slice(-wide, None)))
    return all(bool(quarter.any((1, 2)).all()) for quarter in quarters)


def standing(solids: Solids) -> Bool[np.ndarray, " solids"]:
    """Say of each solid whether it `stands`."""
    return np.array([stands(solid) for solid in solids], dtype=bool)


def standing_classes(solids: Solids, labels: Int64[np.ndarray, " solids"], classes: int) -> list[bool]:
    """Say of each class whether its solids stand, all but a few: of cups and ships nobody asks for four legs."""
    found = standing(solids)
    return [bool(len(own := found[labels == label]) and own.mean() >= MOSTLY) for label in range(classes)]


class Validity(NamedTuple):
    """What is wrong with made solids, one by one."""

    whole: Bool[np.ndarray, " solids"]  # in one piece
    standing: Bool[np.ndarray, " solids"]  # on four points, or of a class whose real ones do not either

    @property
    def valid(self) -> Bool[np.ndarray, " solids"]:
        """Both."""
        return self.whole & self.standing


def validity(solids: Solids, labels: Int64[np.ndarray, " solids"], asked: Sequence[bool]) -> Validity:
    """Look at each solid; `asked` says of each class whether its solids are to stand."""
    return Validity(is_connected(solids), standing(solids) | ~np.asarray(asked, dtype=bool)[labels])


def flat(solids: Solids) -> Flat:
    """Return solids as rows for `overlaps`."""
    return torch.from_numpy(solids.reshape(len(solids), -1))


def overlaps(one: Flat, other: Bool[Tensor, "others voxels"]) -> Float[Tensor, "solids others"]:
    """Return intersection over union of each solid with each other one, from 0 to 1; of two empty ones 0."""
    rows = []
    for some in one.split(_AT_ONCE):
        left, parts = some.float(), []
        for those in other.split(_AT_ONCE):  # as numbers of four bytes all at once would not fit
            right = those.float()
            shared = left @ right.T
            parts.append(shared / (left.sum(1)[:, None] + right.sum(1) - shared).clamp_min(1))
        rows.append(torch.cat(parts, 1))
    return torch.cat(rows)


def matching_distance(overlap: Float[Tensor, "made real"]) -> Float[Tensor, ""]:
    """Return 1 less the overlap of each real solid with the made one nearest to it, on average (MMD)."""
    return 1 - overlap.amax(0).mean()


def coverage(overlap: Float[Tensor, "made real"]) -> Float[Tensor, ""]:
    """Return the share of the real solids that are the nearest one of some made solid (COV)."""
    return torch.tensor(overlap.argmax(1).unique().numel() / overlap.shape[1])
