"""Writing files atomically: after a kill at any instant there is the old file or the new one, never a part of one.

A file is written under a temporary name, flushed to the disk, then renamed. Errors of the operating system become
errors of Axone that name the path, the space that was needed and the space that is free.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
import time
import unicodedata
from contextlib import suppress
from pathlib import Path

from axone.errors import AxoneError, ResourceError, RunError
from axone.messages import _
from axone.numbers import format_bytes

TEMPORARY = "tmp-"  # prefix of unfinished files and folders, which no reader opens
_CHUNK = 1 << 24
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}


def write_atomically(path: Path | str, data: bytes | str) -> None:
    """Write or replace a file atomically; its folder must exist.

    Raises ResourceError when the disk is full or the file cannot be written, RunError when the folder is gone. The old
    file is then unchanged, and no temporary file is left.
    """
    path = Path(path)
    temporary = temporary_path(path)
    try:
        write_new(temporary, data, final_path=path)
        rename(temporary, path)
        sync_folder(path.parent)
    except BaseException:
        discard(temporary)
        raise


def write_new(path: Path, *parts: bytes | str | memoryview, final_path: Path | None = None) -> None:
    """Write a new file from its parts and flush it to the disk. Errors name `final_path` instead of `path`."""
    buffers = [memoryview(part.encode() if isinstance(part, str) else part) for part in parts]
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        try:
            for buffer in buffers:
                written = 0
                while written < len(buffer):
                    written += os.write(descriptor, buffer[written : written + _CHUNK])
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        discard(path)
        raise explain(error, final_path or path, sum(map(len, buffers))) from error


def make_folder(path: Path) -> None:
    """Create a folder and its parents, unless they exist."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explain(error, path) from error


def rename(source: Path, target: Path) -> None:
    """Rename a file or a folder; a file may replace another one."""
    for wait in (0.02, 0.1, 0.5, 1.0, None):
        try:
            os.replace(source, target)  # noqa: PTH105 - tests replace `os` to make calls fail
            return
        except PermissionError as error:
            # Windows refuses while another process (a reader, a virus scanner) has the file open, which is brief.
            if os.name != "nt" or wait is None:
                raise explain(error, target) from error
            time.sleep(wait)
        except OSError as error:
            raise explain(error, target) from error


def sync_folder(path: Path) -> None:
    """Flush the names in a folder to the disk, on platforms that can."""
    if os.name == "nt":
        return  # folders cannot be opened there; NTFS has a journal of names
    try:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems have no such call
            raise explain(error, path) from error


def remove(path: Path) -> None:
    """Remove a file, or a folder with its content, without following links. It need not exist."""
    try:
        status = os.lstat(path)
        if not stat.S_ISDIR(status.st_mode):
            os.unlink(path)  # noqa: PTH108
            return
        for name in os.listdir(path):  # noqa: PTH208
            remove(path / name)
        os.rmdir(path)  # noqa: PTH106
    except FileNotFoundError:
        return
    except OSError as error:
        raise explain(error, path) from error


def discard(path: Path) -> None:
    """Remove a file or a folder; an error is ignored, because another one is being handled."""
    with suppress(AxoneError):  # a temporary file that stays is removed by the next writer
        remove(path)


def temporary_path(path: Path) -> Path:
    """Return an unused temporary path in the folder of `path`."""
    return path.with_name(TEMPORARY + secrets.token_hex(8))


def remove_temporaries(folder: Path) -> None:
    """Remove the temporary files of a killed writer. Only the process that holds the run's lock may call this."""
    if folder.is_dir():
        for path in folder.glob(TEMPORARY + "*"):
            discard(path)


def sha256_of(path: Path | str) -> str:
    """Return the sha256 of a file's content, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def safe_name(text: str, instead: str = "run") -> str:
    """Convert any text to a name that is valid in every file system and URL: letters, digits, '.', '_', '-'.

    The name has at most 60 characters; it is `instead` when no character is left. Device names of Windows and "last"
    get a prefix.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9_.]+", "-", plain)
    name = re.sub(r"\.{2,}", ".", name).strip("-._ ")[:60].rstrip("-._ ")
    if not name:
        return instead
    taken = name.lower().split(".")[0] in _RESERVED or name.lower() == "last"
    return f"{instead}-{name}" if taken or name.lower().startswith(TEMPORARY) else name


def explain(error: OSError, path: Path, needed: int = 0) -> AxoneError:
    """Return the error of Axone for an error of the operating system when it writes `needed` bytes at `path`."""
    if error.errno in _FULL:
        values = {"path": path, "needed": format_bytes(needed), "free": format_bytes(_free_bytes(path))}
        if error.errno == errno.ENOSPC:
            what = _("disk full: '{path}' needs {needed}, the disk has {free} free.", **values)
        else:
            what = _(
                "disk full: '{path}' needs {needed}, more than your quota or limit allows ({free} free on the disk).",
                **values,
            )
        return ResourceError(
            what, hint=_("Free some space and type 'axone resume RUN', or use --runs-folder on another disk.")
        )
    if error.errno in _FORBIDDEN:
        return ResourceError(
            _("'{path}' cannot be written: {reason}.", path=path, reason=error.strerror or error),
            hint=_("Choose a folder of your own with --runs-folder, or copy the run there."),
        )
    if error.errno == errno.ENOENT and not path.parent.is_dir():
        return RunError(
            _("The folder '{path}' is gone: it was deleted or moved meanwhile.", path=path.parent),
            hint=_("Put it back, or train again."),
        )
    return ResourceError(
        _("'{path}' cannot be written: {reason}.", path=path, reason=error.strerror or error),
        hint=_("Check the disk, or use --runs-folder on another one."),
    )


def _free_bytes(path: Path) -> int:
    for folder in (path, *path.absolute().parents):
        if folder.is_dir():
            return shutil.disk_usage(folder).free
    return 0
