"""One writer per run: a lock that the operating system releases when its holder dies, however it dies.

Beside it lies the holder's name, `run.lock.json`, for the message to whoever comes second.
"""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from filelock import FileLock, Timeout

from axone.errors import LockedError, ResourceError
from axone.messages import _
from axone.runs.files import discard, explain, write_atomically

LOCK, HOLDER = "run.lock", "run.lock.json"
# A reader that asks who holds the lock holds it for an instant itself: a writer tries for longer than that.
_PATIENCE = 0.4  # seconds


class Holder(NamedTuple):
    """The process that writes a run: its number, its machine, since when (seconds since 1970)."""

    pid: int
    host: str
    since: float


class RunLock:
    """The right to write a run's folder, from `acquire` to `release` or the end of the process."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._lock = FileLock(self.folder / LOCK, thread_local=False)

    def acquire(self) -> RunLock:
        """Take the lock. Raises LockedError, naming the holder, when another process or Recorder has it."""
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
            me = Holder(os.getpid(), socket.gethostname(), round(time.time(), 3))
            write_atomically(self.folder / HOLDER, json.dumps(me._asdict()))
        except BaseException:
            self._lock.release(force=True)
            raise
        return self

    def release(self) -> None:
        """Give the lock back. Releasing twice is fine."""
        if self._lock.is_locked:
            discard(self.folder / HOLDER)
            self._lock.release(force=True)

    def __enter__(self) -> RunLock:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _refusal(self) -> LockedError:
        found = _read_holder(self.folder)
        who = (
            _("process {pid} on {host}, since {time}", pid=found.pid, host=found.host,
              time=time.strftime("%H:%M:%S", time.localtime(found.since)))
            if found
            else _("another process")
        )  # fmt: skip
        return LockedError(
            _("The run '{folder}' is being written by {who}.", folder=self.folder, who=who),
            hint=_("Wait until it ends, or stop it with Ctrl-C where it runs; then type 'axone resume {folder}'.",
                   folder=self.folder),
        )  # fmt: skip


def holder(folder: Path | str) -> Holder | None:
    """Return who writes a run at this moment, or None. A name left by a killed process does not count."""
    folder = Path(folder)
    found = _read_holder(folder)
    if found is None or not (folder / LOCK).exists():
        return None
    lock = FileLock(folder / LOCK, thread_local=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return found
    except (OSError, NotImplementedError):
        return None  # a folder that cannot be written has no writer
    lock.release(force=True)
    return None


def _read_holder(folder: Path) -> Holder | None:
    try:
        content = json.loads((folder / HOLDER).read_bytes()[:10_000])
        return Holder(int(content["pid"]), str(content["host"]), float(content["since"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
