"""Blur some pictures of a batch, and add noise to some: what a bad lens and a bad sensor do."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.images.augment.base import Change, Floats


@dataclass(frozen=True)
class BlurNoise:
    """How many pictures are blurred or get noise, and how much at most; drawn evenly from 0 on."""

    blur_probability: float = 0.0  # share of the pictures
    max_blur: float = 0.02  # standard deviation of the Gaussian, as a share of the shorter side
    noise_probability: float = 0.0  # share of the pictures
    max_noise: float = 0.1  # standard deviation of the noise, as a share of the range from black to white


def degrade(ranges: BlurNoise) -> Change:
    """Return the change that blurs some of the pictures, then adds Gaussian noise to some."""

    def change(pixels: Floats, generator: torch.Generator) -> Floats:
        batch, _, height, width = pixels.shape
        chance = torch.rand(4, batch, generator=generator)
        soft = (chance[0] < ranges.blur_probability).nonzero().flatten()
        if len(soft):
            widths = (chance[1, soft] * ranges.max_blur * min(height, width)).to(pixels.device)
            place = soft.to(pixels.device)
            pixels = pixels.index_copy(0, place, blur(pixels[place], widths))
        noisy = (chance[2] < ranges.noise_probability).nonzero().flatten()
        if len(noisy):
            noise = torch.randn(len(noisy), *pixels.shape[1:], generator=generator)
            noise *= 255 * ranges.max_noise * chance[3, noisy][:, None, None, None]
            pixels = pixels.index_add(0, noisy.to(pixels.device), noise.to(pixels.device))
        return pixels

    return change


def blur(pixels: Floats, widths: Float[Tensor, " batch"]) -> Floats:
    """Blur each picture by a Gaussian of its own standard deviation in pixels; 0 leaves it as it is.

    Rows and columns are multiplied by a matrix of weights, which sum to 1 also at the border.
    """
    down, right = (_gaussian(widths, length)[:, None] for length in pixels.shape[2:])
    return down @ pixels @ right.mT


def _gaussian(widths: Float[Tensor, " batch"], length: int) -> Float[Tensor, "batch length length"]:
    place = torch.arange(length, device=widths.device)
    distance = (place[:, None] - place).square()
    # A width that is nearly 0 would divide 0 by 0; at a tenth of a pixel the neighbors' weight is nothing already.
    return (-distance / (2 * widths.clamp_min(0.1).square()[:, None, None])).softmax(2)
