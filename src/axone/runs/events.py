"""The history of a run: one JSON object per line in `events.jsonl`, appended, readable while it grows.

    {"kind": "epoch", "time": 1795430400.12, "epoch": 3, "step": 1266, "train": {"loss": 0.21}, ...}

Kinds of events, and their fields besides `kind` and `time` (seconds since 1970):

    start       system, run                 a new run begins
    resume      step, epoch                 training continues from a checkpoint
    progress    text, done, total           work other than training steps: reading data, fitting trees
    data        notes                       sentences on the data
    step        step, epoch, batch, ...     means since the last such event, under the ids of the metrics
    epoch       epoch, step, train, ...     means over the epoch and the validation set, by id of the metric
    figure      name, title, caption, file, epoch
    table       name, title, columns, rows, epoch
    text        text                        what a learner logs
    warning     text
    rollback    step, to_step, rollbacks    the loss was not finite: back to the last checkpoint
    early_stop  epoch, best_epoch           no improvement for `patience` epochs
    best_epoch  epoch, monitor, value, ...  the epoch whose weights are the model's, and why (axone.best_epoch)
    stop        reason                      the end of a process that saved and stopped
    error       reason                      the end of a process by an error
    done                                    the end of a finished run

A number that is not finite is written as null and its name listed under "non_finite": JSON has no NaN, and one
would stop every reader. The reader accepts what a killed writer or a failing disk leaves: an incomplete last line,
zeros, lines that are not JSON.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from axone.runs.storage.files import explain, write_atomically
from axone.runs.storage.reading import open_inside

# The end of a process that wrote the run; when the last event is none of these, the process was killed.
ENDS = frozenset({"stop", "error", "done"})
# What happened to the run itself stays in its history when training goes back to a checkpoint.
LASTING = frozenset({"start", "resume", "stop", "error", "rollback"})
_LONGEST = 1_000_000  # bytes of a line; a longer one is damage
_TAIL = 1 << 16  # bytes in which the last event is looked for


class History(NamedTuple):
    """Events in order, the number of lines that could not be read, and the position after the last whole line."""

    events: list[dict[str, Any]]
    dropped: int
    end: int


class EventLog:
    """The writer of `events.jsonl`. Opening it removes the incomplete line that a killed writer may have left."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._descriptor = -1
        self._open()

    def append(self, kind: str, **values: Any) -> dict[str, Any]:
        """Write one event in one call of the operating system; a kill does not lose it. Returns the event."""
        plain, missing = to_plain(values)
        event = {"kind": kind, "time": round(time.time(), 3), **plain}
        if missing:
            event["non_finite"] = missing
        line = (json.dumps(event, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8", "backslashreplace")
        try:
            written = os.write(self._descriptor, line)
            if written < len(line):  # the disk is full: the next write says so
                os.write(self._descriptor, line[written:])
        except OSError as error:
            os.ftruncate(self._descriptor, self.size)
            raise explain(error, self.path, len(line)) from error
        self.size += len(line)
        return event

    def sync(self) -> int:
        """Flush all events to the disk; returns the size of the file, the position that `rewind` takes."""
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise explain(error, self.path) from error
        return self.size

    def rewind(self, size: int) -> list[dict[str, Any]]:
        """Go back to a position, so that the history is the checkpoint's and no event will occur twice.

        Events of a lasting kind are kept, in order; unreadable lines are dropped. The file is replaced, which
        readers notice by its inode. Returns the events that were dropped.
        """
        before = read_events(self.path, end=size).events
        after = read_events(self.path, start=size).events
        remaining = before + [event for event in after if event["kind"] in LASTING]
        lines = (json.dumps(event, ensure_ascii=False) + "\n" for event in remaining)
        self.close()
        try:
            write_atomically(self.path, "".join(lines).encode("utf-8", "backslashreplace"))
        finally:
            self._open()
        return [event for event in after if event["kind"] not in LASTING]

    def close(self) -> None:
        """Close the file. Closing twice is fine."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def _open(self) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        try:
            self._descriptor = os.open(self.path, flags, 0o666)
            self.size = read_events(self.path).end
            os.ftruncate(self._descriptor, self.size)
        except OSError as error:
            raise explain(error, self.path) from error


def read_events(path: Path | str, start: int = 0, end: int | None = None) -> History:
    """Read the events between two positions of a file, dropping and counting the lines that are no events.

    To follow a file that grows, pass the last result's `end` as the next `start`. Raises ValueError when the file
    is a link or no regular file.
    """
    path = Path(path)
    try:
        with open_inside(path.parent, path.name) as file:
            return read_lines(file, start, end)
    except FileNotFoundError:
        return History([], 0, 0)


def read_lines(file: BinaryIO, start: int = 0, end: int | None = None) -> History:
    """Do what `read_events` does with a file that is open."""
    events: list[dict[str, Any]] = []
    dropped = 0
    file.seek(start)
    position = start
    while end is None or position < end:
        line = file.readline(_LONGEST)
        while line and not line.endswith(b"\n") and len(line) >= _LONGEST:
            position += len(line)  # no event is that long: skip to the next line
            line = file.readline(_LONGEST)
            line = b"?" * len(line[:-1]) + line[-1:]
        if not line.endswith(b"\n"):
            return History(events, dropped + bool(line), position)
        position += len(line)
        event = parse_event(line)
        if event is None:
            dropped += 1
        else:
            events.append(event)
    return History(events, dropped, position)


def read_last_event(folder: Path) -> dict[str, Any] | None:
    """Return the last event of a run, or None; reads the end of the file only.

    An event too long to be found there (a large table) is none of those that end a run.
    """
    try:
        with open_inside(folder, "events.jsonl") as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(max(0, size - _TAIL))
            lines = file.read(_TAIL).split(b"\n")[:-1]
    except (OSError, ValueError):
        return None
    return next((event for line in reversed(lines) if (event := parse_event(line)) is not None), None)


def write_csv(events: Iterable[Mapping[str, Any]], path: Path | str) -> None:
    """Write the epochs as a table, `metrics.csv`: one row per epoch, one column per metric, named by its id."""
    rows = [_flat(event) for event in events if event.get("kind") == "epoch"]
    first = ("epoch", "step", "seconds", "learning_rate")
    names = dict.fromkeys(name for row in rows for name in row)
    groups = ("train_", "validation_")
    columns = [name for name in first if name in names or not rows]
    columns += [name for group in groups for name in names if name.startswith(group)]
    columns += [name for name in names if name not in first and not name.startswith(groups)]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_cell(name) for name in columns)
    table.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    write_atomically(path, text.getvalue())


def to_plain(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Convert values to what JSON can hold: numbers that are not finite become null, and their names are returned."""
    missing: list[str] = []
    return _plain(values, "", missing), missing


def _plain(value: Any, name: str, missing: list[str]) -> Any:
    """Convert a value to what JSON can hold; collect the names of numbers that are not finite."""
    if isinstance(value, Mapping):
        prefix = f"{name}." if name else ""
        return {str(key): _plain(item, f"{prefix}{key}", missing) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, f"{name}.{index}", missing) for index, item in enumerate(value)]
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if hasattr(value, "item") and not isinstance(value, float):
        return _plain(value.item(), name, missing)  # a scalar of numpy or torch
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        missing.append(name)
        return None
    return str(value)


def parse_event(line: bytes) -> dict[str, Any] | None:
    """Read one line; None when it is no event."""
    try:
        event = json.loads(line, parse_constant=lambda _name: None)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("kind"), str) else None


def _flat(event: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in event.items():
        if isinstance(value, Mapping):
            row.update({f"{name}_{inner}": number for inner, number in value.items()})
        elif name not in ("kind", "time", "non_finite"):
            row[name] = value
    return row


def _cell(value: Any) -> Any:
    """Quote a text that a spreadsheet would take for a formula."""
    return "'" + value if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")) else value
