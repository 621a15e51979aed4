"""Reading the events of a run as they are written.

    for event in follow(folder):    # ends when no process writes the run any more
        ...

When training goes back to a checkpoint, its writer replaces `events.jsonl`: some events that were already read are
no longer part of the history. The follower then yields {"kind": "rewind", "kept": n}, where n is the number of
events, of all that it yielded (markers not counted), that still hold; the events after those follow.
"""

from __future__ import annotations

import os
import time
from array import array
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any, BinaryIO

from axone.runs.events import read_lines
from axone.runs.storage.lock import holder
from axone.runs.storage.manifest import EVENTS
from axone.runs.storage.reading import open_inside

Event = dict[str, Any]
_INTERVAL = 0.2  # seconds between two looks at the file


def follow(folder: Path | str, wait: Callable[[], None] = lambda: time.sleep(_INTERVAL)) -> Iterator[Event]:
    """Yield all events of a run, then each new one, until no process writes the run.

    `wait` is called whenever there is nothing new.
    """
    follower = Follower(folder)
    while True:
        is_written = holder(folder) is not None  # asked first: what the writer wrote before it ended is read below
        events = follower.read()
        yield from events
        if not is_written:
            return
        if not events:
            wait()


class Follower:
    """A position in the events of a run; `read` returns what is new."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._signature: tuple[int, int, int] | None = None  # inode, size and time of the file at the last read
        self._position = 0  # after the last whole line that was read
        self._last_line = b""  # ends at the position; differs in a file that was replaced
        self._hashes = array("q")  # of the events that were yielded

    def read(self) -> list[Event]:
        """Return the events that were written since the last call, a rewind marker before them if need be.

        A line that is still being written is left for the next call. Lines that are no events are skipped.
        """
        try:
            with open_inside(self.folder, EVENTS) as file:
                status = os.fstat(file.fileno())
                signature = (status.st_ino, status.st_size, status.st_mtime_ns)
                if signature == self._signature:
                    return []
                replaced = self._signature is not None and not self._continues(file, status)
                self._signature = signature
                return self._read_replaced(file) if replaced else self._read_from(file, self._position)
        except (OSError, ValueError):  # not there yet, or removed
            return []

    def _continues(self, file: BinaryIO, status: os.stat_result) -> bool:
        """Return whether the file is the one that was read before, with more lines at its end."""
        assert self._signature is not None
        if status.st_ino != self._signature[0] or status.st_size < self._position:
            return False
        file.seek(self._position - len(self._last_line))
        return file.read(len(self._last_line)) == self._last_line

    def _read_from(self, file: BinaryIO, start: int) -> list[Event]:
        history = read_lines(file, start)
        if history.end > start:
            self._position = history.end
            file.seek(max(start, history.end - 4096))
            self._last_line = file.read(history.end - file.tell())
        self._hashes.extend(map(_hash, history.events))
        return history.events

    def _read_replaced(self, file: BinaryIO) -> list[Event]:
        """Read the whole new file; return a marker and the events after those that both files begin with."""
        before = self._hashes
        self._position, self._last_line, self._hashes = 0, b"", array("q")
        events = self._read_from(file, 0)
        common = sum(1 for _same in takewhile(lambda pair: pair[0] == pair[1], zip(before, self._hashes)))
        if common == len(before):
            return events[common:]
        return [{"kind": "rewind", "kept": common}, *events[common:]]


def _hash(event: Event) -> int:
    return hash(repr(event))
