"""Resize an image to the height and width that a network takes: by cropping it, padding it or stretching it.

    crop      resize it until it covers the size, and cut off what lies outside: proportions are kept, edges are lost
    pad       resize it until it lies inside the size, and fill the rest with black: all of it is kept, but smaller
    stretch   resize height and width each to the size: all of it is kept, with other proportions

Nothing here needs torch.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from jaxtyping import Float, Shaped
from PIL import Image, ImageOps

from axone.messages import _
from axone.numbers import format_number, format_percent

Fit = Literal["crop", "pad", "stretch"]
Size = tuple[int, int]  # height, width

# Of an image, from which cropping is mentioned on: a photograph of 4:3 loses a quarter. Sizes are whole pixels, so a
# photograph that was resized may be a little less than 4:3.
MENTIONED_LOSS = 0.245


def fit_image(image: Image.Image, size: Size, fit: Fit = "crop") -> Image.Image:
    """Return an image at a height and width. One that has them already is returned unchanged."""
    height, width = size
    if image.size == (width, height):
        return image
    if fit == "crop":
        return ImageOps.fit(image, (width, height), Image.Resampling.BILINEAR)
    if fit == "stretch":
        return image.resize((width, height), Image.Resampling.BILINEAR)
    scale = min(width / image.width, height / image.height)
    inner = (min(width, max(1, round(image.width * scale))), min(height, max(1, round(image.height * scale))))
    padded = Image.new(image.mode, (width, height))
    place = ((width - inner[0]) // 2, (height - inner[1]) // 2)
    padded.paste(image.resize(inner, Image.Resampling.BILINEAR), place)
    return padded


def largest_reduction(height: int, width: int, size: Size, fit: Fit) -> float:
    """Return by which factor an image of a height and width may be made smaller before `fit_image` enlarges it."""
    factors = (height / size[0], width / size[1])
    return max(factors) if fit == "pad" else min(factors)


def lost_shares(
    heights: Shaped[np.ndarray, " images"], widths: Shaped[np.ndarray, " images"], size: Size
) -> Float[np.ndarray, " images"]:
    """Return the share of each image, from 0 to 1, that cropping to a size cuts off."""
    across, along = heights.astype(np.float64) * size[1], widths.astype(np.float64) * size[0]
    return 1 - np.minimum(across, along) / np.maximum(across, along)


def describe_fit(
    heights: Shaped[np.ndarray, " images"], widths: Shaped[np.ndarray, " images"], size: Size, fit: Fit
) -> list[str]:
    """Say what is cut off, and how much; or, of images that are no squares and were not cropped, what was done."""
    height, width = size
    lost = lost_shares(heights, widths, size)
    changed = int((lost >= MENTIONED_LOSS).sum())
    total, pixels = format_number(len(lost)), f"{width} x {height}"
    if not changed:
        if height == width or lost.any():
            return []
        return [_("All images have the proportions of {size} pixels, and are not cropped.", size=pixels)]
    count = format_number(changed)
    if fit == "crop":
        share = float(lost[lost >= MENTIONED_LOSS].mean())
        return [
            _("{count} of {total} images are cropped to {size} pixels: on average {share} of each is cut off. "
              "To keep all of each: --fit pad (black borders) or --fit stretch (other proportions).",
              size=pixels, share=format_percent(share, 0), count=count, total=total)
        ]  # fmt: skip
    if fit == "pad":
        return [_("{count} of {total} images get black borders, up to {size} pixels.", count=count, total=total,
                  size=pixels)]  # fmt: skip
    return [_("{count} of {total} images are stretched to {size} pixels.", count=count, total=total, size=pixels)]
