"""Blur some images of a batch and add noise to some, as a bad lens and a bad sensor do."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.images.augment.base import Change, Floats, apply_where


@dataclass(frozen=True)
class BlurNoise:
    """How many images are blurred or get noise, and how much. Amounts are uniform from 0 to the maximum.

    Args:
        blur_probability: Of an image to be blurred.
        max_blur: The largest standard deviation of the Gaussian kernel, as a fraction of the shorter side.
        noise_probability: Of an image to get noise.
        max_noise: The largest standard deviation of the noise, as a fraction of the range from black to white.
    """

    blur_probability: float = 0.0
    max_blur: float = 0.02
    noise_probability: float = 0.0
    max_noise: float = 0.1


def degrade(ranges: BlurNoise) -> Change:
    """Return the change that blurs some of the images, then adds Gaussian noise to some."""

    def change(pixels: Floats, generator: torch.Generator) -> Floats:
        batch, _, height, width = pixels.shape
        place = generator.device
        uniform = torch.rand(4, batch, generator=generator, device=place).to(pixels.device)

        def blur_some(some: Tensor, rows: Tensor) -> Tensor:
            return blur(some, uniform[1, rows] * ranges.max_blur * min(height, width))

        def add_noise(some: Tensor, rows: Tensor) -> Tensor:
            noise = torch.randn(some.shape, generator=generator, device=place).to(pixels.device)
            return some + noise.mul_(255 * ranges.max_noise * uniform[3, rows][:, None, None, None])

        if ranges.blur_probability:
            pixels = apply_where(uniform[0] < ranges.blur_probability, pixels, blur_some)
        if ranges.noise_probability:
            pixels = apply_where(uniform[2] < ranges.noise_probability, pixels, add_noise)
        return pixels

    return change


def blur(pixels: Floats, deviations: Float[Tensor, " batch"]) -> Floats:
    """Blur each image by a Gaussian of its own standard deviation in pixels; 0 leaves it unchanged.

    Rows and columns are multiplied by a matrix of weights, which sum to 1 also at the border.
    """
    down, right = (_gaussian_weights(deviations, length)[:, None] for length in pixels.shape[2:])
    return down @ pixels @ right.mT


def _gaussian_weights(deviations: Float[Tensor, " batch"], length: int) -> Float[Tensor, "batch length length"]:
    position = torch.arange(length, device=deviations.device)
    distance = (position[:, None] - position).square()
    # A deviation near 0 would divide 0 by 0; at a tenth of a pixel the weight of the neighbors is 0 already.
    return (-distance / (2 * deviations.clamp_min(0.1).square()[:, None, None])).softmax(2)
