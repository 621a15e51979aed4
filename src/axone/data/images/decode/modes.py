"""Convert an image of any mode to gray or RGB bytes: transparency, palettes, and more than 8 bits.

Nothing here needs torch.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from axone.data.images.scale.scale import Scale
from axone.data.images.scale.units import Scaling, scale_like_training
from axone.data.images.scale.values import has_more_than_bytes, read_values


def is_gray(image: Image.Image) -> bool:
    """Return whether an image has no color. Only its header is needed."""
    return image.mode in ("1", "L", "LA", "La", "F") or image.mode.startswith("I")


def to_gray_or_rgb(image: Image.Image, scale: Scale | None = None) -> tuple[Image.Image, Scaling]:
    """Convert an image of any mode to L or RGB; transparent pixels are put on white.

    Args:
        image: The image.
        scale: The scale of a run, for `scale_like_training`; None for images of 8 bits.

    Returns:
        The image, and how its values became bytes.
    """
    if has_more_than_bytes(image):
        pixels, scaling = scale_like_training(read_values(image), scale)
        return Image.fromarray(pixels), scaling
    gray = is_gray(image)
    if image.has_transparency_data:
        image = image.convert("LA") if image.mode == "La" else image
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = convert(image, "L" if gray else "RGB")
    if scale is None:
        return image, Scaling()
    pixels, scaling = scale_like_training(np.asarray(image), scale)
    return (image if scaling.scale is None else Image.fromarray(pixels)), scaling


def convert(image: Image.Image, mode: str) -> Image.Image:
    """Convert to a mode; Pillow would copy an image that has this mode already."""
    return image if image.mode == mode else image.convert(mode)
