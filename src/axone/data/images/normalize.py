"""Normalization of images, in one place: training, evaluation, prediction and export compute the same bits."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

MINUS_ONE_TO_ONE = ((0.5,), (0.5,))
"""The mean and the standard deviation by which pixels are normalized to -1 ... 1, the range of tanh."""


def normalize(
    pixels: UInt8[Tensor, "batch height width channels"], mean: Sequence[float], std: Sequence[float]
) -> Float[Tensor, "batch channels height width"]:
    """Return (pixel / 255 - mean) / std per channel, in float32 and channels-last memory format."""
    height, width, channels = pixels.shape[1:]
    scale, offset = compute_scale_and_offset((height, width, channels), mean, std)
    return scale_and_shift(pixels, scale.to(pixels.device), offset.to(pixels.device))


class Normalize(nn.Module):
    """The function `normalize` for images of one size, as a module.

    Args:
        shape: Height, width and channels of the images.
        mean: The mean of each channel, or one for all, for pixels from 0 to 1.
        std: The standard deviation of each channel, or one for all.
    """

    scale: Tensor
    offset: Tensor

    def __init__(self, shape: tuple[int, int, int], mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        scale, offset = compute_scale_and_offset(shape, mean, std)
        self.register_buffer("scale", scale, persistent=False)
        self.register_buffer("offset", offset, persistent=False)

    def forward(
        self, pixels: UInt8[Tensor, "batch height width channels"]
    ) -> Float[Tensor, "batch channels height width"]:
        """Normalize a batch of images."""
        return scale_and_shift(pixels, self.scale, self.offset)


def to_unit_range(
    images: Float[Tensor, "*batch channels height width"],
) -> Float[Tensor, "*batch channels height width"]:
    """Map images from -1 ... 1 to 0 ... 1."""
    return (images.float() + 1) / 2


def compute_scale_and_offset(
    shape: tuple[int, int, int], mean: Sequence[float], std: Sequence[float]
) -> tuple[Float[Tensor, " values"], Float[Tensor, " values"]]:
    """Return the factor and the summand of each value of a flattened image of a shape (height, width, channels)."""
    height, width, channels = shape
    means = torch.tensor(tuple(mean), dtype=torch.float64).expand(channels)
    stds = torch.tensor(tuple(std), dtype=torch.float64).expand(channels)
    # As long as an image, because broadcasting a short vector over the last axis is several times slower.
    scale, offset = (1 / (255 * stds)).float(), (-means / stds).float()
    return scale.repeat(height * width), offset.repeat(height * width)


def scale_and_shift(
    pixels: UInt8[Tensor, "batch height width channels"],
    scale: Float[Tensor, " values"],
    offset: Float[Tensor, " values"],
) -> Float[Tensor, "batch channels height width"]:
    """Return pixels times scale plus offset, with channels first in the shape and last in memory."""
    # Flat rows and two passes in place were measured to be faster than addcmul, a lookup table, or short vectors.
    values = pixels.reshape(pixels.shape[0], -1).float().mul_(scale).add_(offset)
    return values.view(pixels.shape).permute(0, 3, 1, 2)
