"""Read the bytes of a file, decompressed where it is compressed with gzip, as far as they fit into memory."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from axone.data.memory import require_memory
from axone.errors import DataError
from axone.messages import _

GZIP = b"\x1f\x8b"
BLOCK = 1 << 22  # bytes that are decompressed between two checks of the memory


def read_bytes(path: Path, memory_per_byte: int) -> bytes:
    """Return the content of a file, decompressed where it begins as gzip files do, whatever its name.

    Args:
        path: The file.
        memory_per_byte: The bytes of memory that using one byte of the content takes. The memory is checked before
            an uncompressed file is read, and while a compressed one grows.

    Raises:
        ResourceError: The content does not fit into memory.
        DataError: The compressed file is cut off or damaged.
    """
    if not is_compressed(path):
        require_memory(path.stat().st_size * memory_per_byte, str(path))
        return path.read_bytes()
    parts, size = [], 0
    for block in iterate_blocks(path):
        size += len(block)
        require_memory(size * memory_per_byte, str(path))
        parts.append(block)
    return b"".join(parts)


def iterate_blocks(path: Path) -> Iterator[bytes]:
    """Yield the content of a file in blocks, decompressed where it is compressed. Raises DataError."""
    open_file: Callable[..., Any] = gzip.open if is_compressed(path) else Path.open
    try:
        with open_file(path, "rb") as stream:
            while block := stream.read(BLOCK):
                yield block
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            _("'{path}' cannot be decompressed: {reason}.", path=path, reason=str(error).rstrip(".")),
            hint=_("the file was cut off or is damaged: copy or export it again"),
        ) from None


def is_compressed(path: Path) -> bool:
    """Return whether a file begins as gzip files do."""
    with path.open("rb") as file:
        return file.read(len(GZIP)) == GZIP
