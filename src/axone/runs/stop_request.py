"""Asking the process that writes a run to stop: a file, `stop.request`, in the run's folder.

A signal reaches a process of the same user on the same machine; this file reaches the writer from a page, from
another container, or through a network file system, whatever the system that is trained. The writer looks for
the file between two steps, removes it, saves and stops.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from axone.errors import RunError
from axone.messages import _
from axone.runs.storage.files import remove, write_atomically
from axone.runs.storage.lock import holder

STOP_REQUEST = "stop.request"
_INTERVAL = 0.2  # seconds between two looks at the disk


def request_stop(folder: Path | str) -> None:
    """Ask the writer of a run to save and stop. Raises RunError when no process writes the run."""
    folder = Path(folder)
    if holder(folder) is None:
        raise RunError(
            _("The run '{folder}' is not being trained: there is nothing to stop.", folder=folder),
            hint=_("'axone runs' lists the runs and their states."),
        )
    write_atomically(folder / STOP_REQUEST, "")


def stop_requested(folder: Path | str) -> bool:
    """Return whether the writer of a run was asked to stop; one call of the file system."""
    return os.path.lexists(Path(folder) / STOP_REQUEST)


class StopRequests:
    """The writer's side: `check` is cheap enough to be called after each step."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.requested = False
        self._checked_at = float("-inf")
        remove(self.folder / STOP_REQUEST)  # of an earlier writer, which ended before it saw the request

    def check(self) -> bool:
        """Return whether a stop was requested; looks at the disk five times a second at most."""
        now = time.monotonic()
        if not self.requested and now - self._checked_at >= _INTERVAL:
            self._checked_at = now
            if stop_requested(self.folder):
                self.requested = True
                remove(self.folder / STOP_REQUEST)
        return self.requested
