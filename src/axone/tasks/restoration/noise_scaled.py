"""Noise estimation, and a wrapper that lets a denoising network work on noise of standard deviation 1.

The noise level of an image can be estimated: differences along its smallest diagonals contain little of the image and
all of the noise. A network that receives the level learns faster, above all to leave almost clean images unchanged.

Sources: Donoho, Johnstone 1994, "Ideal spatial adaptation by wavelet shrinkage" (the level, from the finest diagonal
Haar coefficients; they take the median, we take the mean, which also reacts to single bad pixels); Zhang, Zuo, Zhang
2018, "FFDNet" (arXiv:1710.04026), for the noise-level map as an input channel; Herbreteau, Moebel, Kervrann 2023,
"Normalization-equivariant neural networks" (arXiv:2306.05037), for why the output should scale with the noise.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

MINIMUM_LEVEL = 0.03  # lower bound of the estimate: images without noise must not cause a division by zero

Images = Float[Tensor, "batch channels height width"]


def estimate_noise_level(images: Images) -> Float[Tensor, " batch"]:
    """Return the estimated standard deviation of the noise in each image, at least `MINIMUM_LEVEL`.

    Pixel values are in [0, 1]. Fine texture counts as noise; noise that is clipped at black and white counts less.
    """
    rows, columns = (side // 2 * 2 for side in images.shape[2:])
    if not rows or not columns:
        return images.new_full((len(images),), MINIMUM_LEVEL)
    even, odd = images[:, :, 0:rows:2, :columns], images[:, :, 1:rows:2, :columns]
    diagonal = even[..., 0::2] - even[..., 1::2] - odd[..., 0::2] + odd[..., 1::2]
    # The sum of four independent values has twice their standard deviation s; E|x| = s sqrt(2 / pi) of a normal x.
    level: Tensor = diagonal.float().abs().mean((1, 2, 3)) / 2 * math.sqrt(math.pi / 2)
    return level.clamp_min(MINIMUM_LEVEL)


class NoiseScaled(nn.Module):
    """Gives a network images divided by their noise level, with a map of the level, and subtracts its output.

    The network takes one channel more than the images have, and returns the noise divided by its level.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Images, level: Float[Tensor, " batch"] | None = None) -> Images:
        """Return the images without their noise; pass `level` where the images are tiles of larger ones."""
        scale = (estimate_noise_level(images) if level is None else level)[:, None, None, None]
        level_map = scale.expand(-1, 1, *images.shape[2:])
        return images - scale * self.network(torch.cat([(images - 0.5) / scale, level_map], 1))
