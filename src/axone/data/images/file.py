"""Read one picture from a file, whatever was put there, and bring it to the shape that a network takes.

Only these formats are read: JPEG, PNG, WebP, GIF, BMP, TIFF. The size is judged from the header before a
pixel is decoded, because a file of 10 kB may well unpack to gigabytes. Every picture is decoded whole: a cut
one is refused, never filled up with gray. Training and prediction come through the same code (`fit`).
Nothing here needs torch, so that a process that only decodes starts at once (`decoding.py`).
"""

from __future__ import annotations

import errno
import hashlib
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps, UnidentifiedImageError

from axone.data.images.signature import describe_signature
from axone.errors import AxoneError, DataError, ResourceError
from axone.messages import _

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
MOST_PIXELS = 40_000_000

# Pillow warns at 89 million pixels; here 40 million are an error already.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


class ImageError(DataError):
    """A file that is no usable picture; `reason` says why, without the file's name."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(_("'{path}' cannot be used: {reason}.", path=printable_path(path), reason=reason))
        self.reason = reason


@dataclass(frozen=True)
class Header:
    """What a file says about its picture before it is decoded."""

    width: int
    height: int
    channels: int  # 1: gray, 3: color
    frames: bool  # an animation or several pages; only the first is used


class DecodedFile(NamedTuple):
    """A picture that was read once: its file's content, its header, its pixels at the wanted size."""

    content: bytes  # sha256 of the file
    header: Header
    pixels: UInt8[np.ndarray, "height width channels"]


def read_header(path: str | Path) -> Header:
    """Return size and kind without decoding. Raises as `read_image` does."""
    with _opened(Path(path)) as file:
        return _header(_recognized(Path(path), file))


def read_image(
    path: str | Path, *, size: tuple[int, int] | int | None = None, channels: int | None = None
) -> UInt8[np.ndarray, "height width channels"]:
    """Return a picture as gray (1 channel) or red, green and blue (3), upright, on white where transparent.

    `size` (a side, or height and width) and `channels` change it as `fit` does; None leaves the picture's own.
    Raises ImageError (a DataError) for a file that is no usable picture, ResourceError for one that may not
    be read or does not fit into memory.
    """
    with _opened(Path(path)) as file:
        return _decoded(_recognized(Path(path), file), size, channels)


def open_image(path: str | Path) -> Image.Image:
    """Return a picture decoded and upright, in the mode of its file: 16 bits and transparency are still there.

    Raises as `read_image` does.
    """
    with _opened(Path(path)) as file:
        image = _recognized(Path(path), file)
        image.load()
        return _upright(image)


def decode_file(path: str | Path, *, size: int, channels: int, known: bytes | None = None) -> DecodedFile | None:
    """Read a file once for all that a pack keeps of it; None when its content still is the `known` one (a sha256).

    Raises as `read_image` does.
    """
    with _opened(Path(path)) as file:
        content = _sha256(file)
        if content == known:
            return None
        file.seek(0)
        image = _recognized(Path(path), file)
        header = _header(image)
        return DecodedFile(content, header, _decoded(image, size, channels))


def resize_and_crop(
    image: Image.Image, *, size: tuple[int, int] | int | None = None, channels: int | None = None
) -> UInt8[np.ndarray, "height width channels"]:
    """Resize so as to cover the wanted size, cut what juts out on both sides alike, convert gray and color.

    `image` is of mode L or RGB; `size` a side or (height, width). A picture of the right size is not touched.
    """
    if channels not in (None, 1, 3):
        raise DataError(
            _("Pictures have no {channels} channels.", channels=channels), expected=_("expected 1 (gray) or 3 (color)")
        )
    if channels is not None:
        image = _converted(image, "L" if channels == 1 else "RGB")
    if size is not None:
        height, width = (size, size) if isinstance(size, int) else size
        if image.size != (width, height):
            image = ImageOps.fit(image, (width, height), Image.Resampling.BILINEAR)
    array = np.array(image, dtype=np.uint8)
    return array[:, :, None] if array.ndim == 2 else array


def printable_path(path: str | Path) -> str:
    """Write a path so that any screen or file can take it: odd bytes and control characters are escaped."""
    text = str(path).encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file to read a picture; whatever goes wrong with it meanwhile becomes one of our errors."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for ever
            raise ImageError(path, _("it is not a regular file"))
        with path.open("rb") as file:
            yield file
    except AxoneError:
        raise
    except FileNotFoundError:
        raise ImageError(path, _("there is no such file, or its link leads nowhere")) from None
    except PermissionError:
        raise ResourceError(
            _("'{path}' may not be read by this user.", path=printable_path(path)),
            hint=_("Give yourself the right to read it, or move it away."),
        ) from None
    except MemoryError:
        raise ResourceError(_("There is not enough memory to decode '{path}'.", path=printable_path(path))) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(path) from None
    except UnidentifiedImageError:
        raise ImageError(path, describe_signature(path)) from None
    except Exception as error:  # Pillow's decoders raise about anything on damaged files
        if getattr(error, "errno", None) == errno.ELOOP:
            reason = _("its symbolic link leads back to itself")
        elif "truncated" in str(error).lower():
            reason = _("it is cut off (truncated)")
        else:
            reason = _("it is damaged ({error})", error=error)
        raise ImageError(path, reason) from None


def _recognized(path: Path, file: BinaryIO) -> Image.Image:
    """Find the picture in a file, by its header alone, and refuse one that would unpack to too much."""
    image = Image.open(file, formats=FORMATS)
    if image.width * image.height > MOST_PIXELS:
        raise _too_large(path, image.width * image.height)
    return image


def _header(image: Image.Image) -> Header:
    try:
        frames = image.format != "MPO" and getattr(image, "is_animated", False)
    except Exception:  # damage in a later frame, which is not used
        frames = True
    return Header(image.width, image.height, 1 if _is_gray(image) else 3, bool(frames))


def _decoded(
    image: Image.Image, size: tuple[int, int] | int | None, channels: int | None
) -> UInt8[np.ndarray, "height width channels"]:
    image.load()
    return resize_and_crop(to_gray_or_rgb(_upright(image)), size=size, channels=channels)


def _sha256(file: BinaryIO) -> bytes:
    digest = hashlib.sha256()
    while block := file.read(1 << 16):  # small blocks: most files are one, and a huge one costs no memory
        digest.update(block)
    return digest.digest()


def _too_large(path: Path, pixels: int | None = None) -> ImageError:
    limit = f"{MOST_PIXELS / 1e6:.0f}"
    if pixels is None:
        return ImageError(path, _("it has more pixels than the {limit} million allowed", limit=limit))
    count = f"{pixels / 1e6:.0f}"
    return ImageError(path, _("it has {count} million pixels, {limit} million are allowed", count=count, limit=limit))


def _is_gray(image: Image.Image) -> bool:
    return image.mode in ("1", "L", "LA", "La", "F") or image.mode.startswith("I")


def _upright(image: Image.Image) -> Image.Image:
    with suppress(Exception):  # malformed EXIF says nothing about the pixels
        ImageOps.exif_transpose(image, in_place=True)
    return image


def to_gray_or_rgb(image: Image.Image) -> Image.Image:
    """Convert any mode to L or RGB; what is transparent lies on white."""
    gray = _is_gray(image)
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_to_bytes(np.asarray(image)))
    if image.has_transparency_data:
        image = image.convert("LA") if image.mode == "La" else image
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return _converted(image, "L" if gray else "RGB")


def _converted(image: Image.Image, mode: str) -> Image.Image:
    """Convert to a mode; Pillow would copy what is of that mode already."""
    return image if image.mode == mode else image.convert(mode)


def _to_bytes(values: np.ndarray) -> np.ndarray:
    """Bring gray levels of 16 or 32 bits, or floats, to 0..255; the range is taken from the kind and the top."""
    if values.dtype == np.uint16:
        top = 65_535.0
    else:
        tops = (1.0, 255.0, 65_535.0) if values.dtype.kind == "f" else (255.0, 65_535.0)
        values = np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0)
        highest = values.max(initial=0)
        top = next((top for top in tops if highest <= top), highest)
    return np.clip(np.rint(values * (255.0 / top)), 0, 255).astype(np.uint8)
