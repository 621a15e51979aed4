"""Noise of every level made noise of level one: what a network that cleans pictures is shown, and what it answers.

How noisy a picture is can be measured: differences across its smallest diagonals hold little of what it shows, and
all of the noise. A network that is told so learns faster, and most of all to leave alone what is hardly noisy.

Sources: Donoho, Johnstone 1994, "Ideal spatial adaptation by wavelet shrinkage" (the level, from the finest diagonal
Haar coefficients; they take the median, we the mean, which also sees single bad pixels); Zhang, Zuo, Zhang 2018,
"FFDNet" (arXiv:1710.04026), for the map of the level beside the picture; Herbreteau, Moebel, Kervrann 2023,
"Normalization-equivariant neural networks" (arXiv:2306.05037), for why an answer should grow with its noise.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

LEAST = 0.03  # of a level: pictures without noise, which may be blurred, must not be divided by nothing

Pictures = Float[Tensor, "batch channels height width"]


def noise_level(pictures: Pictures) -> Float[Tensor, " batch"]:
    """Return the standard deviation of the noise in each picture, as far as it shows; `LEAST` at least.

    Pixels count from 0 to 1. Fine texture counts as noise; noise that is cut off at black and white counts less.
    """
    rows, columns = (side // 2 * 2 for side in pictures.shape[2:])
    if not rows or not columns:
        return pictures.new_full((len(pictures),), LEAST)
    even, odd = pictures[:, :, 0:rows:2, :columns], pictures[:, :, 1:rows:2, :columns]
    across = even[..., 0::2] - even[..., 1::2] - odd[..., 0::2] + odd[..., 1::2]
    # Four numbers of one deviation have twice that deviation; the mean size of normal numbers is sqrt(2 / pi) of it.
    level: Tensor = across.float().abs().mean((1, 2, 3)) / 2 * math.sqrt(math.pi / 2)
    return level.clamp_min(LEAST)


class NoiseScaled(nn.Module):
    """Shows a network pictures in units of their noise, with a map of the level; what it answers is taken away.

    The network takes a channel more than pictures have, and answers with the noise, in units of its level.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Pictures, level: Float[Tensor, " batch"] | None = None) -> Pictures:
        """Return the pictures without their noise; `level` is given where they are parts of larger pictures."""
        each = (noise_level(pictures) if level is None else level)[:, None, None, None]
        told = each.expand(-1, 1, *pictures.shape[2:])
        return pictures - each * self.network(torch.cat([(pictures - 0.5) / each, told], 1))
