"""What spoils pictures on purpose, so that a network can learn to undo it: a batch at a time, each in its own way.

Pixels count from 0 (black) to 1 (white) and are cut off there, as a sensor and a file do. A level says how much:

    gaussian      the standard deviation of what is added to each value, alike in dark and bright places
    salt-pepper   the share of pixels that become black or white
    speckle       the standard deviation of the factor (around 1) by which each value is multiplied
    blur          the width of a Gaussian blur: its standard deviation in pixels is 4 times the level
    mask          the share of squares of 4 x 4 pixels that become black
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.data.images.augment import blur_noise

BLUR = 4.0  # pixels of standard deviation at level 1
SQUARE = 4  # side of what a mask hides, in pixels

Shares = Float[Tensor, "batch channels height width"]  # pixels counted from 0 to 1
Levels = Float[Tensor, " batch"]


class NoisyImages(NamedTuple):
    """Pictures that were spoilt, and how."""

    pixels: Shares
    kinds: Int64[Tensor, " batch"]  # positions in `Noise.kinds`
    levels: Levels


@dataclass(frozen=True)
class Noise:
    """The kinds of noise, of which each picture gets one, as likely as any other, at a level drawn evenly."""

    kinds: tuple[str, ...]
    min_level: float
    max_level: float

    def __call__(self, pixels: Shares, generator: torch.Generator) -> NoisyImages:
        """Spoil a batch. All chance comes from the generator, on the processor: every device sees the same noise."""
        kinds = torch.randint(len(self.kinds), (len(pixels),), generator=generator)
        levels = self.min_level + (self.max_level - self.min_level) * torch.rand(len(pixels), generator=generator)
        spoilt = pixels
        for number, kind in enumerate(self.kinds):
            members = (kinds == number).nonzero().flatten()
            if len(members):
                place = members.to(pixels.device)
                changed = KINDS[kind](pixels[place], levels[members].to(pixels.device), generator)
                spoilt = spoilt.index_copy(0, place, changed.clamp(0, 1))
        return NoisyImages(spoilt, kinds.to(pixels.device), levels.to(pixels.device))


def gaussian(pixels: Shares, levels: Levels, generator: torch.Generator) -> Shares:
    """Add to each value a number of its own."""
    return pixels + _normal(pixels, generator) * _spread(levels)


def speckle(pixels: Shares, levels: Levels, generator: torch.Generator) -> Shares:
    """Multiply each value by a number of its own around 1, as radar and ultrasound do."""
    return pixels + pixels * _normal(pixels, generator) * _spread(levels)


def salt_pepper(pixels: Shares, levels: Levels, generator: torch.Generator) -> Shares:
    """Make some pixels black or white, in all channels alike."""
    chance = torch.rand(len(pixels), 1, *pixels.shape[2:], generator=generator).to(pixels.device)
    half = _spread(levels) / 2
    return pixels.masked_fill(chance < half, 0.0).masked_fill(chance > 1 - half, 1.0)


def blur(pixels: Shares, levels: Levels, generator: torch.Generator) -> Shares:
    """Blur each picture, as a lens out of focus does."""
    return blur_noise.blur(pixels, BLUR * levels)


def mask(pixels: Shares, levels: Levels, generator: torch.Generator) -> Shares:
    """Hide squares of a grid, as dirt and lost packets do."""
    batch, _, height, width = pixels.shape
    rows, columns = (-(-length // SQUARE) for length in (height, width))
    hidden = torch.rand(batch, 1, rows, columns, generator=generator).to(pixels.device) < _spread(levels)
    grid = hidden.repeat_interleave(SQUARE, 2).repeat_interleave(SQUARE, 3)[:, :, :height, :width]
    return pixels.masked_fill(grid, 0.0)


KINDS: dict[str, Callable[[Shares, Levels, torch.Generator], Shares]] = {
    "gaussian": gaussian,
    "salt-pepper": salt_pepper,
    "speckle": speckle,
    "blur": blur,
    "mask": mask,
}


def _spread(levels: Levels) -> Float[Tensor, "batch 1 1 1"]:
    return levels[:, None, None, None]


def _normal(pixels: Shares, generator: torch.Generator) -> Shares:
    return torch.randn(pixels.shape, generator=generator).to(pixels.device)
