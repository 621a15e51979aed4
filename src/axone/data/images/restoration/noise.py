"""Noise that degrades images on purpose, so that a network can learn to remove it.

Pixels count from 0 (black) to 1 (white) and are clipped there, as a sensor and a file do. The level says how much:

    gaussian      the standard deviation of the sum: the same in dark and bright places
    salt-pepper   the fraction of pixels that become black or white
    speckle       the standard deviation of the factor, around 1, by which each value is multiplied
    blur          the width of a Gaussian blur: its standard deviation in pixels is 4 times the level
    mask          the fraction of squares of 4 x 4 pixels that become black
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.data.images.augment import blur_noise
from axone.data.images.augment.base import apply_where

BLUR = 4.0  # standard deviation in pixels at level 1
SQUARE = 4  # side of a masked square, in pixels

Images = Float[Tensor, "batch channels height width"]  # from 0 to 1
Levels = Float[Tensor, " batch"]


class NoisyImages(NamedTuple):
    """Degraded images, and how each was degraded."""

    pixels: Images
    kinds: Int64[Tensor, " batch"]  # positions in `Noise.kinds`
    levels: Levels


@dataclass(frozen=True)
class Noise:
    """Kinds of noise, of which each image gets one, at a level of its own.

    Args:
        kinds: Names of `KINDS`. All have the same probability.
        min_level: The lowest level.
        max_level: The highest level. Levels are uniform between the two.
    """

    kinds: tuple[str, ...]
    min_level: float
    max_level: float

    def __call__(self, pixels: Images, generator: torch.Generator) -> NoisyImages:
        """Degrade a batch. All draws come from the generator, on its own device."""
        count, place = len(pixels), generator.device
        kinds = torch.randint(len(self.kinds), (count,), generator=generator, device=place).to(pixels.device)
        uniform = torch.rand(count, generator=generator, device=place).to(pixels.device)
        levels = self.min_level + (self.max_level - self.min_level) * uniform
        noisy = pixels
        for number, kind in enumerate(self.kinds):

            def degrade(some: Tensor, rows: Tensor, kind: str = kind) -> Tensor:
                return KINDS[kind](some, levels[rows], generator).clamp(0, 1)

            noisy = apply_where(kinds == number, noisy, degrade)
        return NoisyImages(noisy, kinds, levels)


def gaussian(pixels: Images, levels: Levels, generator: torch.Generator) -> Images:
    """Add a normal number to each value."""
    return pixels + _draw_normal(pixels, generator) * _per_image(levels)


def speckle(pixels: Images, levels: Levels, generator: torch.Generator) -> Images:
    """Multiply each value by a normal number around 1, as radar and ultrasound do."""
    return pixels + pixels * _draw_normal(pixels, generator) * _per_image(levels)


def salt_pepper(pixels: Images, levels: Levels, generator: torch.Generator) -> Images:
    """Make some pixels black or white, in all channels alike."""
    shape = (len(pixels), 1, *pixels.shape[2:])
    uniform = torch.rand(shape, generator=generator, device=generator.device).to(pixels.device)
    half = _per_image(levels) / 2
    return pixels.masked_fill(uniform < half, 0.0).masked_fill(uniform > 1 - half, 1.0)


def blur(pixels: Images, levels: Levels, generator: torch.Generator) -> Images:
    """Blur each image, as a lens out of focus does."""
    return blur_noise.blur(pixels, BLUR * levels)


def mask(pixels: Images, levels: Levels, generator: torch.Generator) -> Images:
    """Make squares of a grid black, as dirt and lost packets do."""
    batch, _, height, width = pixels.shape
    rows, columns = (-(-length // SQUARE) for length in (height, width))
    uniform = torch.rand(batch, 1, rows, columns, generator=generator, device=generator.device).to(pixels.device)
    masked = uniform < _per_image(levels)
    grid = masked.repeat_interleave(SQUARE, 2).repeat_interleave(SQUARE, 3)[:, :, :height, :width]
    return pixels.masked_fill(grid, 0.0)


KINDS: dict[str, Callable[[Images, Levels, torch.Generator], Images]] = {
    "gaussian": gaussian,
    "salt-pepper": salt_pepper,
    "speckle": speckle,
    "blur": blur,
    "mask": mask,
}


def _per_image(levels: Levels) -> Float[Tensor, "batch 1 1 1"]:
    return levels[:, None, None, None]


def _draw_normal(pixels: Images, generator: torch.Generator) -> Images:
    return torch.randn(pixels.shape, generator=generator, device=generator.device).to(pixels.device)
