"""How near a restored picture comes to the true one: PSNR, which counts errors, and SSIM, which compares structures."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

WINDOW, WIDTH = 11, 1.5  # pixels: side and standard deviation of SSIM's Gaussian window
STEADY_MEANS, STEADY_SPREADS = 0.01**2, 0.03**2  # K1 and K2 of the paper, squared, for pixels from 0 to 1

Pictures = Float[Tensor, "batch channels height width"]  # pixels counted from 0 to 1


def psnr(restored: Pictures, true: Pictures) -> Float[Tensor, " batch"]:
    """Return the peak signal-to-noise ratio of each picture, in decibels: -10 log10 of its mean squared error.

    Equal pictures get 100, as if they differed by 10^-5 everywhere, so that means stay finite.
    """
    errors = (restored.clamp(0, 1) - true).float().square().flatten(1).mean(1)
    return -10 * errors.clamp_min(1e-10).log10()


def ssim(restored: Pictures, true: Pictures) -> Float[Tensor, " batch"]:
    """Return the structural similarity of each picture, 1 for equal ones: the mean over all windows and channels.

    Wang, Bovik, Sheikh, Simoncelli 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity",
    IEEE Transactions on Image Processing 13(4): windows of 11 x 11 pixels, weighed by a Gaussian of 1.5 pixels, that
    lie wholly inside. Raises ValueError for pictures smaller than a window.
    """
    if min(true.shape[2:]) < WINDOW:
        raise ValueError(f"SSIM needs pictures of at least {WINDOW} x {WINDOW} pixels, not {tuple(true.shape[2:])}")
    x, y = (each.float().clamp(0, 1).flatten(0, 1) for each in (restored, true))
    mean_x, mean_y, xx, yy, xy = _weighed(torch.stack([x, y, x * x, y * y, x * y]))
    spread_x, spread_y, common = xx - mean_x * mean_x, yy - mean_y * mean_y, xy - mean_x * mean_y
    likeness = (2 * mean_x * mean_y + STEADY_MEANS) * (2 * common + STEADY_SPREADS)
    likeness /= (mean_x.square() + mean_y.square() + STEADY_MEANS) * (spread_x + spread_y + STEADY_SPREADS)
    return likeness.unflatten(0, true.shape[:2]).flatten(1).mean(1)


def _weighed(maps: Float[Tensor, "kinds planes height width"]) -> Float[Tensor, "kinds planes rows columns"]:
    """Return the weighed mean of each window, rows and columns one after the other."""
    place = torch.arange(WINDOW, device=maps.device) - WINDOW // 2
    weights = (-place.float().square() / (2 * WIDTH**2)).softmax(0)
    planes = maps.flatten(0, 1)[:, None]
    planes = functional.conv2d(functional.conv2d(planes, weights.view(1, 1, -1, 1)), weights.view(1, 1, 1, -1))
    return planes[:, 0].unflatten(0, maps.shape[:2])
