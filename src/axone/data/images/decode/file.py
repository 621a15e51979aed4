"""Read one image from a file, with the size and channels that a network takes.

Supported formats are JPEG, PNG, WebP, GIF, BMP and TIFF. What an image would occupy is read from its header before a
pixel is decoded, because a file of 10 kB may unpack to gigabytes (`large.py`). A truncated image is refused, never
filled up with gray. Training and prediction use the same code (`to_input`). Nothing here needs torch, so a process
that only decodes starts quickly (`cache/decoding.py`).
"""

from __future__ import annotations

import errno
import hashlib
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from jaxtyping import Num, UInt8
from PIL import Image, UnidentifiedImageError

from axone.data.images.decode.fit import Fit, Size, fit_image
from axone.data.images.decode.large import MAX_PIXELS, TooLargeError, decode_upright, is_rotated, open_header
from axone.data.images.decode.modes import convert, is_gray, to_gray_or_rgb
from axone.data.images.decode.signature import describe_signature
from axone.data.images.scale.scale import Scale
from axone.data.images.scale.units import Scaling
from axone.data.images.scale.values import has_more_than_bytes, has_more_than_read, read_values
from axone.data.paths import printable_path
from axone.errors import AxoneError, DataError, ResourceError
from axone.messages import _

# Pillow warns at 89 million pixels; here 80 million are an error already, unless the decoder reduces them.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


class ImageError(DataError):
    """A file that is not a usable image; `reason` says why, without the name of the file."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(_("'{path}' cannot be used: {reason}.", path=printable_path(path), reason=reason))
        self.reason = reason


@dataclass(frozen=True)
class Header:
    """What the header of a file says about its image."""

    width: int  # when it is upright
    height: int
    channels: int  # 1: gray, 3: color
    frames: bool  # an animation, or several pages, of which the first is used
    above_8_bits: bool = False  # whether its values are scaled to bytes
    is_reduced: bool = False  # whether only the 8 higher of the 16 bits of each channel are read


class DecodedFile(NamedTuple):
    """An image that was read once: the sha256 of its file, its header, its pixels at the requested size."""

    sha256: bytes
    header: Header
    pixels: UInt8[np.ndarray, "height width channels"]
    scaling: Scaling


def read_header(path: str | Path) -> Header:
    """Return the header of an image file without decoding the image. Raises as `read_image` does."""
    with _open(Path(path)) as file:
        return _read_header(open_header(file))


def read_image(
    path: str | Path,
    *,
    size: Size | int | None = None,
    channels: int | None = None,
    fit: Fit = "crop",
    scale: Scale | None = None,
) -> UInt8[np.ndarray, "height width channels"]:
    """Return an image: gray (1 channel) or red, green and blue (3), upright, on white where transparent.

    Args:
        path: The file.
        size: The side, or (height, width), to which it is resized. None: its own.
        channels: 1 or 3. None: its own.
        fit: How it is resized, see `fit.py`.
        scale: The scale of a run, see `scale_like_training`.

    Raises:
        ImageError: The file is not a usable image (an ImageError is a DataError).
        DataError: Its values cannot be compared with those of the run.
        ResourceError: The file may not be read, or does not fit into memory.
    """
    return read_scaled_image(path, size=size, channels=channels, fit=fit, scale=scale)[0]


def read_scaled_image(
    path: str | Path,
    *,
    size: Size | int | None = None,
    channels: int | None = None,
    fit: Fit = "crop",
    scale: Scale | None = None,
) -> tuple[UInt8[np.ndarray, "height width channels"], Scaling]:
    """Return an image as `read_image` does, and how its values became bytes."""
    with _open(Path(path)) as file:
        return _decode(open_header(file), size, channels, fit, scale)


def open_image(path: str | Path) -> Image.Image:
    """Return an image decoded and upright, in the mode of its file, with 16 bits and transparency if it has them.

    Raises as `read_image` does.
    """
    with _open(Path(path)) as file:
        return decode_upright(open_header(file))


def read_values_above_8_bits(path: str | Path) -> Num[np.ndarray, "height width"] | None:
    """Return the values of an image in their own type; None, without decoding it, for an image of 8 bits.

    Raises as `read_image` does.
    """
    with _open(Path(path)) as file:
        image = open_header(file)
        return read_values(decode_upright(image)) if has_more_than_bytes(image) else None


def decode_file(
    path: str | Path,
    *,
    size: Size | int,
    channels: int,
    fit: Fit = "crop",
    scale: Scale | None = None,
    unless_sha256: bytes | None = None,
) -> DecodedFile | None:
    """Read a file once for all that the cache stores of it; return None when its sha256 is `unless_sha256`.

    Raises as `read_image` does.
    """
    with _open(Path(path)) as file:
        sha256 = _sha256(file)
        if sha256 == unless_sha256:
            return None
        file.seek(0)
        image = open_header(file)
        header = _read_header(image)
        return DecodedFile(sha256, header, *_decode(image, size, channels, fit, scale))


def to_input(
    image: Image.Image, *, size: Size | int | None = None, channels: int | None = None, fit: Fit = "crop"
) -> UInt8[np.ndarray, "height width channels"]:
    """Return an image at the size that a network takes, converted to gray or color.

    Args:
        image: An image of mode L or RGB.
        size: The side, or (height, width). An image of that size is not resampled. None: its own.
        channels: 1 (gray) or 3 (red, green, blue). None: its own.
        fit: How it is resized, see `fit.py`.

    Raises:
        DataError: `channels` is another number.
    """
    if channels not in (None, 1, 3):
        raise DataError(
            _("Images cannot have {channels} channels.", channels=channels),
            expected=_("expected 1 (gray) or 3 (color)"),
        )
    if channels is not None:
        image = convert(image, "L" if channels == 1 else "RGB")
    if size is not None:
        image = fit_image(image, (size, size) if isinstance(size, int) else size, fit)
    array = np.array(image, dtype=np.uint8)
    return array[:, :, None] if array.ndim == 2 else array


@contextmanager
def _open(path: Path) -> Iterator[BinaryIO]:
    """Open a file to read an image; errors inside the block become errors of `axone.errors`."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would block
            raise ImageError(path, _("it is not a regular file"))
        with path.open("rb") as file:
            yield file
    except AxoneError:
        raise
    except FileNotFoundError:
        raise ImageError(path, _("there is no such file, or its link is broken")) from None
    except PermissionError:
        raise ResourceError(
            _("'{path}' may not be read by this user.", path=printable_path(path)),
            hint=_("Give yourself the permission to read it, or move it away."),
        ) from None
    except MemoryError:
        raise ResourceError(_("There is not enough memory to decode '{path}'.", path=printable_path(path))) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        limit = f"{MAX_PIXELS / 1e6:.0f}"
        raise ImageError(path, _("it has more pixels than the {limit} million allowed", limit=limit)) from None
    except TooLargeError as error:
        raise ImageError(path, str(error)) from None
    except UnidentifiedImageError:
        raise ImageError(path, describe_signature(path)) from None
    except Exception as error:  # on damaged files, the decoders of Pillow raise exceptions of many types
        if getattr(error, "errno", None) == errno.ELOOP:
            reason = _("its symbolic link leads to itself")
        elif "truncated" in str(error).lower():
            reason = _("it is cut off (truncated)")
        else:
            reason = _("it is damaged ({error})", error=error)
        raise ImageError(path, reason) from None


def _read_header(image: Image.Image) -> Header:
    try:
        frames = image.format != "MPO" and getattr(image, "is_animated", False)
    except Exception:  # damage in a later frame, which is not used
        frames = True
    width, height = (image.height, image.width) if is_rotated(image) else image.size
    return Header(
        width, height, 1 if is_gray(image) else 3, bool(frames), has_more_than_bytes(image), has_more_than_read(image)
    )


def _decode(
    image: Image.Image, size: Size | int | None, channels: int | None, fit: Fit, scale: Scale | None
) -> tuple[UInt8[np.ndarray, "height width channels"], Scaling]:
    size = (size, size) if isinstance(size, int) else size
    converted, scaling = to_gray_or_rgb(decode_upright(image, size, fit), scale)
    return to_input(converted, size=size, channels=channels, fit=fit), scaling


def _sha256(file: BinaryIO) -> bytes:
    digest = hashlib.sha256()
    while block := file.read(1 << 16):  # most files are one block, and a huge file costs no memory
        digest.update(block)
    return digest.digest()
