"""Rotate, flip, translate, scale, shear, tilt and bend a batch of images, all in one resampling.

Every image gets one homography (a 3x3 matrix), which holds its rotation, flips, shear, scale, translation and
perspective, and a few control points whose displacements bend it. Both are linear in functions of the position that
are the same for all images, so one matrix product gives for each pixel of the batch where its value comes from:

    (3 batch, 3 + points) @ (3 + points, height width)

Images are interpolated once, however many changes there are, so nothing is blurred twice. A map from pixel centers to
pixel centers (flips, whole pixels, quarter turns of a square) gives the same bytes after rounding.
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

POINTS = 4  # control points of elastic bending, along each side
Border = Literal["zeros", "border", "reflection"]


@dataclass(frozen=True)
class Geometry:
    """How much the geometry changes. Each amount is uniform in its range, and drawn for each image.

    Args:
        rotation: The largest angle in degrees, in both directions.
        flip_left_right: The probability of a horizontal flip.
        flip_up_down: The probability of a vertical flip.
        translation: The largest distance as a fraction of the side, in both directions, along each side.
        scale: 0.25: from 1 / 1.25 to 1.25 times as large.
        shear: The largest angle in degrees, in both directions.
        perspective: 0.2: an edge moves nearer or farther by at most this fraction of its distance. Below 0.5.
        elastic: The largest displacement of a control point, as a fraction of the side, in both directions.
        border: What lies outside: black, the outermost pixels, or the mirrored image.
    """

    rotation: float = 0.0
    flip_left_right: float = 0.0
    flip_up_down: float = 0.0
    translation: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    perspective: float = 0.0
    elastic: float = 0.0
    border: Border = "zeros"


def warp(ranges: Geometry) -> Change:
    """Return the change that draws a homography and a bending for each image and resamples the batch once.

    Raises ValueError for a perspective outside 0 to 0.5.
    """
    if not 0 <= ranges.perspective < 0.5:
        raise ValueError(f"perspective must be from 0 to less than 0.5, not {ranges.perspective}")

    def change(pixels: Floats, generator: torch.Generator) -> Floats:
        batch, _, height, width = pixels.shape
        device = generator.device
        uniform = torch.rand(9, batch, generator=generator, device=device)
        signed = 2 * uniform - 1
        maps = homography(
            (height, width),
            rotation=ranges.rotation * signed[0],
            shear=ranges.shear * signed[1],
            scale=(1 + ranges.scale) ** signed[2],
            translation=(ranges.translation * width * signed[3], ranges.translation * height * signed[4]),
            perspective=(ranges.perspective * signed[5], ranges.perspective * signed[6]),
            flips=(uniform[7] < ranges.flip_left_right, uniform[8] < ranges.flip_up_down),
        )
        bends = None
        if ranges.elastic:
            drawn = torch.rand(batch, 2, POINTS, POINTS, generator=generator, device=device)
            bends = (ranges.elastic * (2 * drawn - 1)).to(pixels.device)
        return resample(pixels, maps.to(pixels.device), bends, ranges.border)

    return change


PerImage = Tensor | float  # one number for each image, or one for all


def homography(
    size: tuple[int, int],
    *,
    rotation: PerImage = 0.0,
    shear: PerImage = 0.0,
    scale: PerImage = 1.0,
    translation: tuple[PerImage, PerImage] = (0.0, 0.0),
    perspective: tuple[PerImage, PerImage] = (0.0, 0.0),
    flips: tuple[Tensor | bool, Tensor | bool] = (False, False),
) -> Float[Tensor, "batch 3 3"]:
    """Return the matrices that map a position of the result to the position that its value comes from.

    Positions are in pixels from the center of the image, x to the right and y downwards. The image is flipped, scaled,
    sheared, rotated, translated, then tilted.

    Args:
        size: Height and width of the images.
        rotation: Counterclockwise, in degrees.
        shear: Along x, in degrees.
        scale: Factor of the size.
        translation: Pixels to the right, and pixels down.
        perspective: (p, q): a value at the right edge comes from 1 / (1 + p) of the distance, one at the left edge
            from 1 / (1 - p); q does the same for the lower and the upper edge.
        flips: Left to right, and upside down.
    """
    height, width = size
    numbers = (rotation, shear, scale, *translation, *perspective, *flips)
    device = next((number.device for number in numbers if isinstance(number, Tensor)), torch.device("cpu"))
    turn, slant, factor, right, down, tilt_x, tilt_y, flip_x, flip_y = torch.broadcast_tensors(
        *(torch.as_tensor(number, dtype=torch.float64, device=device).reshape(-1) for number in numbers)
    )
    cosine, sine, slope = torch.cos(turn.deg2rad()), torch.sin(turn.deg2rad()), torch.tan(slant.deg2rad())
    # The inverse of each change, from the last to the first.
    along_x, along_y = (1 - 2 * flip_x) / factor, (1 - 2 * flip_y) / factor
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
    """Return images resampled once, bilinearly, at the positions of `maps`, displaced by `bends`.

    Args:
        pixels: The images.
        maps: One homography for each image, as `homography` returns them.
        bends: Displacements (x, y) of a square grid of control points, as fractions of the sides. Between the points
            they are interpolated by cubic convolution, as in O. Ronneberger et al., U-Net, 2015, arXiv:1505.04597.
            With perspective, displacements are seen in perspective as well.
        border: What lies outside.
    """
    batch, _, height, width = pixels.shape
    # grid_sample counts from -1 at one edge of an image to 1 at the other.
    unit = torch.tensor([2 / width, 2 / height, 1.0], device=pixels.device)
    coefficients = maps * unit[:, None]
    points = 0
    if bends is not None:
        points = bends.shape[-1]
        coefficients = torch.cat([coefficients, functional.pad(2 * bends.flatten(2), (0, 0, 0, 1))], 2)
    positions = coefficients.flatten(0, 1) @ _position_functions(height, width, points, pixels.device)
    x_and_y, depth = positions.view(batch, 3, height, width).split((2, 1), 1)
    grid = x_and_y.div_(depth).permute(0, 2, 3, 1)
    return functional.grid_sample(pixels, grid, mode="bilinear", padding_mode=border, align_corners=False)


@lru_cache(maxsize=16)
def _position_functions(height: int, width: int, points: int, device: torch.device) -> Float[Tensor, "functions place"]:
    """Return x, y and 1 at each pixel (in pixels from the center), then the weight of each control point there."""
    y, x = (torch.arange(length) - (length - 1) / 2 for length in (height, width))
    rows = [x.expand(height, width), y[:, None].expand(height, width), torch.ones(height, width)]
    if points:
        down, right = (_point_weights(points, length) for length in (height, width))
        rows += list(torch.einsum("ph,qw->pqhw", down, right).flatten(0, 1))
    return torch.stack(rows).flatten(1).to(device)


def _point_weights(points: int, length: int) -> Float[Tensor, "points length"]:
    """Return the weight of each of several points, spread evenly from end to end, at each pixel of a line."""
    units = torch.eye(points)[None, None]
    return functional.interpolate(units, size=(points, length), mode="bicubic", align_corners=True)[0, 0]
