"""Drawings of solids in an isometric view, shaded, on a floor with their shadow. Needs NumPy and Pillow only.

Each voxel is a tile of three faces (top, front, right). Tiles are painted from the farthest to the nearest, so that
near voxels cover far ones (painter's algorithm). A face is darker the more voxels surround it (ambient occlusion).
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, UInt8
from PIL import Image

from axone.data.voxels.voxels import Solid

# The colors of the classes; further classes use them again.
COLORS = np.array(
    [(94, 129, 172), (201, 137, 84), (111, 153, 107), (178, 102, 112), (150, 122, 170), (190, 165, 90)], np.float64
)
_LIGHT = np.array([1.12, 0.88, 0.66])  # brightness of the top, the front and the right face
_REACH = 2  # voxels in each direction that darken a face
_SUPERSAMPLING = 2  # factor by which the drawing is larger before it is resized
_SHADOW, _MARGIN = 0.3, 5  # darkest shadow; voxels of floor around the solid


class _Tile(NamedTuple):
    """The pixels of one voxel: positions relative to the upper corner of its top face, and the face of each pixel."""

    right: Int[np.ndarray, " pixels"]
    down: Int[np.ndarray, " pixels"]
    face: Int[np.ndarray, " pixels"]


def draw_solid(solid: Solid, side: int = 176, color: int = 0) -> UInt8[np.ndarray, "side side 3"]:
    """Draw a solid in a square of `side` pixels; `color` is the index of its class."""
    size = max(solid.shape)
    half_width = max(2, 2 * round(_SUPERSAMPLING * side / (4.4 * size)))  # of a tile
    tile_height = round(1.1 * half_width)
    width, height = 2 * half_width * size, (half_width + tile_height) * size
    edge = round(1.06 * max(width, height))
    canvas = np.full((edge, edge, 3), 255.0)
    # The position of the corner (0, 0, 0) if the cube is centered on the canvas.
    origin = (edge // 2, (edge - height) // 2 + tile_height * size)
    _paint(canvas, origin, *_shade_floor(solid), half_width, tile_height)
    _paint(canvas, origin, *_shade_faces(solid, COLORS[color % len(COLORS)]), half_width, tile_height)
    image = Image.fromarray(canvas.clip(0, 255).round().astype(np.uint8))
    return np.asarray(image.resize((side, side), Image.Resampling.LANCZOS))


def _shade_faces(solid: Solid, color: Float[np.ndarray, 3]) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions (x, nearness, z) of the visible voxels, and the colors of their three faces."""
    near = solid[:, ::-1]  # the second axis points towards the viewer now, as the other two do
    padded = np.pad(near, _REACH + 1).astype(np.float64)
    density = _box_blur(padded, _REACH)
    inner = slice(_REACH + 1, -_REACH - 1)
    ahead = slice(_REACH + 2, -_REACH or None)
    uncovered, light = [], []
    for neighbor, shade in zip(((ahead, inner, inner), (inner, ahead, inner), (inner, inner, ahead)), _LIGHT):
        uncovered.append(padded[neighbor] == 0)
        # In front of a flat wall two of the five layers of the box are full: that is not a corner yet.
        light.append(shade * (1 - 0.8 * np.clip(density[neighbor] - _REACH / (2 * _REACH + 1), 0, 1)))
    visible = near & np.logical_or.reduce(uncovered)
    z, y, x = np.nonzero(visible)
    shades = np.stack([each[visible] for each in light], axis=1) * (0.9 + 0.1 * z / max(1, len(solid) - 1))[:, None]
    return np.stack([x, y, z], axis=1), shades[:, :, None] * color


def _shade_floor(solid: Solid) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of the floor that lie in shadow, one voxel below the solid, and their colors."""
    height = np.arange(len(solid))[:, None, None]
    weight = (solid[:, ::-1] * np.exp(-height / (0.3 * len(solid)))).max(0)
    dark = _box_blur(_box_blur(np.pad(weight, _MARGIN), 2), 2)
    y, x = np.nonzero(dark > 0.01)
    positions = np.stack([x - _MARGIN, y - _MARGIN, np.full_like(x, -1)], axis=1)
    colors = np.zeros((len(x), 3, 3))
    colors[:, :] = (255 * (1 - _SHADOW * dark[y, x]))[:, None, None]
    return positions, colors


def _paint(
    canvas: Float[np.ndarray, "height width 3"],
    origin: tuple[int, int],
    positions: Int[np.ndarray, "voxels 3"],
    colors: Float[np.ndarray, "voxels faces 3"],
    half_width: int,
    tile_height: int,
) -> None:
    """Paint the tiles of voxels, the farthest first."""
    order = positions.sum(1).argsort(kind="stable")
    x, y, z = positions[order].T
    tile = _make_tile(half_width, tile_height)
    across = origin[0] + ((x - y) * half_width)[:, None] + tile.right
    down = origin[1] + ((x + y) * (half_width // 2) - (z + 1) * tile_height)[:, None] + tile.down
    inside = (across >= 0) & (across < canvas.shape[1]) & (down >= 0) & (down < canvas.shape[0])
    if (positions[:, 2] < 0).all():
        inside &= tile.face == 0  # only the top of the floor is visible
    # If several values are assigned to one pixel, NumPy keeps the last one: that of the nearest voxel.
    canvas[down[inside], across[inside]] = colors[order][:, tile.face][inside]


@cache
def _make_tile(half_width: int, tile_height: int) -> _Tile:
    right, down = np.meshgrid(np.arange(-half_width, half_width), np.arange(half_width + tile_height))
    across = np.abs(right + 0.5)
    upper, lower = across / 2, half_width - across / 2  # the edges of the top face: a rhombus twice as wide as high
    middle = down + 0.5
    top = (middle >= upper) & (middle < lower)
    sides = (middle >= lower) & (middle < lower + tile_height)
    face = np.where(top, 0, np.where(right < 0, 1, 2))
    covered = top | sides
    return _Tile(right[covered], down[covered], face[covered])


def _box_blur(values: Float[np.ndarray, ...], reach: int) -> Float[np.ndarray, ...]:
    """Return the mean over the box that reaches `reach` voxels in each direction; values outside count as zero."""
    for axis in range(values.ndim):
        sums = np.cumsum(
            np.moveaxis(
                np.pad(values, [(reach + 1, reach) if axis == a else (0, 0) for a in range(values.ndim)]), axis, 0
            ),
            0,
        )
        window = 2 * reach + 1
        values = np.moveaxis((sums[window:] - sums[:-window]) / window, 0, axis)
    return values
