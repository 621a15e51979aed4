"""Reading the files of a run folder that may come from anyone: nothing outside the folder is ever read.

A forged folder may name files with "..", hold symbolic links that lead elsewhere (see `links.py`), or a named pipe
on which a reader would wait without end.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from axone.messages import _


def locate(folder: Path, name: str) -> Path:
    """Return the path of a run's file from its name relative to the folder; the file need not exist.

    Raises ValueError, with the reason, when the name or a symbolic link on the way leads out of the folder.
    """
    parts = PurePosixPath(name).parts
    windows = PureWindowsPath(name)
    if not parts or "\0" in name or parts[0] == "/" or windows.drive or ".." in (*parts, *windows.parts):
        raise ValueError(_("it lies outside the run's folder"))
    path = folder
    for part in parts:
        path = path / part
        if path.is_symlink():
            return _follow(folder, folder.joinpath(*parts))
    return path


def open_inside(folder: Path, name: str) -> BinaryIO:
    """Open a regular file of a run. Raises FileNotFoundError, another OSError, or ValueError with the reason."""
    flags = os.O_RDONLY
    for flag in ("O_NONBLOCK", "O_BINARY", "O_CLOEXEC"):
        flags |= getattr(os, flag, 0)
    descriptor = os.open(locate(folder, name), flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ValueError(_("it is not a regular file"))
    return os.fdopen(descriptor, "rb")


def read_inside(folder: Path, name: str, largest: int) -> bytes:
    """Read a regular file of a run. Raises what `open_inside` raises, and ValueError above `largest` bytes."""
    with open_inside(folder, name) as file:
        if os.fstat(file.fileno()).st_size > largest:
            raise ValueError(_("too large"))
        return file.read()


def _follow(folder: Path, path: Path) -> Path:
    try:
        target = path.resolve()
    except RuntimeError:  # a loop of links
        target = Path("/")
    if not target.is_relative_to(folder.resolve()):
        raise ValueError(_("it lies outside the run's folder"))
    return target
