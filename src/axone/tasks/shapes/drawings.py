"""Solids as pictures: seen from above at a corner, shaded, on a floor with their shadow. NumPy alone.

The view is the one of old building games: each voxel is a tile of three faces (top, front, right), laid down from
the farthest to the nearest, so that what is in front covers what is behind (painter's algorithm). A face is darker
the more there is around it (ambient occlusion).
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, UInt8
from PIL import Image

from axone.data.voxels.voxels import Solid

# Colors of classes, in turn.
COLORS = np.array(
    [(94, 129, 172), (201, 137, 84), (111, 153, 107), (178, 102, 112), (150, 122, 170), (190, 165, 90)], np.float64
)
_LIGHT = np.array([1.12, 0.88, 0.66])  # of the top, the front, the right face
_AROUND = 2  # voxels to each side that darken a face
_FINE = 2  # times larger drawn than shown
_SHADOW, _MARGIN = 0.3, 5  # darkest shadow; voxels of floor around the solid


class _Tile(NamedTuple):
    """The pixels of one voxel: places from the upper corner of its top face on, and which face each shows."""

    right: Int[np.ndarray, " pixels"]
    down: Int[np.ndarray, " pixels"]
    face: Int[np.ndarray, " pixels"]


def rendered(solid: Solid, side: int = 176, color: int = 0) -> UInt8[np.ndarray, "side side 3"]:
    """Draw a solid in a square of `side` pixels; `color` is a class."""
    size = max(solid.shape)
    wide = max(2, 2 * round(_FINE * side / (4.4 * size)))  # half the width of a tile
    high = round(1.1 * wide)
    width, height = 2 * wide * size, (wide + high) * size
    edge = round(1.06 * max(width, height))
    canvas = np.full((edge, edge, 3), 255.0)
    # Where the corner (0, 0, 0) of the cube is: the cube lies in the middle of the canvas.
    origin = (edge // 2, (edge - height) // 2 + high * size)
    _paint(canvas, origin, *_floor(solid), wide, high)
    _paint(canvas, origin, *_faces(solid, COLORS[color % len(COLORS)]), wide, high)
    image = Image.fromarray(canvas.clip(0, 255).round().astype(np.uint8))
    return np.asarray(image.resize((side, side), Image.Resampling.LANCZOS))


def _faces(solid: Solid, color: Float[np.ndarray, 3]) -> tuple[np.ndarray, np.ndarray]:
    """Return the voxels that can be seen (x, nearness, z), and the colors of their three faces."""
    near = solid[:, ::-1]  # the second axis counts towards the viewer now, as the other two do
    room = np.pad(near, _AROUND + 1).astype(np.float64)
    crowd = _blurred(room, _AROUND)
    inner = slice(_AROUND + 1, -_AROUND - 1)
    ahead = slice(_AROUND + 2, -_AROUND or None)
    bare, light = [], []
    for place, shade in zip(((ahead, inner, inner), (inner, ahead, inner), (inner, inner, ahead)), _LIGHT):
        bare.append(room[place] == 0)
        # Before an endless wall a cube of five has two full layers: that much is no corner yet.
        light.append(shade * (1 - 0.8 * np.clip(crowd[place] - _AROUND / (2 * _AROUND + 1), 0, 1)))
    seen = near & np.logical_or.reduce(bare)
    z, y, x = np.nonzero(seen)
    shades = np.stack([each[seen] for each in light], axis=1) * (0.9 + 0.1 * z / max(1, len(solid) - 1))[:, None]
    return np.stack([x, y, z], axis=1), shades[:, :, None] * color


def _floor(solid: Solid) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the floor that lie in shadow, one voxel below the solid, and their colors."""
    height = np.arange(len(solid))[:, None, None]
    weight = (solid[:, ::-1] * np.exp(-height / (0.3 * len(solid)))).max(0)
    dark = _blurred(_blurred(np.pad(weight, _MARGIN), 2), 2)
    y, x = np.nonzero(dark > 0.01)
    places = np.stack([x - _MARGIN, y - _MARGIN, np.full_like(x, -1)], axis=1)
    colors = np.zeros((len(x), 3, 3))
    colors[:, :] = (255 * (1 - _SHADOW * dark[y, x]))[:, None, None]
    return places, colors


def _paint(
    canvas: Float[np.ndarray, "height width 3"],
    origin: tuple[int, int],
    places: Int[np.ndarray, "voxels 3"],
    colors: Float[np.ndarray, "voxels faces 3"],
    wide: int,
    high: int,
) -> None:
    """Lay the tiles of voxels down, the farthest first."""
    order = places.sum(1).argsort(kind="stable")
    x, y, z = places[order].T
    tile = _tile(wide, high)
    across = origin[0] + ((x - y) * wide)[:, None] + tile.right
    down = origin[1] + ((x + y) * (wide // 2) - (z + 1) * high)[:, None] + tile.down
    inside = (across >= 0) & (across < canvas.shape[1]) & (down >= 0) & (down < canvas.shape[0])
    if (places[:, 2] < 0).all():
        inside &= tile.face == 0  # of the floor only what lies on top
    # Where several are assigned to one pixel NumPy keeps the last: the nearest.
    canvas[down[inside], across[inside]] = colors[order][:, tile.face][inside]


@cache
def _tile(wide: int, high: int) -> _Tile:
    right, down = np.meshgrid(np.arange(-wide, wide), np.arange(wide + high))
    across = np.abs(right + 0.5)
    upper, lower = (
        across / 2,
        wide - across / 2,
    )  # of the top face: a rhombus twice as wide as high
    middle = down + 0.5
    top = (middle >= upper) & (middle < lower)
    sides = (middle >= lower) & (middle < lower + high)
    face = np.where(top, 0, np.where(right < 0, 1, 2))
    kept = top | sides
    return _Tile(right[kept], down[kept], face[kept])


def _blurred(values: Float[np.ndarray, ...], reach: int) -> Float[np.ndarray, ...]:
    """Return the mean over the cube (or square) that reaches so far to each side; outside is nothing."""
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
