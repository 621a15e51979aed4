"""Read one text file as UTF-8, as far as it fits into memory."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path

from axone.data.memory import require_memory
from axone.data.paths import printable_path
from axone.data.text.encoding import decode
from axone.errors import DataError, ResourceError
from axone.messages import _

MEMORY = 3  # bytes of memory per byte of a file: the bytes, the text in another encoding, and what is made of it


@dataclass(frozen=True)
class TextFile:
    """The content of a text file.

    Args:
        name: What the file is called: its name, or its path relative to the folder that was read.
        data: The text as UTF-8 without a byte-order mark; every line ends in a newline character alone.
        notes: Sentences for people on how it was read, such as its encoding.
    """

    name: str
    data: bytes
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text."""
        return self.data.decode()


def read_text_file(path: str | Path, name: str = "") -> TextFile:
    """Return the content of a text file in UTF-8, UTF-16, UTF-32 or Windows-1252 (or Latin-1).

    Args:
        path: The file.
        name: What to call it; by default its own name.

    Raises:
        DataError: There is no such file, or it is empty, damaged, binary, or in an encoding that is not known.
        ResourceError: It may not be read, or does not fit into memory.
    """
    path = Path(path)
    place = printable_path(path)
    try:
        if path.is_dir():
            raise DataError(_("'{path}' is a folder, not a text file.", path=place))
        if path.exists() and not path.is_file():
            raise DataError(_("'{path}' is not an ordinary file.", path=place))
        require_memory(path.stat().st_size * MEMORY, place)
        data = path.read_bytes()
    except FileNotFoundError:
        raise DataError(_("There is no file '{path}' (from {folder}).", path=place, folder=Path.cwd())) from None
    except PermissionError:
        raise ResourceError(_("'{path}' may not be read.", path=place)) from None
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.EIO, errno.ENAMETOOLONG):
            raise
        raise DataError(_("'{path}' cannot be read: {reason}.", path=place, reason=error.strerror)) from None
    text = decode(Path(place), data)
    return TextFile(printable_path(name or path.name), text.data.replace(b"\r\n", b"\n"), text.notes)
