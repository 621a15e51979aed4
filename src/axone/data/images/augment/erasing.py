"""Random erasing: fill a rectangle of some images with a random color.

Z. Zhong et al., Random Erasing Data Augmentation, 2017, arXiv:1708.04896
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.images.augment.base import Pixels
from axone.data.images.augment.rectangles import rectangle_masks
from axone.data.images.stream import Augment


@dataclass(frozen=True)
class Erasing:
    """How often a rectangle is erased, and how large it is.

    Args:
        probability: Of an image to lose a rectangle.
        min_area: The smallest area, as a fraction of the image's.
        max_area: The largest area, as a fraction of the image's.
        min_ratio: The smallest ratio of height to width; the largest is its inverse.
    """

    probability: float = 0.0
    min_area: float = 0.02
    max_area: float = 0.2
    min_ratio: float = 0.3


def erase_rectangle(ranges: Erasing) -> Augment:
    """Return the step that fills a rectangle of some images with one random color each.

    Areas are uniform, and ratios of height to width are uniform on a logarithmic scale. A side that would exceed the
    image is as long as the image.
    """

    def erase(pixels: Pixels, generator: torch.Generator, epoch: int, index: Int64[Tensor, " batch"]) -> Pixels:
        batch, height, width, channels = pixels.shape
        place = generator.device
        chosen, area, ratio, down, right = torch.rand(5, batch, generator=generator, device=place)
        color = torch.randint(256, (batch, 1, 1, channels), generator=generator, dtype=torch.uint8, device=place)
        area = (ranges.min_area + (ranges.max_area - ranges.min_area) * area) * height * width
        ratio = ranges.min_ratio ** (2 * ratio - 1)
        heights = (area * ratio).sqrt().round().clamp(1, height)
        widths = (area / ratio).sqrt().round().clamp(1, width)
        top, left = (down * (height - heights + 1)).floor(), (right * (width - widths + 1)).floor()
        heights = torch.where(chosen < ranges.probability, heights, 0)
        erased = rectangle_masks(top.long(), left.long(), heights.long(), widths.long(), (height, width))
        return torch.where(erased[..., None].to(pixels.device), color.to(pixels.device), pixels)

    return erase
