"""Image quality: PSNR, which measures errors, and SSIM, which compares structures."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

WINDOW_SIZE, WINDOW_DEVIATION = 11, 1.5  # pixels: side and standard deviation of SSIM's Gaussian window
C1, C2 = 0.01**2, 0.03**2  # constants of the paper for pixels from 0 to 1
MIN_ERROR = 1e-10  # mean squared error that is counted for equal images: 100 dB

Images = Float[Tensor, "batch channels height width"]  # pixels from 0 to 1


def psnr(restored: Images, clean: Images) -> Float[Tensor, " batch"]:
    """Return the peak signal-to-noise ratio of each image in decibels: -10 log10 of its mean squared error.

    Equal images get 100 dB, so that means stay finite. Pixels of `restored` are clamped to [0, 1].
    """
    errors = (restored.clamp(0, 1) - clean).float().square().flatten(1).mean(1)
    return -10 * errors.clamp_min(MIN_ERROR).log10()


def ssim(restored: Images, clean: Images) -> Float[Tensor, " batch"]:
    """Return the structural similarity of each image, 1 for equal images: the mean over windows and channels.

    Wang, Bovik, Sheikh, Simoncelli 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity",
    IEEE Transactions on Image Processing 13(4): windows of 11 x 11 pixels inside the image, weighted by a Gaussian with
    a standard deviation of 1.5 pixels. Raises ValueError for images smaller than a window.
    """
    if min(clean.shape[2:]) < WINDOW_SIZE:
        size = f"{WINDOW_SIZE} x {WINDOW_SIZE}"
        raise ValueError(f"SSIM needs images of at least {size} pixels, not {tuple(clean.shape[2:])}")
    x, y = (each.float().clamp(0, 1).flatten(0, 1) for each in (restored, clean))  # [B * C, H, W]
    mean_x, mean_y, xx, yy, xy = _window_means(torch.stack([x, y, x * x, y * y, x * y]))
    variance_x, variance_y, covariance = xx - mean_x * mean_x, yy - mean_y * mean_y, xy - mean_x * mean_y
    similarity = (2 * mean_x * mean_y + C1) * (2 * covariance + C2)
    similarity /= (mean_x.square() + mean_y.square() + C1) * (variance_x + variance_y + C2)
    return similarity.unflatten(0, clean.shape[:2]).flatten(1).mean(1)


def _window_means(maps: Float[Tensor, "kinds planes height width"]) -> Float[Tensor, "kinds planes rows columns"]:
    """Return the weighted mean in each window, by two one-dimensional convolutions."""
    offsets = torch.arange(WINDOW_SIZE, device=maps.device) - WINDOW_SIZE // 2
    weights = (-offsets.float().square() / (2 * WINDOW_DEVIATION**2)).softmax(0)
    planes = maps.flatten(0, 1)[:, None]
    planes = functional.conv2d(functional.conv2d(planes, weights.view(1, 1, -1, 1)), weights.view(1, 1, 1, -1))
    return planes[:, 0].unflatten(0, maps.shape[:2])
