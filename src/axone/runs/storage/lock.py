"""One writer per run: a lock that the operating system releases when its holder ends, however it ends.

    run.lock        locked exclusively by the writer (filelock): decides who may write
    run.lock.json   names the writer; the writer holds a second lock on it, which readers can query

A reader that tried to take `run.lock` in order to learn whether it is free would hold it for an instant, and a
writer that starts in this instant would be refused. Readers therefore query the second lock with F_OFD_GETLK:
the kernel answers without locking anything, for any number of readers, across containers and network file
systems. Neither alternative is as good: a process number may have been reused, or belong to another machine or
container; /proc/locks lists only the processes of this container, and its device numbers differ from those of
`stat` on some file systems. Where there are no such locks (macOS, Windows), readers do try `run.lock`, and a writer
tries for longer than they hold it.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import time
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from filelock import FileLock, Timeout

from axone.errors import LockedError, ResourceError
from axone.messages import _
from axone.runs.storage.files import discard, explain, rename, temporary_path, write_new
from axone.shell import quote

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK, HOLDER = "run.lock", "run.lock.json"
_PATIENCE = 0.4  # seconds for which a writer tries to take the lock
_QUERIES = hasattr(fcntl, "F_OFD_GETLK") and struct.calcsize("P") == 8  # locks whose holder can be asked for
_FLOCK = "hhqqi"  # C's struct flock: type, whence, start, length (0: to the end), process


class Holder(NamedTuple):
    """The process that writes a run: its number, its machine, its start (seconds since 1970)."""

    pid: int
    host: str
    since: float


class RunLock:
    """The right to write a run's folder, from `acquire` to `release` or the end of the process."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._lock = FileLock(self.folder / LOCK, thread_local=False)
        self._descriptor = -1  # of run.lock.json, while it is locked

    def acquire(self) -> RunLock:
        """Take the lock. Raises LockedError, naming the holder, when another process or RunLock has it."""
        try:
            self._lock.acquire(timeout=_PATIENCE, poll_interval=0.05)
        except Timeout:
            raise self._refusal() from None
        except NotImplementedError:
            raise ResourceError(
                _("The disk of '{folder}' has no file locks.", folder=self.folder),
                hint=_("Use --runs-folder on a local disk."),
            ) from None
        except OSError as error:
            raise explain(error, self.folder / LOCK) from error
        try:
            self._publish_holder()
        except BaseException:
            self._lock.release(force=True)
            raise
        return self

    def release(self) -> None:
        """Release the lock. Releasing twice is fine."""
        if not self._lock.is_locked:
            return
        discard(self.folder / HOLDER)
        self._close()
        self._lock.release(force=True)

    def __enter__(self) -> RunLock:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _publish_holder(self) -> None:
        """Write run.lock.json; it is locked before it gets its name, so that no reader sees it unlocked."""
        me = Holder(os.getpid(), socket.gethostname(), round(time.time(), 3))
        for can_query in (True, False) if _QUERIES else (False,):
            temporary = temporary_path(self.folder / HOLDER)
            try:
                write_new(
                    temporary, json.dumps({**me._asdict(), "queryable": can_query}), final_path=self.folder / HOLDER
                )
                if can_query and not self._lock_file(temporary):
                    discard(temporary)
                    continue
                rename(temporary, self.folder / HOLDER)
                return
            except BaseException:
                discard(temporary)
                self._close()
                raise

    def _lock_file(self, path: Path) -> bool:
        """Lock run.lock.json; return whether it worked, for some network file systems have no such locks."""
        try:
            self._descriptor = os.open(path, os.O_RDWR)
            fcntl.fcntl(self._descriptor, fcntl.F_OFD_SETLK, _write_lock())
        except OSError:
            self._close()
            return False
        return True

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def _refusal(self) -> LockedError:
        writer = last_holder(self.folder)
        who = describe_holder(writer) if writer else _("another process")
        return LockedError(
            _("The run '{folder}' is being written by {who}.", folder=self.folder, who=who),
            hint=_("Wait until it ends, or stop it with Ctrl-C where it runs; then type: axone resume {folder}",
                   folder=quote(self.folder)),
        )  # fmt: skip


def holder(folder: Path | str) -> Holder | None:
    """Return the process that writes a run at this moment, or None. Takes no lock where locks can be queried."""
    folder = Path(folder)
    try:
        # Not through a link and never waiting: a forged folder may hold a link or a named pipe of this name.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(folder / HOLDER, flags)
    except OSError:
        return None
    try:
        writer, can_query = _parse(os.read(descriptor, 10_000))
        if writer is None:
            return None
        held = _is_locked(descriptor) if can_query and _QUERIES else _is_taken(folder / LOCK)
        return writer if held else None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def last_holder(folder: Path | str) -> Holder | None:
    """Return the process named in run.lock.json: the writer, or one that ended without removing its name."""
    try:
        path = Path(folder) / HOLDER
        return _parse(path.read_bytes()[:10_000])[0] if path.is_file() and not path.is_symlink() else None
    except OSError:
        return None


def describe_holder(process: Holder) -> str:
    """Name a process for a message."""
    since = time.strftime("%H:%M:%S", time.localtime(process.since))
    return _("process {pid} on {host}, since {time}", pid=process.pid, host=process.host, time=since)


def _write_lock() -> bytes:
    return struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)


def _is_locked(descriptor: int) -> bool:
    answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, _write_lock())
    return struct.unpack(_FLOCK, answer)[0] != fcntl.F_UNLCK


def _is_taken(lock_file: Path) -> bool:
    """Return whether run.lock is taken, by trying to take it for an instant."""
    if not lock_file.exists():
        return False
    lock = FileLock(lock_file, thread_local=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return True
    except (OSError, NotImplementedError):
        return False  # a folder that cannot be written has no writer
    lock.release(force=True)
    return False


def _parse(data: bytes) -> tuple[Holder | None, bool]:
    """Read run.lock.json: the holder, and whether it locked this file too."""
    try:
        content = json.loads(data)
        return Holder(int(content["pid"]), str(content["host"]), float(content["since"])), bool(content["queryable"])
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return None, False
