"""Turn, mirror, move, scale, shear, tilt and bend a batch of pictures, all in one resampling.

Every picture gets one homography (a 3x3 matrix) that holds its rotation, flips, shear, scale, translation and
perspective, and a few control points whose movements bend it. Both are linear in functions of the place that are the
same for all pictures, so one matrix product says for each pixel of the batch where its value comes from:

    (3 batch, 3 + points) @ (3 + points, height width)

Pictures are interpolated once, however many changes there are: nothing is blurred twice. A map that takes pixel
centers to pixel centers (flips, whole pixels, quarter turns of a square) gives the very same bytes after rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import torch
import torch.nn.functional as functional
from jaxtyping import Float
from torch import Tensor

from axone.data.images.augment.base import Change, Floats

POINTS = 4  # control points of the bending, along each side
Border = Literal["zeros", "border", "reflection"]


@dataclass(frozen=True)
class Geometry:
    """How much pictures are moved about. Each is drawn evenly from its range, afresh for each picture."""

    rotation: float = 0.0  # degrees, either way
    flip_left_right: float = 0.0  # share of the pictures
    flip_up_down: float = 0.0  # share of the pictures
    translation: float = 0.0  # share of the side, either way, along each side
    scale: float = 0.0  # 0.25: from 1 / 1.25 to 1.25 times as large
    shear: float = 0.0  # degrees, either way
    perspective: float = 0.0  # 0.2: an edge may come nearer or go farther by that share of its distance; below 0.5
    elastic: float = 0.0  # share of the side by which each control point moves, either way
    border: Border = "zeros"  # what lies outside: black, the outermost pixels, or the picture mirrored


def warp(ranges: Geometry) -> Change:
    """Return the change that draws a place, size, tilt and bend for each picture and resamples the batch once."""
    if not 0 <= ranges.perspective < 0.5:
        raise ValueError(f"perspective must be from 0 to less than 0.5, not {ranges.perspective}")

    def change(pixels: Floats, generator: torch.Generator) -> Floats:
        batch, _, height, width = pixels.shape
        chance = torch.rand(9, batch, generator=generator)
        either_way = 2 * chance - 1
        maps = homography(
            (height, width),
            rotation=ranges.rotation * either_way[0],
            shear=ranges.shear * either_way[1],
            scale=(1 + ranges.scale) ** either_way[2],
            translation=(ranges.translation * width * either_way[3], ranges.translation * height * either_way[4]),
            perspective=(ranges.perspective * either_way[5], ranges.perspective * either_way[6]),
            mirrored=(chance[7] < ranges.flip_left_right, chance[8] < ranges.flip_up_down),
        )
        bends = None
        if ranges.elastic:
            bends = ranges.elastic * (2 * torch.rand(batch, 2, POINTS, POINTS, generator=generator) - 1)
            bends = bends.to(pixels.device)
        return resample(pixels, maps.to(pixels.device), bends, ranges.border)

    return change


Each = Tensor | float  # one number for each picture, or one for all


def homography(
    size: tuple[int, int],
    *,
    rotation: Each = 0.0,
    shear: Each = 0.0,
    scale: Each = 1.0,
    translation: tuple[Each, Each] = (0.0, 0.0),
    perspective: tuple[Each, Each] = (0.0, 0.0),
    mirrored: tuple[Tensor | bool, Tensor | bool] = (False, False),
) -> Float[Tensor, "batch 3 3"]:
    """Return, for pictures of `size` (height, width), the matrix that takes a place to the place its value comes from.

    Places are counted in pixels from the picture's center, x to the right, y downwards. The picture is mirrored
    (left to right, upside down), scaled, sheared along x (degrees), turned counterclockwise (degrees), moved by
    `translation` (pixels to the right, pixels down), then tilted by `perspective`: the value at the right (lower) edge
    comes from 1 / (1 + p) of the distance, that at the left (upper) one from 1 / (1 - p).
    """
    height, width = size
    given = (rotation, shear, scale, *translation, *perspective, *mirrored)
    turn, slant, factor, right, down, tilt_x, tilt_y, mirror_x, mirror_y = torch.broadcast_tensors(
        *(torch.as_tensor(each, dtype=torch.float64).reshape(-1) for each in given)
    )
    cosine, sine, slope = torch.cos(turn.deg2rad()), torch.sin(turn.deg2rad()), torch.tan(slant.deg2rad())
    # Backwards: move back, turn back, shear back, scale back, mirror back.
    along_x, along_y = (1 - 2 * mirror_x) / factor, (1 - 2 * mirror_y) / factor
    a, b = along_x * (cosine - slope * sine), -along_x * (sine + slope * cosine)
    c, d = along_y * sine, along_y * cosine
    rows = (
        (a, b, -(a * right + b * down)),
        (c, d, -(c * right + d * down)),
        (tilt_x * 2 / width, tilt_y * 2 / height, torch.ones_like(a)),
    )
    return torch.stack([torch.stack(row, 1) for row in rows], 1).float()


def resample(
    pixels: Floats,
    maps: Float[Tensor, "batch 3 3"],
    bends: Float[Tensor, "batch 2 points points"] | None = None,
    border: Border = "zeros",
) -> Floats:
    """Return the pictures whose values come from where `maps` says, moved on by `bends`; bilinear, one resampling.

    `bends` are movements (x, y) of a square of control points spread over the picture, as shares of its
    sides; between the points they are interpolated by cubic convolution, as in O. Ronneberger et al., U-Net,
    2015, arXiv:1505.04597. Where there is perspective, bends are seen in perspective as well.
    """
    batch, _, height, width = pixels.shape
    # grid_sample counts from -1 at a picture's one edge to 1 at the other.
    unit = torch.tensor([2 / width, 2 / height, 1.0], device=pixels.device)
    coefficients = maps * unit[:, None]
    points = 0
    if bends is not None:
        points = bends.shape[-1]
        coefficients = torch.cat([coefficients, functional.pad(2 * bends.flatten(2), (0, 0, 0, 1))], 2)
    places = coefficients.flatten(0, 1) @ _functions_of_place(height, width, points, pixels.device)
    x_and_y, depth = places.view(batch, 3, height, width).split((2, 1), 1)
    grid = x_and_y.div_(depth).permute(0, 2, 3, 1)
    return functional.grid_sample(pixels, grid, mode="bilinear", padding_mode=border, align_corners=False)


@lru_cache(maxsize=16)
def _functions_of_place(height: int, width: int, points: int, device: torch.device) -> Float[Tensor, "functions place"]:
    """Return x, y and 1 at each pixel (pixels from the center), then the weight of each control point there."""
    y, x = (torch.arange(length) - (length - 1) / 2 for length in (height, width))
    rows = [x.expand(height, width), y[:, None].expand(height, width), torch.ones(height, width)]
    if points:
        down, right = (_weights(points, length) for length in (height, width))
        rows += list(torch.einsum("ph,qw->pqhw", down, right).flatten(0, 1))
    return torch.stack(rows).flatten(1).to(device)


def _weights(points: int, length: int) -> Float[Tensor, "points length"]:
    """Return the weight of each of some points, spread evenly from end to end, at each pixel of a line."""
    one_each = torch.eye(points)[None, None]
    return functional.interpolate(one_each, size=(points, length), mode="bicubic", align_corners=True)[0, 0]
