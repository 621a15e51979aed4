"""Whether the triangles of a mesh form a closed surface, by the places of their corners.

Files split vertices: STL repeats them for every triangle, and OBJ, PLY and glTF where texture coordinates or normals
differ. Corners at the same place are therefore one vertex here, and so are corners that only rounding separates.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from jaxtyping import Bool, Float, Int64

Triangles = Float[np.ndarray, "triangles 3 3"]
Faces = Int64[np.ndarray, "faces 3"]

MERGE_DISTANCE = 2e-6  # of the longest side of the mesh: above the rounding of float32 coordinates


def is_closed(triangles: Triangles) -> bool:
    """Return whether the triangles have no border: every edge belongs to two of them, or to another even number.

    Corners that are closer than half of `MERGE_DISTANCE` times the longest side along each axis are one vertex, where
    the surface has a border without that.
    """
    corners = triangles.reshape(-1, 3)
    faces = _number_rows(corners).reshape(-1, 3)
    on_border = _find_border(faces)
    if not on_border.any():
        return True
    merged, loose = np.arange(len(on_border)), np.flatnonzero(on_border)
    points = np.empty((len(on_border), 3))
    points[faces.reshape(-1)] = corners
    merged[loose] = loose[_merge(points[loose], MERGE_DISTANCE * float(np.ptp(corners, axis=0).max()))]
    return not _find_border(merged[faces]).any()


def _number_rows(rows: Float[np.ndarray, "rows 3"]) -> Int64[np.ndarray, " rows"]:
    """Return a number from 0 for each row, equal for equal rows; numpy.unique takes ten times as long."""
    order = np.lexsort(rows.T)
    ordered = rows[order]
    numbers = np.empty(len(rows), dtype=np.int64)
    numbers[order] = np.concatenate([[0], np.cumsum((ordered[1:] != ordered[:-1]).any(1))])
    return numbers


def _find_border(faces: Faces) -> Bool[np.ndarray, " vertices"]:
    """Return which vertices are on an edge that belongs to an odd number of faces."""
    count = int(faces.max()) + 1
    one, two, three = faces.T
    faces = faces[(one != two) & (two != three) & (three != one)]  # without faces that merging reduced to an edge
    edges = np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    codes, uses = np.unique(edges[:, 0] * count + edges[:, 1], return_counts=True)
    odd = codes[uses % 2 == 1]
    on_border = np.zeros(count, dtype=bool)
    on_border[odd // count] = on_border[odd % count] = True
    return on_border


def _merge(points: Float[np.ndarray, "points 3"], distance: float) -> Int64[np.ndarray, " points"]:
    """Return a number for each point, equal for points that share a cell of side `distance`.

    Points on the two sides of a cell's border are found by shifting the cells by half their side along each axis.
    """
    labels, before = np.arange(len(points)), None
    places = (points - points.min(0)) / distance
    while before is None or not np.array_equal(labels, before):
        before = labels
        for shift in product((0.0, 0.5), repeat=3):
            cell = _number_rows(np.floor(places + shift))
            lowest = np.full(len(points), len(points))
            np.minimum.at(lowest, cell, labels)
            labels = lowest[cell]
    return labels
