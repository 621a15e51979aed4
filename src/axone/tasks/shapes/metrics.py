"""Metrics of generated solids: connected, supported, and as varied as the real ones.

Two sets are compared by the overlap of solids (intersection over union, IoU), with the metrics of Achlioptas,
Diamanti, Mitliagkas, Guibas 2018 (arXiv:1707.02392): the mean distance of each real solid to the nearest generated one
(minimum matching distance), and the share of real solids that are the nearest of some generated one (coverage).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from axone.data.voxels.voxels import Solid, Solids, is_connected

SUPPORTED_SHARE = 0.95  # if at least this share of a class's real solids is supported, the generated ones must be, too
CHUNK = 512  # solids of a matrix product

Flat = Bool[Tensor, "solids voxels"]


def has_four_supports(solid: Solid) -> bool:
    """Return whether the seat of a chair, the top of a table or the frame of a bed has four supports.

    The seat is the layer with the most voxels. Below it, down to the lowest voxel, each quarter of its bounding
    rectangle must contain a voxel in every layer.
    """
    areas = solid.sum((1, 2))
    if not areas.any():
        return False
    floor, seat = int(np.flatnonzero(areas)[0]), int(areas.argmax())
    rows, columns = np.flatnonzero(solid[seat].any(1)), np.flatnonzero(solid[seat].any(0))
    below = solid[floor:seat, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    depth, width = (below.shape[1] + 1) // 2, (below.shape[2] + 1) // 2
    quarters = (
        below[:, y, x] for y in (slice(depth), slice(-depth, None)) for x in (slice(width), slice(-width, None))
    )
    return all(bool(quarter.any((1, 2)).all()) for quarter in quarters)


def find_supported(solids: Solids) -> Bool[np.ndarray, " solids"]:
    """Return for each solid whether it has four supports."""
    return np.array([has_four_supports(solid) for solid in solids], dtype=bool)


def find_supported_classes(solids: Solids, labels: Int64[np.ndarray, " solids"], classes: int) -> list[bool]:
    """Return for each class whether nearly all of its solids have four supports: not cups or ships, for example."""
    supported = find_supported(solids)
    return [bool(len(own := supported[labels == label]) and own.mean() >= SUPPORTED_SHARE) for label in range(classes)]


class Validity(NamedTuple):
    """Which solids are connected, and which are supported."""

    connected: Bool[np.ndarray, " solids"]
    supported: Bool[np.ndarray, " solids"]  # with four supports, or of a class whose real solids have none either

    @property
    def valid(self) -> Bool[np.ndarray, " solids"]:
        """Which solids are both."""
        return self.connected & self.supported


def check_validity(solids: Solids, labels: Int64[np.ndarray, " solids"], supported_classes: Sequence[bool]) -> Validity:
    """Check each solid; `supported_classes` says for each class whether its solids need four supports."""
    exempt = ~np.asarray(supported_classes, dtype=bool)[labels]
    return Validity(is_connected(solids), find_supported(solids) | exempt)


def flatten_solids(solids: Solids) -> Flat:
    """Return solids as rows for `compute_overlaps`."""
    return torch.from_numpy(solids.reshape(len(solids), -1))


def compute_overlaps(solids: Flat, others: Bool[Tensor, "others voxels"]) -> Float[Tensor, "solids others"]:
    """Return intersection over union of each solid with each other one, from 0 to 1; 0 for two empty ones."""
    rows = []
    for some in solids.split(CHUNK):
        left, parts = some.float(), []
        for those in others.split(CHUNK):  # as float32 all of them together would not fit into memory
            right = those.float()
            shared = left @ right.T
            parts.append(shared / (left.sum(1)[:, None] + right.sum(1) - shared).clamp_min(1))
        rows.append(torch.cat(parts, 1))
    return torch.cat(rows)


def matching_distance(overlaps: Float[Tensor, "generated real"]) -> Float[Tensor, ""]:
    """Return the mean over real solids of 1 minus the overlap with the nearest generated one (MMD)."""
    return 1 - overlaps.amax(0).mean()


def coverage(overlaps: Float[Tensor, "generated real"]) -> Float[Tensor, ""]:
    """Return the share of real solids that are the nearest one of some generated solid (COV)."""
    return torch.tensor(overlaps.argmax(1).unique().numel() / overlaps.shape[1])
