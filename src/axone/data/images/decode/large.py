"""Open very large images within a bound of memory: the header says what an image would occupy before it is decoded.

A JPEG is decoded at a half, a quarter or an eighth of its size where that suffices, which costs less time and memory
(the scaled inverse DCT of libjpeg). Other formats have no such mode: they are decoded whole, and reduced at once.
Reading is the same for training and prediction, so both get the same pixels.
"""

from __future__ import annotations

from contextlib import suppress
from typing import BinaryIO

from PIL import Image, ImageOps, JpegImagePlugin

from axone.data.images.decode.fit import Fit, Size, largest_reduction
from axone.messages import _
from axone.numbers import format_bytes

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
MAX_PIXELS = 80_000_000  # that are decoded: 320 MB in color
MAX_COEFFICIENT_BYTES = 4 * MAX_PIXELS  # that the decoder holds for a progressive JPEG, whatever it is reduced to
LARGE = 40_000_000  # pixels from which on an image of another format is reduced before anything else
# A reduced image has at least this multiple of the size that is asked for, so that the resizing that follows, with its
# better filter, decides on what is seen.
RESERVE = 2.0
_ROTATED = (5, 6, 7, 8)  # values of EXIF's orientation whose upright image has height and width exchanged
_ORIENTATION = 0x0112


def open_header(file: BinaryIO) -> Image.Image:
    """Return the image of a file, of which only the header was read. Raises what `PIL.Image.open` does."""
    try:
        return Image.open(file, formats=FORMATS)
    except Image.DecompressionBombError:  # before it is known whether the decoder can reduce it
        file.seek(0)
        if file.read(3) != b"\xff\xd8\xff":
            raise
        file.seek(0)
        return JpegImagePlugin.jpeg_factory(file)


def is_rotated(image: Image.Image) -> bool:
    """Return whether an image that was not decoded yet has its height and width exchanged when it is upright."""
    if image.format == "PNG" and "exif" not in image.info:
        return False  # Pillow would decode it, to look for EXIF after the pixels
    with suppress(Exception):  # malformed EXIF does not concern the pixels
        return image.getexif().get(_ORIENTATION) in _ROTATED
    return False


class TooLargeError(Exception):
    """An image would occupy more memory than is allowed; the text is a reason as `ImageError` takes it."""


def decode_upright(image: Image.Image, size: Size | None = None, fit: Fit = "crop") -> Image.Image:
    """Decode an opened image, smaller than it is where that suffices for a size, and turn it upright.

    Args:
        image: As `open_header` returned it.
        size: Height and width to which it will be resized. None: it is needed as it is.
        fit: How it will be resized.

    Raises TooLargeError before anything is decoded, and what Pillow raises for a damaged file.
    """
    factor = 1.0
    if size is not None:
        height, width = (image.width, image.height) if is_rotated(image) else (image.height, image.width)
        factor = largest_reduction(height, width, size, fit) / RESERVE
    _require_coefficients(image)
    if factor >= 2 and isinstance(image, JpegImagePlugin.JpegImageFile):
        image.draft(image.mode, (max(1, int(image.width // factor)), max(1, int(image.height // factor))))
    _require_pixels(image)
    image.load()
    with suppress(Exception):
        ImageOps.exif_transpose(image, in_place=True)
    if factor >= 2 and image.width * image.height > LARGE:
        with suppress(ValueError):  # modes that cannot be reduced, with a palette or 16 bits, occupy less
            return image.reduce(int(factor))
    return image


def _require_pixels(image: Image.Image) -> None:
    pixels = image.width * image.height
    if pixels > MAX_PIXELS:
        count, limit = (f"{number / 1e6:.0f}" for number in (pixels, MAX_PIXELS))
        raise TooLargeError(_("it has {count} million pixels; {limit} million are allowed", count=count, limit=limit))


def _require_coefficients(image: Image.Image) -> None:
    """Raise TooLargeError for a progressive JPEG whose coefficients, all in memory at a time, exceed the bound."""
    if not isinstance(image, JpegImagePlugin.JpegImageFile) or not image.info.get("progressive"):
        return
    samplings = [horizontal * vertical for _identifier, horizontal, vertical, _table in image.layer] or [1]
    needed = round(2 * image.width * image.height * sum(samplings) / max(samplings))  # of 2 bytes
    if needed > MAX_COEFFICIENT_BYTES:
        raise TooLargeError(
            _("as a progressive JPEG it would occupy {size} of memory; {limit} are allowed",
              size=format_bytes(needed), limit=format_bytes(MAX_COEFFICIENT_BYTES))
        )  # fmt: skip
