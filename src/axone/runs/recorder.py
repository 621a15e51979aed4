"""What training hands to a run's folder: events, checkpoints, pictures, and the order in which they are safe.

    with Recorder(folder) as recorder:      # takes the run's lock
        recorder.start(...)                 # or recorder.load_checkpoint("last"), to go on
        recorder.event("epoch", epoch=1, step=422, train={"loss": 0.5}, validation={"accuracy": 0.86})
        recorder.save_checkpoint("last", weights, state)
        recorder.finish({"test": {"accuracy": 0.915}})

Whatever instant the process dies at, the folder tells the truth: files are written whole, a checkpoint before
the manifest that lists it, `done.json` last.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from torch import Tensor

from axone.errors import DamagedError, RunError
from axone.figures.figure import Figure, Table, png
from axone.messages import _
from axone.runs import checkpoints
from axone.runs.events import EventLog, read_events, write_csv
from axone.runs.files import remove, remove_temporaries, safe_name, write_atomically
from axone.runs.lock import RunLock
from axone.runs.manifest import (
    CHECKPOINTS,
    DONE,
    EVENTS,
    MANIFEST,
    changing,
    damaged,
    record_file,
    verify,
    write_manifest,
)
from axone.runs.sealed import read_sealed, seal

# Without these a run cannot be rebuilt; damage elsewhere (a picture, the history) is told, and training goes on.
ESSENTIAL = ("settings.toml", "facts.json", "environment.json", "graph.json", "system.py", MANIFEST)


class Recorder:
    """The one writer of a run's folder, from its making to `close` or the end of the process.

    `listener` is called with each event: the live display. Raises LockedError when another process writes
    this run.
    """

    def __init__(self, folder: Path | str, listener: Callable[[dict[str, Any]], None] | None = None) -> None:
        self.folder = Path(folder)
        self.listener = listener
        if not self.folder.is_dir():
            raise checkpoints.gone(self.folder)
        self._lock = RunLock(self.folder).acquire()
        self._going_on = True  # until `start`: then there is nothing to go on from
        try:
            for place in (self.folder, self.folder / "figures", self.folder / CHECKPOINTS):
                remove_temporaries(place)
            self._log = EventLog(self.folder / EVENTS)
        except BaseException:
            self._lock.release()
            raise

    def start(
        self,
        settings_toml: str,
        facts: Mapping[str, Any],
        environment: Mapping[str, Any],
        graph: Mapping[str, Any] | None = None,
        source: Path | None = None,
    ) -> None:
        """Write what a new run is: enough to understand it and to rebuild its network.

        `environment` should hold "system": a run's folder that was moved does not tell it any more.
        """
        self._going_on = False
        environment = {"started": round(time.time(), 3), **environment}
        documents = {"facts.json": facts, "environment.json": environment, "graph.json": graph}
        for name, content in documents.items():
            if content is not None:
                write_atomically(self.folder / name, json.dumps(content, indent=1, allow_nan=False) + "\n")
        if source is not None:
            write_atomically(self.folder / "system.py", Path(source).read_bytes())
        write_atomically(self.folder / "settings.toml", settings_toml)
        self.event("start", system=environment.get("system"), run=self.folder.name)
        self._log.sync()
        write_manifest(self.folder)

    def event(self, kind: str, **values: Any) -> None:
        """Append one event to the history, and tell the listener."""
        event = self._log.append(kind, **values)
        if self.listener:
            self.listener(event)

    def save_checkpoint(self, slot: str, weights: Mapping[str, Tensor], state: Any) -> None:
        """Keep weights and state in a slot; the history up to here is kept with them.

        When the run's folder was deleted meanwhile, the checkpoint is rescued beside it, and RunError says where.
        """
        position = self._log.sync()
        content = {"events": position, "training": state}
        if not (self.folder / EVENTS).exists():
            raise self._rescue(slot, weights, content)
        checkpoints.save(self.folder, slot, weights=weights, state=content)
        write_manifest(self.folder)

    def load_checkpoint(self, slot: str) -> tuple[dict[str, Tensor], Any]:
        """Give back the weights and state of a slot, or of the checkpoint before it when that one is damaged.

        "last" is loaded to go on from it: the history then goes back to where it was (events of a lasting kind
        stay), later pictures are removed, and a finished run is unfinished again. The first time in a run that
        this process did not start, its files are verified: DamagedError names one without which it cannot go on.
        """
        warnings = []
        if slot == "last" and self._going_on:
            warnings = self._verify()
        try:
            found = checkpoints.load(self.folder, slot)
            position, state = found.state["events"], found.state["training"]
        except (KeyError, TypeError):
            raise DamagedError(_("The checkpoint '{slot}' was not written by a training.", slot=slot)) from None
        if slot == "last":
            self._rewind(position)
            self._going_on = False
        for text in (*warnings, *found.warnings):
            self.event("warning", text=text)
        return found.weights, state

    def add_figure(self, figure: Figure | Table, epoch: int | None) -> None:
        """Store a figure as a file under `figures/`, or a table in an event; epoch None means the final one."""
        if isinstance(figure, Table):
            rows = [list(row) for row in figure.rows]
            columns = list(figure.columns)
            self.event("table", name=figure.name, title=figure.title, columns=columns, rows=rows, epoch=epoch)
            return
        if isinstance(figure.image, str):
            suffix, data = ".svg", figure.image.encode()
        else:
            suffix, data = ".png", png(figure.image)
        moment = "final" if epoch is None else f"{epoch:04d}"
        file = f"figures/{safe_name(figure.name, 'figure')}-{moment}{suffix}"
        self._write(file, data)
        self.event("figure", name=figure.name, title=figure.title, caption=figure.caption, file=file, epoch=epoch)

    def write(self, name: str, data: bytes | str) -> Path:
        """Write or replace any other file of the run (the report, changed settings). Returns its path."""
        return record_file(self.folder, name, data)

    def finish(self, results: Mapping[str, Any]) -> None:
        """End the run: the table of metrics, the manifest of all files, and `done.json` with the results, last."""
        self.event("done")
        self._log.sync()
        with changing(self.folder, "metrics.csv"):
            write_csv(read_events(self.folder / EVENTS).events, self.folder / "metrics.csv")
        write_manifest(self.folder, finished=True)
        content = {"version": 1, "finished": round(time.time(), 3), **results}
        content["manifest"] = read_sealed(self.folder / MANIFEST)["self"]
        write_atomically(self.folder / DONE, seal(_finite(content)))

    def close(self) -> None:
        """Close the history and give the lock back."""
        self._log.close()
        self._lock.release()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, name: str, data: bytes) -> None:
        """Write a file that is new to the manifest, which lists it at the next checkpoint."""
        (self.folder / name).parent.mkdir(exist_ok=True)
        if (self.folder / name).exists():
            record_file(self.folder, name, data)
        else:
            write_atomically(self.folder / name, data)

    def _verify(self) -> list[str]:
        damages = [damage for damage in verify(self.folder) if not damage.file.startswith(CHECKPOINTS)]
        fatal = [damage for damage in damages if damage.file in ESSENTIAL]
        if fatal:
            raise damaged(self.folder, fatal)
        return [_("'{file}' is damaged ({reason})", file=file, reason=reason) for file, reason in damages]

    def _rewind(self, position: int) -> None:
        """Take history back to a checkpoint's position, with the pictures and the end that came after it."""
        kept = _pictures(read_events(self._log.path, end=position).events)
        pictures = sorted(_pictures(read_events(self._log.path, start=position).events) - kept)
        write_manifest(self.folder)  # no longer finished
        remove(self.folder / DONE)
        with changing(self.folder, EVENTS, "metrics.csv", "report.html", *pictures):
            self._log.rewind(position)
            for name in ("metrics.csv", "report.html", *pictures):
                remove(self.folder / name)

    def _rescue(self, slot: str, weights: Mapping[str, Tensor], state: Any) -> RunError:
        place = self.folder.with_name(self.folder.name + "-rescued")
        place.mkdir(parents=True, exist_ok=True)
        path = checkpoints.save(place, slot, weights=weights, state=state)
        error = checkpoints.gone(self.folder)
        error.expected = _("The weights of this instant are in '{path}'.", path=path)
        return error


def _pictures(events: Iterable[Mapping[str, Any]]) -> set[str]:
    """Collect the pictures that events name: only files of ours, whatever a history that someone changed may say."""
    names = (event.get("file") for event in events)
    return {name for name in names if isinstance(name, str) and re.fullmatch(r"figures/[\w.-]+", name, re.ASCII)}


def _finite(value: Any) -> Any:
    """Write numbers that are not finite as null: JSON has no word for them."""
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and value - value != 0 else value
