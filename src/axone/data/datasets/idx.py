"""Read the idx format of MNIST and Fashion-MNIST, plain or gzip.

An idx file consists of two zero bytes, a code of the element type (8: unsigned byte), the number of dimensions, each
dimension as a 32-bit big-endian number, then the elements, last dimension fastest (http://yann.lecun.com/exdb/mnist).
A header is trusted only when the file has that length: memory grows with the bytes that are there, never with the
header's numbers.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from axone.errors import DataError, ResourceError
from axone.messages import _

MAX_BYTES = 2**31  # more than any data set in this format, less than a hostile header could demand
_BLOCK = 1 << 20  # bytes
_DEFLATE_LIMIT = 1032  # the largest compression factor of deflate


def read_idx(path: Path, dimensions: int) -> UInt8[np.ndarray, "*shape"]:
    """Return the array of a file of unsigned bytes.

    Args:
        path: The file, plain or gzip.
        dimensions: The expected number of dimensions.

    Raises:
        DataError: The file is missing, is not idx, or has another length than its header says.
        ResourceError: The file may not be read.
    """
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            zipped = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            if not zipped:
                return _read(file.read, path, dimensions, size)
            with gzip.GzipFile(fileobj=file) as unzipped:
                return _read(unzipped.read, path, dimensions, size * _DEFLATE_LIMIT)
    except FileNotFoundError:
        raise DataError(_("There is no file '{path}'.", path=path)) from None
    except PermissionError:
        raise ResourceError(_("'{path}' may not be read by this user.", path=path)) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(_("'{path}' is damaged: {reason}.", path=path, reason=error)) from None
    except OSError as error:
        raise DataError(_("'{path}' cannot be read: {reason}.", path=path, reason=error)) from None


def _read(read: Callable[[int], bytes], path: Path, dimensions: int, longest: int) -> np.ndarray:
    start = read(4)
    if len(start) < 4 or start[:2] != b"\0\0":
        raise DataError(_("'{path}' is not an idx file: it does not begin with two zero bytes.", path=path))
    kind, count = start[2], start[3]
    if kind != 8:
        raise DataError(
            _("'{path}' has elements of type {kind}; only unsigned bytes (8) are supported.", path=path, kind=kind)
        )
    if count != dimensions:
        raise DataError(
            _("'{path}' has {found} dimensions.", path=path, found=count),
            expected=_("expected {wanted}", wanted=dimensions),
        )
    sizes = read(4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise DataError(_("'{path}' is cut off within its header.", path=path))
    shape = struct.unpack(f">{dimensions}I", sizes)
    claimed = math.prod(shape)  # a Python number: it cannot overflow
    if claimed > min(longest, MAX_BYTES):
        raise DataError(_("'{path}' claims {count} bytes of data, more than it can hold.", path=path, count=claimed))
    content = bytearray()
    while len(content) <= claimed and (block := read(min(_BLOCK, claimed + 1 - len(content)))):
        content += block
    if len(content) != claimed:
        problem = _("is cut off") if len(content) < claimed else _("is longer than its header says")
        raise DataError(
            _("'{path}' {problem}.", path=path, problem=problem),
            expected=_("expected {count} bytes of data", count=claimed),
        )
    return np.frombuffer(content, np.uint8).reshape(shape)
