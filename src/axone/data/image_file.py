"""Read one picture from a file, whatever was put there, and bring it to the shape that a network takes.

Only these formats are read: JPEG, PNG, WebP, GIF, BMP, TIFF. The size is judged from the header before a
pixel is decoded, because a file of 10 kB may well unpack to gigabytes. Every picture is decoded whole: a cut
one is refused, never filled up with grey. Training and prediction come through the same code (`fit`).
"""

from __future__ import annotations

import errno
import stat
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from axone.errors import AxoneError, DataError, ResourceError
from axone.messages import _

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
MOST_PIXELS = 40_000_000

# Pillow warns at 89 million pixels; here 40 million are an error already.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


class ImageError(DataError):
    """A file that is no usable picture; `reason` says why, without the file's name."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(_("'{path}' cannot be used: {reason}.", path=shown(path), reason=reason))
        self.reason = reason


@dataclass(frozen=True)
class Header:
    """What a file says about its picture before it is decoded."""

    width: int
    height: int
    channels: int  # 1: grey, 3: colour
    frames: bool  # an animation or several pages; only the first is used


def read_header(path: str | Path) -> Header:
    """Return size and kind without decoding. Raises as `read_image` does."""
    with _opened(Path(path)) as image:
        try:
            frames = image.format != "MPO" and getattr(image, "is_animated", False)
        except Exception:  # damage in a later frame, which is not used
            frames = True
        return Header(image.width, image.height, 1 if _is_grey(image) else 3, bool(frames))


def read_image(
    path: str | Path, *, size: tuple[int, int] | int | None = None, channels: int | None = None
) -> UInt8[np.ndarray, "height width channels"]:
    """Return a picture as grey (1 channel) or red, green and blue (3), upright, on white where transparent.

    `size` (a side, or height and width) and `channels` change it as `fit` does; None leaves the picture's own.
    Raises ImageError (a DataError) for a file that is no usable picture, ResourceError for one that may not
    be read or does not fit into memory.
    """
    with _opened(Path(path)) as image:
        image.load()
        plain = _plain(_upright(image))
    return fit(plain, size=size, channels=channels)


def prepare(image: np.ndarray | Tensor, facts: Mapping[str, Any]) -> UInt8[np.ndarray, "height width channels"]:
    """Bring a picture in memory to the shape a network was trained on: facts["input"] = [channels, height, width].

    `image` is (height, width) or (height, width, channels) with 1 to 4 channels, 0 to 255; floats count from
    0 to 1. The steps are those of `read_image`. Raises DataError for any other shape or kind.
    """
    channels, height, width = facts["input"]
    array = np.asarray(image.cpu() if isinstance(image, Tensor) else image)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (2, 3, 4)) or 0 in array.shape:
        raise DataError(
            _("An array of shape {shape} is not a picture.", shape=array.shape),
            expected=_("expected (height, width) or (height, width, channels)"),
        )
    if np.issubdtype(array.dtype, np.floating):
        if not (np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1):
            raise DataError(_("A picture of floats must hold numbers from 0 to 1 only."))
        array = np.rint(array * 255).astype(np.uint8)
    if array.dtype == bool:
        array = array.astype(np.uint8) * np.uint8(255)
    if array.dtype != np.uint8:
        raise DataError(
            _("An array of {kind} is not a picture.", kind=array.dtype),
            expected=_("expected whole numbers from 0 to 255 (uint8), or floats from 0 to 1"),
        )
    return fit(_plain(Image.fromarray(np.ascontiguousarray(array))), size=(height, width), channels=channels)


def fit(
    image: Image.Image, *, size: tuple[int, int] | int | None = None, channels: int | None = None
) -> UInt8[np.ndarray, "height width channels"]:
    """Resize so as to cover the wanted size, cut what juts out on both sides alike, convert grey and colour.

    `image` is of mode L or RGB; `size` a side or (height, width). A picture of the right size is not touched.
    """
    if channels not in (None, 1, 3):
        raise DataError(
            _("Pictures have no {channels} channels.", channels=channels), expected=_("expected 1 (grey) or 3 (colour)")
        )
    if channels is not None:
        image = image.convert("L" if channels == 1 else "RGB")
    if size is not None:
        height, width = (size, size) if isinstance(size, int) else size
        if image.size != (width, height):
            image = ImageOps.fit(image, (width, height), Image.Resampling.BILINEAR)
    array = np.array(image, dtype=np.uint8)
    return array[:, :, None] if array.ndim == 2 else array


def shown(path: str | Path) -> str:
    """Write a path so that any screen or file can take it: odd bytes and control characters are escaped."""
    text = str(path).encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """Open a picture whose header is sound; whatever goes wrong with it meanwhile becomes one of our errors."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for ever
            raise ImageError(path, _("it is not a regular file"))
        with path.open("rb") as file, Image.open(file, formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise _too_large(path, image.width * image.height)
            yield image
    except AxoneError:
        raise
    except FileNotFoundError:
        raise ImageError(path, _("there is no such file, or its link leads nowhere")) from None
    except PermissionError:
        raise ResourceError(
            _("'{path}' may not be read by this user.", path=shown(path)),
            hint=_("Give yourself the right to read it, or move it away."),
        ) from None
    except MemoryError:
        raise ResourceError(_("There is not enough memory to decode '{path}'.", path=shown(path))) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(path) from None
    except UnidentifiedImageError:
        raise ImageError(path, _what_instead(path)) from None
    except Exception as error:  # Pillow's decoders raise about anything on damaged files
        if getattr(error, "errno", None) == errno.ELOOP:
            reason = _("its symbolic link leads back to itself")
        elif "truncated" in str(error).lower():
            reason = _("it is cut off (truncated)")
        else:
            reason = _("it is damaged ({error})", error=error)
        raise ImageError(path, reason) from None


def _too_large(path: Path, pixels: int | None = None) -> ImageError:
    limit = f"{MOST_PIXELS / 1e6:.0f}"
    if pixels is None:
        return ImageError(path, _("it has more pixels than the {limit} million allowed", limit=limit))
    count = f"{pixels / 1e6:.0f}"
    return ImageError(path, _("it has {count} million pixels, {limit} million are allowed", count=count, limit=limit))


_MARKS = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
)
_OTHER_FORMATS = (
    (b"%PDF", "PDF"),
    (b"%!PS", "PostScript"),
    (b"\xc5\xd0\xd3\xc6", "EPS"),
    (b"SIMPLE  =", "FITS"),
    (b"\0\0\x01\0", "ICO"),
    (b"8BPS", "Photoshop"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x0a", "JPEG XL"),
)


def _what_instead(path: Path) -> str:
    """Say what a file is that is no picture of the formats we read."""
    with path.open("rb") as file:
        start = file.read(1024)
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        return _("the file is empty")
    if start[4:8] == b"ftyp" and start[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis"):
        return _unsupported("AVIF" if start[8:10] == b"av" else "HEIC")
    if b"<svg" in text:
        return _unsupported("SVG")
    for mark, name in _OTHER_FORMATS:
        if start.startswith(mark):
            return _unsupported(name)
    for mark, name in _MARKS:
        if start.startswith(mark) and b"\0" in start[:64]:
            return _("it begins like {format}, but its header is damaged or cut off", format=name)
    if text.startswith((b"<!doctype html", b"<html", b"<head")):
        return _("it is not an image but a web page (HTML)")
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(start) - 3:  # more than a letter cut in two by our reading of the start alone
            return _("it is not an image")
    return _("it is not an image") if b"\0" in start else _("it is not an image but looks like text")


def _unsupported(name: str) -> str:
    return _("its format, {format}, is not supported: convert it to PNG or JPEG", format=name)


def _is_grey(image: Image.Image) -> bool:
    return image.mode in ("1", "L", "LA", "La", "F") or image.mode.startswith("I")


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # malformed EXIF says nothing about the pixels
        return image


def _plain(image: Image.Image) -> Image.Image:
    """Convert any mode to L or RGB; what is transparent lies on white."""
    grey = _is_grey(image)
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_to_bytes(np.asarray(image)))
    if image.has_transparency_data:
        image = image.convert("LA") if image.mode == "La" else image
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("L" if grey else "RGB")


def _to_bytes(values: np.ndarray) -> np.ndarray:
    """Bring grey levels of 16 or 32 bits, or floats, to 0..255; the range is taken from the kind and the top."""
    if values.dtype == np.uint16:
        top = 65_535.0
    else:
        tops = (1.0, 255.0, 65_535.0) if values.dtype.kind == "f" else (255.0, 65_535.0)
        values = np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0)
        highest = values.max(initial=0)
        top = next((top for top in tops if highest <= top), highest)
    return np.clip(np.rint(values * (255.0 / top)), 0, 255).astype(np.uint8)
