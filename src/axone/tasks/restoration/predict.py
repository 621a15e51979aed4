"""Restore images from files and arrays, and write them in the format in which they were read.

Transparency is not changed. Gray images of more than 8 bits are written in their own unit; all others have 8 bits per
channel.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from PIL import Image

from axone.data.images.decode.file import open_image
from axone.data.images.in_memory.item import ImageInput, read_pixel_values
from axone.data.images.scale.scale import Scale
from axone.data.images.scale.units import match_scale, measure_scaling
from axone.data.images.scale.values import has_more_than_bytes
from axone.errors import DataError
from axone.figures.figure import encode_png
from axone.messages import _
from axone.tasks.answers import NotebookAnswer, with_note
from axone.tasks.batched import answer_in_batches
from axone.tasks.restoration.answering import RestorationAnswering
from axone.tasks.restoration.tiling import apply_tiled


@dataclass(frozen=True)
class DecodedImage:
    """The pixels of an image, and what is needed to write it again in the same format."""

    values: Float32[np.ndarray, "height width channels"]  # from 0 to 1; 1 channel or 3
    alpha: UInt8[np.ndarray, "height width"] | None = None  # opacity; 0 is transparent
    scale: Scale | None = None  # by which values of more than 8 bits became 0 to 1
    note: str = ""  # for people


@dataclass(frozen=True)
class RestoredImage(NotebookAnswer):
    """An image without its noise, as the network estimates it."""

    values: Float32[np.ndarray, "height width channels"]  # from 0 to 1; 1 channel or 3
    alpha: UInt8[np.ndarray, "height width"] | None = None
    scale: Scale | None = None
    change: float = 0.0  # root mean square of the difference to the input
    note: str = ""

    output = "files"

    @property
    def pixels(self) -> UInt8[np.ndarray, "height width channels"]:
        """The image as bytes, without its transparency."""
        return np.rint(self.values * 255).astype(np.uint8)

    @property
    def image(self) -> Image.Image:
        """The image for Pillow, with its transparency; a gray image of more than 8 bits has its own unit."""
        if self.scale is not None and self.values.shape[2] == 1 and self.alpha is None:
            values = self.scale.from_unit(self.values[..., 0])
            return Image.fromarray(
                np.rint(values).clip(0, 65_535).astype(np.uint16) if self.scale.kind == "uint16"
                else values.astype(np.float32)
            )  # fmt: skip
        channels = [self.pixels] if self.alpha is None else [self.pixels, self.alpha[..., None]]
        pixels = np.concatenate(channels, axis=2)
        return Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)

    def text(self) -> str:
        """Return the size, the size of the change, and the note."""
        height, width, _channels = self.values.shape
        changed = _(
            "{width} x {height} pixels, changed by {change} (root mean square)",
            width=width,
            height=height,
            change=f"{self.change:.3f}",
        )
        return with_note(changed, self.note)

    def to_json(self) -> dict[str, int | float | str]:
        """Return the size, the size of the change, and the note where there is one; the pixels are in the file."""
        height, width, channels = self.values.shape
        answer = {"width": width, "height": height, "channels": channels, "change": self.change}
        return {**answer, "note": self.note} if self.note else answer

    def files(self) -> dict[str, bytes]:
        """Return the image as a PNG file, or as a TIFF file where its values are floats."""
        image = self.image
        if image.mode != "F":
            return {".png": encode_png(image)}
        stream = io.BytesIO()
        image.save(stream, "TIFF")
        return {".tif": stream.getvalue()}


def decode_image(source: ImageInput, scale: Scale | None = None) -> DecodedImage:
    """Read a file, an array or an image of Pillow. Raises DataError, ResourceError.

    Args:
        source: As `read_pixel_values` takes it; a second or fourth channel of an array is opacity.
        scale: The scale of the run, see `scale_like_training`.
    """
    if isinstance(source, str | Path):
        source = open_image(source)
    if isinstance(source, Image.Image) and source.has_transparency_data and not has_more_than_bytes(source):
        array = np.asarray(source.convert("LA" if source.mode in ("1", "L", "LA", "La") else "RGBA"))
    else:
        array = read_pixel_values(source)
    array = array[:, :, None] if array.ndim == 2 else array
    used = match_scale(array, scale)
    note = measure_scaling(array, used, scale).note(scale) if used else ""
    values = used.to_unit(array) if used else array.astype(np.float32) / np.float32(255)
    if array.dtype == np.uint8:
        used = None  # it is written with 8 bits again
    if array.shape[2] in (1, 3):
        return DecodedImage(values, None, used, note)
    return DecodedImage(values[..., :-1], np.rint(values[..., -1] * 255).astype(np.uint8), used, note)


def predict_images(
    module: RestorationAnswering, inputs: Sequence[ImageInput], scale: Scale | None = None
) -> list[RestoredImage | DataError]:
    """Restore images of any size. One that cannot be read gets its error, in its place."""
    return answer_in_batches(
        inputs,
        lambda source: decode_image(source, scale),
        lambda images: [restore_image(module, image) for image in images],
        batch_size=1,
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
    return RestoredImage(values, image.alpha, image.scale, change, image.note)
