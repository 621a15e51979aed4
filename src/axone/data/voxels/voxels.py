"""Solids made of voxels: their connected components, their interior, and their surface as a mesh file.

A solid is a boolean array (height, depth, width): a stack of floor plans from the floor up, each from front to back
and from left to right. One voxel is one unit; in files x points right, y back and z up.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int, Int32

Solid = Bool[np.ndarray, "height depth width"]
Solids = Bool[np.ndarray, "solids height depth width"]
Components = Int32[np.ndarray, "solids height depth width"]
Points = Float[np.ndarray, "points 3"]
Squares = Int[np.ndarray, "squares 4"]


def flood_fill(space: Solids, start: Solids) -> Solids:
    """Return which voxels of a space are connected to those of `start` through faces, inside the space.

    Each round sweeps the six directions once, so it advances along straight lines; the last round adds nothing.
    """
    reached = start & space
    count = -1
    while (now := int(reached.sum())) != count:
        count = now
        for axis in (1, 2, 3):
            here, free = np.moveaxis(reached, axis, 0), np.moveaxis(space, axis, 0)
            for place in range(1, len(here)):
                here[place] |= here[place - 1] & free[place]
            for place in range(len(here) - 2, -1, -1):
                here[place] |= here[place + 1] & free[place]
    return reached


def label_components(solids: Solids) -> Components:
    """Return a positive number for each voxel, equal for voxels that are connected through faces; 0 for empty ones.

    Every voxel starts with a number of its own, and the largest of a component spreads through it by sweeps in the
    six directions, until nothing changes.
    """
    numbers = np.arange(1, solids[0].size + 1, dtype=np.int32).reshape(solids.shape[1:])
    labels = np.where(solids, numbers, np.int32(0))
    total = -1
    while (now := int(labels.sum(dtype=np.int64))) != total:
        total = now
        for axis in (1, 2, 3):
            here, full = np.moveaxis(labels, axis, 0), np.moveaxis(solids, axis, 0)
            ahead = [(place, place - 1) for place in range(1, len(here))]
            for place, before in [*ahead, *((before, place) for place, before in reversed(ahead))]:
                np.maximum(here[place], here[before], out=here[place], where=full[place])
    return labels


def is_connected(solids: Solids) -> Bool[np.ndarray, " solids"]:
    """Return for each solid whether all its voxels are connected through faces; False for an empty one."""
    labels = label_components(solids)
    largest = labels.max((1, 2, 3), keepdims=True)
    return (largest[:, 0, 0, 0] > 0) & ((labels == largest) == solids).all((1, 2, 3))


def largest_component(solids: Solids) -> Solids:
    """Return the component of each solid with the most voxels."""
    labels = label_components(solids)
    largest = [np.bincount(numbers[numbers > 0], minlength=2).argmax() for numbers in labels]
    return solids & (labels == np.array(largest, dtype=np.int32)[:, None, None, None])


def fill_interior(shell: Solid) -> Solid:
    """Return a shell with its interior: the voxels that cannot be reached from outside without crossing it."""
    free = ~np.pad(shell, 1)
    outside = np.zeros_like(free)
    outside[0, 0, 0] = True
    return ~flood_fill(free[None], outside[None])[0][1:-1, 1:-1, 1:-1]


def fill_occluded(shell: Solid) -> Solid:
    """Return a shell with the voxels that it hides in each of the six directions.

    This fills shells with holes, which `fill_interior` cannot; a cavity that is open to one side stays empty.
    """
    occluded = np.ones_like(shell)
    for axis in range(3):
        occluded &= np.logical_or.accumulate(shell, axis)
        occluded &= np.flip(np.logical_or.accumulate(np.flip(shell, axis), axis), axis)
    return occluded


def close_edge_gaps(solid: Solid) -> Solid:
    """Return a solid with the two gaps filled wherever voxels touch along an edge alone.

    At such an edge four squares of the surface meet, and which two belong together is ambiguous; without such edges
    the surface is watertight. Both gaps are filled, which preserves symmetry.
    """
    solid = solid.copy()
    count = -1
    while (now := int(solid.sum())) != count:
        count = now
        for first, second in ((0, 1), (0, 2), (1, 2)):
            plane = np.moveaxis(solid, (first, second), (0, 1))  # a view of the solid
            a, b, c, d = plane[:-1, :-1], plane[:-1, 1:], plane[1:, :-1], plane[1:, 1:]
            rising, falling = b & c & ~a & ~d, a & d & ~b & ~c
            for gap, lone in ((a, rising), (d, rising), (b, falling), (c, falling)):
                gap |= lone
    return solid


def surface_mesh(solid: Solid) -> tuple[Points, Squares]:
    """Return the squares between full and empty voxels: points (x, y, z), and the four points of each square.

    Seen from outside, the points of a square run counterclockwise. Each edge has two squares, or four where voxels
    touch along an edge alone (see `close_edge_gaps`).
    """
    padded = np.pad(solid, 1).transpose(2, 1, 0)  # x, y, z
    corners = []
    for axis in range(3):
        one, two = np.eye(3, dtype=np.int64)[[(axis + 1) % 3, (axis + 2) % 3]]
        away = np.eye(3, dtype=np.int64)[axis]
        for side, around in (
            (0, (0 * one, two, one + two, one)),
            (1, (away, away + one, away + one + two, away + two)),
        ):
            bare = padded & ~np.roll(padded, -1 if side else 1, axis)
            corners.append((np.argwhere(bare) - 1)[:, None] + np.stack(around))
    places = np.concatenate(corners).reshape(-1, 3)
    used, squares = np.unique(places, axis=0, return_inverse=True)
    return used.astype(np.float64), squares.reshape(-1, 4)


def to_obj(solid: Solid, name: str = "shape") -> bytes:
    """Return the surface of a solid as a Wavefront OBJ file of squares. The surface is watertight."""
    points, squares = surface_mesh(close_edge_gaps(solid))
    lines = [f"# {len(squares)} squares, one unit a voxel, z up", f"o {''.join(name.split()) or 'shape'}"]
    lines += [f"v {x:g} {y:g} {z:g}" for x, y, z in points.tolist()]
    lines += [f"f {a} {b} {c} {d}" for a, b, c, d in (squares + 1).tolist()]
    return ("\n".join(lines) + "\n").encode()


_STL = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("unused", "<u2")])


def to_stl(solid: Solid) -> bytes:
    """Return the surface of a solid as a binary STL file, with two triangles per square. The surface is watertight."""
    points, squares = surface_mesh(close_edge_gaps(solid))
    corners = points[squares[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3)]
    triangles = np.zeros(len(corners), _STL)
    triangles["corners"] = corners
    triangles["normal"] = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    head = b"Axone, one unit a voxel, z up".ljust(80, b"\0")
    return head + np.uint32(len(triangles)).tobytes() + triangles.tobytes()
