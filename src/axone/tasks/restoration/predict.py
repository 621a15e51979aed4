"""Restore images from files and arrays, and write them in the format in which they were read.

Transparency is not changed. A gray image of 16 bits per pixel stays one; all others have 8 bits per channel.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from PIL import Image
from torch import Tensor

from axone.data.images.array import check_image
from axone.data.images.file import open_image, to_gray_or_rgb
from axone.errors import DataError
from axone.figures.figure import encode_png
from axone.messages import _
from axone.tasks.answers import Answer
from axone.tasks.batched import answer_in_batches
from axone.tasks.restoration.answering import RestorationAnswering
from axone.tasks.restoration.tiling import apply_tiled


@dataclass(frozen=True)
class DecodedImage:
    """The pixels of an image, and what is needed to write it again in the same format."""

    values: Float32[np.ndarray, "height width channels"]  # from 0 to 1; 1 channel or 3
    alpha: UInt8[np.ndarray, "height width"] | None = None  # opacity; 0 is transparent
    is_16_bit: bool = False  # gray, 16 bits per pixel


@dataclass(frozen=True)
class RestoredImage(Answer):
    """An image without its noise, as the network estimates it."""

    values: Float32[np.ndarray, "height width channels"]  # from 0 to 1; 1 channel or 3
    alpha: UInt8[np.ndarray, "height width"] | None = None
    is_16_bit: bool = False
    change: float = 0.0  # root mean square of the difference to the input

    output = "files"

    @property
    def pixels(self) -> UInt8[np.ndarray, "height width channels"]:
        """The image as bytes, without its transparency."""
        return np.rint(self.values * 255).astype(np.uint8)

    @property
    def image(self) -> Image.Image:
        """The image for Pillow, with its transparency."""
        if self.is_16_bit and self.alpha is None:
            return Image.fromarray(np.rint(self.values[..., 0] * 65_535).astype(np.uint16))
        channels = [self.pixels] if self.alpha is None else [self.pixels, self.alpha[..., None]]
        pixels = np.concatenate(channels, axis=2)
        return Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)

    def text(self) -> str:
        """Return the size and the size of the change."""
        height, width, _channels = self.values.shape
        return _(
            "{width} x {height} pixels, changed by {change} (root mean square)",
            width=width,
            height=height,
            change=f"{self.change:.3f}",
        )

    def to_json(self) -> dict[str, int | float]:
        """Return the size and the size of the change; the pixels are in the file."""
        height, width, channels = self.values.shape
        return {"width": width, "height": height, "channels": channels, "change": self.change}

    def files(self) -> dict[str, bytes]:
        """Return the image as a PNG file."""
        return {".png": encode_png(self.image)}


def decode_image(source: str | Path | np.ndarray | Tensor) -> DecodedImage:
    """Read a file or an array. Raises DataError, ResourceError.

    Arrays are (height, width) or (height, width, channels), bytes or floats from 0 to 1; a second or fourth channel is
    opacity.
    """
    if isinstance(source, str | Path):
        image = open_image(source)
        if image.mode.startswith("I;16"):
            values = (np.asarray(image) / np.float32(65_535))[:, :, None].astype(np.float32)
            return DecodedImage(values, is_16_bit=True)
        if image.has_transparency_data:
            array = np.asarray(image.convert("LA" if image.mode in ("1", "L", "LA", "La") else "RGBA"))
        else:
            array = np.asarray(to_gray_or_rgb(image))
    else:
        array = check_image(source)
    if array.ndim == 2:
        array = array[:, :, None]
    values = array.astype(np.float32) / np.float32(255 if array.dtype == np.uint8 else 1)
    if array.shape[2] in (1, 3):
        return DecodedImage(values)
    return DecodedImage(values[..., :-1], np.rint(values[..., -1] * 255).astype(np.uint8))


def predict_images(
    module: RestorationAnswering, inputs: Sequence[str | Path | np.ndarray | Tensor]
) -> list[RestoredImage | DataError]:
    """Restore images of any size. One that cannot be read gets its error, in its place."""
    return answer_in_batches(
        inputs, decode_image, lambda images: [restore_image(module, image) for image in images], batch_size=1
    )


@torch.inference_mode()
def restore_image(module: RestorationAnswering, image: DecodedImage) -> RestoredImage:
    """Restore an image tile by tile.

    The noise level is estimated from the whole image: tiles with different estimates would leave visible seams.
    """
    device = next(module.parameters()).device
    pixels = torch.from_numpy(image.values).movedim(2, 0).to(device)  # [C, H, W]
    levels = module.estimate_levels(pixels[None])
    restored = apply_tiled(lambda tile: module.restore(tile[None], levels)[0], pixels)
    values = restored.movedim(0, 2).cpu().numpy().clip(0, 1)
    change = math.sqrt(float(np.square(values - image.values, dtype=np.float64).mean()))
    return RestoredImage(values, image.alpha, image.is_16_bit, change)
