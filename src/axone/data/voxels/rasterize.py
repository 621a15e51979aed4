"""Which voxels a surface of triangles touches.

The answer depends on the surface alone, not on how it is cut into triangles or on the precision of the file: a voxel
counts as touched if the triangle overlaps it, by the separating axis theorem (Akenine-Möller, 2001, "Fast 3D
triangle-box overlap testing"), and a surface that lies on the border between two voxels touches both of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float, Int64

from axone.data.voxels.voxels import Solid

Triangles = Float[np.ndarray, "triangles 3 3"]

TOLERANCE = 1e-4  # voxels: above the rounding of float32 coordinates, so that a surface on a border touches both sides
_TOGETHER = 500_000  # pairs of a triangle and a voxel


def rasterize(triangles: Triangles, side: int) -> Solid:
    """Return the voxels that triangles touch; voxel k reaches from k - 1/2 to k + 1/2 along each axis.

    Args:
        triangles: The corners in voxels, in the order of the axes of the result; parts outside the cube are ignored.
        side: The side of the cube, in voxels.
    """
    shell = np.zeros((side, side, side), dtype=bool)
    for corners, voxels in _candidates(triangles, side):
        inside = _overlaps(corners - voxels[:, None], 0.5 + TOLERANCE)
        shell[tuple(voxels[inside].T)] = True
    return shell


def _candidates(triangles: Triangles, side: int) -> Iterator[tuple[Triangles, Int64[np.ndarray, "triangles 3"]]]:
    """Yield pairs of a triangle and a voxel in its bounding box, in groups of limited size."""
    one, two, three = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    lowest, highest = np.minimum(np.minimum(one, two), three), np.maximum(np.maximum(one, two), three)
    low = np.ceil(lowest - 0.5 - TOLERANCE).clip(0, side).astype(np.int64)
    high = np.floor(highest + 0.5 + TOLERANCE).clip(-1, side - 1).astype(np.int64)
    sizes = (high - low + 1).clip(0)
    counts = sizes.prod(1)
    groups = np.cumsum(counts) // _TOGETHER
    for group in np.split(np.arange(len(triangles)), np.flatnonzero(np.diff(groups)) + 1):
        pairs = np.repeat(group, counts[group])
        number = np.arange(len(pairs)) - np.repeat(np.cumsum(counts[group]) - counts[group], counts[group])
        rest, last = np.divmod(number, sizes[pairs, 2])
        first, middle = np.divmod(rest, sizes[pairs, 1])
        yield triangles[pairs], low[pairs] + np.stack([first, middle, last], axis=1)


def _overlaps(corners: Triangles, half: float) -> Bool[np.ndarray, " triangles"]:
    """Return whether each triangle overlaps the cube of half side `half` around the origin.

    The bounding boxes overlap already. What remains are the plane of the triangle, and the nine axes that are
    perpendicular to an edge of the triangle and to an edge of the cube.
    """
    edges = np.roll(corners, -1, axis=1) - corners
    normal = np.cross(edges[:, 0], edges[:, 1])
    distance = np.abs((normal * corners[:, 0]).sum(1))
    overlapping = np.asarray(distance <= half * np.abs(normal).sum(1))
    remaining = np.flatnonzero(overlapping)
    corners, edges = corners[remaining], edges[remaining]
    separate = np.zeros(len(remaining), dtype=bool)
    for edge in range(3):
        for axis in range(3):
            one, two = (axis + 1) % 3, (axis + 2) % 3
            direction = edges[:, edge, [one, two]]
            # Two corners of the edge have the same projection, so it and the opposite corner are enough.
            near, far = (
                direction[:, 0] * corners[:, corner, two] - direction[:, 1] * corners[:, corner, one]
                for corner in (edge, (edge + 2) % 3)
            )
            reach = half * np.abs(direction).sum(1)
            separate |= (np.minimum(near, far) > reach) | (np.maximum(near, far) < -reach)
    overlapping[remaining[separate]] = False
    return overlapping
