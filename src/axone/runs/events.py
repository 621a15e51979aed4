"""The history of a run: one JSON object a line in `events.jsonl`, appended, readable while it grows.

    {"kind": "epoch", "time": 1795430400.12, "epoch": 3, "step": 1266, "train": {"loss": 0.21}, ...}

A number that is not finite is written as null, its name kept under "non_finite": JSON has no NaN, and one
would stop every reader. The reader takes what a killed writer or a failing disk leaves: a half last line,
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
from typing import Any, NamedTuple

from axone.runs.files import explain, write_atomically

# What happened to the run itself stays in its history when training goes back to a checkpoint.
LASTING = frozenset({"start", "resume", "stop", "rollback"})
_LONGEST = 1_000_000  # bytes of a line; a longer one is damage


class History(NamedTuple):
    """Events in order, lines that could not be read, and where the last whole line ends."""

    events: list[dict[str, Any]]
    dropped: int
    end: int


class EventLog:
    """The writer of `events.jsonl`. Opening it cuts off the half line that a killed writer may have left."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._descriptor = -1
        self._open()

    def append(self, kind: str, **values: Any) -> dict[str, Any]:
        """Write one event, in one call; it is in the operating system's hands on return. Returns the event."""
        missing: list[str] = []
        event = {"kind": kind, "time": round(time.time(), 3), **_plain(values, "", missing)}
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
        """Go back to a position, so that history is the checkpoint's and nothing is told twice.

        Events of a lasting kind stay, in order. Unreadable lines go. Returns the events that were dropped.
        """
        before = read_events(self.path, end=size).events
        after = read_events(self.path, start=size).events
        kept = before + [event for event in after if event["kind"] in LASTING]
        lines = (json.dumps(event, ensure_ascii=False) + "\n" for event in kept)
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
    """Read the events between two positions of a file, dropping and counting what is not an event.

    To follow a file that grows, pass the last answer's `end` as the next `start`.
    """
    events: list[dict[str, Any]] = []
    dropped = 0
    if not Path(path).exists():
        return History([], 0, 0)
    with Path(path).open("rb") as file:
        file.seek(start)
        position = start
        while end is None or position < end:
            line = file.readline(_LONGEST)
            while line and not line.endswith(b"\n") and len(line) >= _LONGEST:
                position += len(line)  # no event is that long: on to the next line
                line = file.readline(_LONGEST)
                line = b"?" * len(line[:-1]) + line[-1:]
            if not line.endswith(b"\n"):
                return History(events, dropped + bool(line), position)
            position += len(line)
            event = _parse(line)
            if event is None:
                dropped += 1
            else:
                events.append(event)
    return History(events, dropped, position)


def write_csv(events: Iterable[Mapping[str, Any]], path: Path | str) -> None:
    """Write the epochs as a table, `metrics.csv`: one row an epoch, one column a figure."""
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


def _plain(value: Any, name: str, missing: list[str]) -> Any:
    """Turn a value into what JSON can say; collect the names of numbers that are not finite."""
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


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line, parse_constant=lambda _name: None)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("kind"), str) else None


def _flat(event: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in event.items():
        if isinstance(value, Mapping):
            row.update({f"{name}_{inner}": figure for inner, figure in value.items()})
        elif name not in ("kind", "time", "non_finite"):
            row[name] = value
    return row


def _cell(value: Any) -> Any:
    """Keep a text from being taken for a formula by a spreadsheet."""
    return "'" + value if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")) else value
