"""The writer of a run's folder: events, checkpoints, figures, and the order in which they are stored safely.

    with Recorder(folder) as recorder:      # takes the run's lock
        recorder.begin(...)                 # the run is visible from here on; then the data are read
        recorder.describe(facts, graph)     # or, to continue a run: recorder.load_checkpoint("last")
        recorder.event("epoch", epoch=1, step=422, train={"loss": 0.5}, validation={"accuracy": 0.86})
        recorder.save_checkpoint("last", weights, state)
        recorder.finish({"test": {"accuracy": 0.915}})

Whenever the process dies, the folder is consistent: files are written whole, a checkpoint before the manifest that
lists it, `done.json` last. Leaving the `with` block before `finish` records the reason.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from torch import Tensor

from axone.errors import AxoneError, DamagedError, RunError, Stopped
from axone.figures.animation import Animation, encode_gif
from axone.figures.figure import Figure, Table, encode_png
from axone.figures.sound import Sound
from axone.messages import _
from axone.runs import checkpoints
from axone.runs.compaction import compact_checkpoints
from axone.runs.events import ENDS, EventLog, read_events, to_plain, write_csv
from axone.runs.stop_request import StopRequests
from axone.runs.storage.checked_json import encode_checked, read_checked
from axone.runs.storage.files import remove, remove_temporaries, safe_name, write_atomically
from axone.runs.storage.links import require_no_links_out
from axone.runs.storage.lock import RunLock
from axone.runs.storage.manifest import CHECKPOINTS, DONE, EVENTS, MANIFEST, changing_files, write_file, write_manifest
from axone.runs.storage.verification import make_damage_error, verify
from axone.runs.throttle import ProgressThrottle

# Without these files a run cannot be rebuilt; damage elsewhere (a figure, the history) is a warning.
ESSENTIAL = ("settings.toml", "facts.json", "environment.json", "graph.json", "system.py", MANIFEST)


class Recorder:
    """The one writer of a run's folder, from its creation to `close` or the end of the process.

    `listener` is called with each event: the live display. Raises LockedError when another process writes this run,
    RunError when the folder is gone or holds a link that leads out of it.
    """

    def __init__(self, folder: Path | str, listener: Callable[[dict[str, Any]], None] | None = None) -> None:
        self.folder = Path(folder)
        self.listener = listener
        if not self.folder.is_dir():
            raise checkpoints.make_gone_error(self.folder)
        require_no_links_out(self.folder)
        self._lock = RunLock(self.folder).acquire()
        self._continues = True  # an existing run, until `begin` or until its checkpoint is loaded
        self._delayed: list[tuple[str, dict[str, Any]]] = []
        self._ended = False  # whether the history says how this process ended
        self._throttle = ProgressThrottle()
        try:
            for place in (self.folder, self.folder / "figures", self.folder / CHECKPOINTS):
                remove_temporaries(place)
            self._stop_requests = StopRequests(self.folder)
            self._log = EventLog(self.folder / EVENTS)
        except BaseException:
            self._lock.release()
            raise

    def begin(self, settings_toml: str, environment: Mapping[str, Any], source: Path | None = None) -> None:
        """Write what is known of a new run before its data are read.

        `environment` must hold "system", because the folder can be moved; `source` is the file of the system, which
        is copied.
        """
        self._continues = False
        self._write_json("environment.json", {"started": round(time.time(), 3), **environment})
        if source is not None:
            write_atomically(self.folder / "system.py", Path(source).read_bytes())
        write_atomically(self.folder / "settings.toml", settings_toml)
        self.event("start", system=environment.get("system"), run=self.folder.name)
        self._log.sync()
        write_manifest(self.folder)

    def describe(self, facts: Mapping[str, Any], graph: Mapping[str, Any] | None = None) -> None:
        """Write what the data determine: the facts, and the network's graph if there is one."""
        self._write_json("facts.json", facts)
        if graph is not None:
            self._write_json("graph.json", graph)
        write_manifest(self.folder)

    def start(
        self,
        settings_toml: str,
        facts: Mapping[str, Any],
        environment: Mapping[str, Any],
        graph: Mapping[str, Any] | None = None,
        source: Path | None = None,
    ) -> None:
        """Do what `begin` and `describe` do, where the data are known already."""
        self.begin(settings_toml, environment, source)
        self.describe(facts, graph)

    def progress(self, text: str, done: int = 0, total: int = 0) -> None:
        """Record how far a task other than training steps is: `done` of `total`, which is 0 when unknown.

        It may be called as often as the task likes: see `throttle.py`.
        """
        values = {"text": text, "done": done, "total": total}
        receiver = self._throttle.admit(text, recording=not self._continues)
        if receiver == "history":
            self.event("progress", **values)
        elif receiver == "listener" and self.listener:
            self.listener({"kind": "progress", "time": round(time.time(), 3), **values})

    def stop_requested(self) -> bool:
        """Return whether `axone.runs.stop_request.request_stop` was called; cheap enough for each step."""
        return self._stop_requests.check()

    def event(self, kind: str, **values: Any) -> None:
        """Append one event to the history, and pass it to the listener.

        The history of an existing run does not change before its checkpoint is loaded: earlier events are appended
        then.
        """
        if self._continues:
            self._delayed.append((kind, values))
            event = {"kind": kind, "time": round(time.time(), 3), **values}
        else:
            event = self._log.append(kind, **values)
            self._ended = kind in ENDS
        if self.listener:
            self.listener(event)

    def save_checkpoint(self, slot: str, weights: Mapping[str, Tensor], state: Any) -> None:
        """Save weights and state in a slot, with the position in the history.

        When the run's folder was deleted meanwhile, the checkpoint is saved next to it, and RunError says where.
        """
        position = self._log.sync()
        content = {"events": position, "training": state}
        if not (self.folder / EVENTS).exists():
            raise self._rescue(slot, weights, content)
        checkpoints.save(self.folder, slot, weights=weights, state=content)
        write_manifest(self.folder)

    def load_checkpoint(self, slot: str) -> tuple[dict[str, Tensor], Any]:
        """Return the weights and state of a slot, or of its previous checkpoint when the current one is damaged.

        "last" is loaded to continue from it: the history goes back to its position (events of a lasting kind
        stay), later figures are removed, and a finished run is unfinished again. The first time in a run that
        this process did not begin, its files are verified: DamagedError names one without which it cannot continue.
        """
        warnings = []
        if slot == "last" and self._continues:
            warnings = self._verify()
        try:
            checkpoint = checkpoints.load(self.folder, slot)
            position, state = checkpoint.state["events"], checkpoint.state["training"]
        except (KeyError, TypeError):
            raise DamagedError(_("The checkpoint '{slot}' was not written by a training.", slot=slot)) from None
        if slot == "last":
            self._rewind(position)
            self._continues = False
            for kind, values in self._delayed:
                self._log.append(kind, **values)
            self._delayed.clear()
        for text in (*warnings, *checkpoint.warnings):
            self.event("warning", text=text)
        return checkpoint.weights, state

    def add_figure(self, figure: Figure | Sound | Table, epoch: int | None) -> None:
        """Store a figure or a sound as a file under `figures/`, a table in an event; epoch None: the final one."""
        if isinstance(figure, Table):
            rows = [list(row) for row in figure.rows]
            columns = list(figure.columns)
            self.event("table", name=figure.name, title=figure.title, columns=columns, rows=rows, epoch=epoch)
            return
        if isinstance(figure, Sound):
            suffix, data = ".wav", figure.content
        elif isinstance(figure.image, str):
            suffix, data = ".svg", figure.image.encode()
        elif isinstance(figure.image, Animation):
            suffix, data = ".gif", encode_gif(figure.image)
        else:
            suffix, data = ".png", encode_png(figure.image)
        moment = "final" if epoch is None else f"{epoch:04d}"
        file = f"figures/{safe_name(figure.name, 'figure')}-{moment}{suffix}"
        self._write(file, data)
        self.event("figure", name=figure.name, title=figure.title, caption=figure.caption, file=file, epoch=epoch)

    def write(self, name: str, data: bytes | str) -> Path:
        """Write or replace any other file of the run (the report, changed settings). Returns its path."""
        return write_file(self.folder, name, data)

    def finish(self, results: Mapping[str, Any]) -> None:
        """End the run: the table of metrics, the manifest of all files, and `done.json` with the results, last."""
        self.event("done")
        self._log.sync()
        compact_checkpoints(self.folder)
        with changing_files(self.folder, "metrics.csv"):
            write_csv(read_events(self.folder / EVENTS).events, self.folder / "metrics.csv")
        write_manifest(self.folder, finished=True)
        content = {"version": 1, "finished": round(time.time(), 3), **results}
        content["manifest"] = read_checked(self.folder / MANIFEST)["sha256"]
        write_atomically(self.folder / DONE, encode_checked(to_plain(content)[0]))

    def close(self) -> None:
        """Close the history and release the lock."""
        self._log.close()
        self._lock.release()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._ended and not self._continues:
            with suppress(AxoneError, OSError):  # the disk that failed, the folder that is gone: `error` says so
                kind_of_end, reason = _describe_end(error)
                self.event(kind_of_end, reason=reason)
        self.close()

    def _write_json(self, name: str, content: Mapping[str, Any]) -> None:
        write_atomically(self.folder / name, json.dumps(content, indent=1, allow_nan=False) + "\n")

    def _write(self, name: str, data: bytes) -> None:
        """Write a file that is new to the manifest, which lists it at the next checkpoint."""
        (self.folder / name).parent.mkdir(exist_ok=True)
        if (self.folder / name).exists():
            write_file(self.folder, name, data)
        else:
            write_atomically(self.folder / name, data)

    def _verify(self) -> list[str]:
        damages = [damage for damage in verify(self.folder) if not damage.file.startswith(CHECKPOINTS)]
        fatal = [damage for damage in damages if damage.file in ESSENTIAL]
        if fatal:
            raise make_damage_error(self.folder, fatal)
        return [_("'{file}' is damaged ({reason})", file=file, reason=reason) for file, reason in damages]

    def _rewind(self, position: int) -> None:
        """Bring history, figures and results back to a checkpoint's position."""
        earlier = _figure_files(read_events(self._log.path, end=position).events)
        figures = sorted(_figure_files(read_events(self._log.path, start=position).events) - earlier)
        write_manifest(self.folder)  # no longer finished
        remove(self.folder / DONE)
        outdated = ("metrics.csv", "report.html", *figures)
        with changing_files(self.folder, EVENTS, *outdated):
            self._log.rewind(position)
            for name in outdated:
                remove(self.folder / name)

    def _rescue(self, slot: str, weights: Mapping[str, Tensor], state: Any) -> RunError:
        place = self.folder.with_name(self.folder.name + "-rescued")
        place.mkdir(parents=True, exist_ok=True)
        path = checkpoints.save(place, slot, weights=weights, state=state)
        error = checkpoints.make_gone_error(self.folder)
        error.expected = _("The weights of this instant are in '{path}'.", path=path)
        return error


def _describe_end(error: BaseException | None) -> tuple[str, str]:
    """Return the kind of the event that ends a history, and the reason."""
    if error is None:
        return "stop", _("closed before the end of the training")
    if isinstance(error, Stopped):
        return "stop", error.what
    if isinstance(error, KeyboardInterrupt):
        return "stop", _("interrupted with Ctrl-C, without saving")
    text = error.what if isinstance(error, AxoneError) else f"{type(error).__name__}: {error}"
    return "error", text


def _figure_files(events: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the figures' files that events name: nothing else is removed, whatever a forged history names."""
    names = (event.get("file") for event in events)
    return {name for name in names if isinstance(name, str) and re.fullmatch(r"figures/[\w.-]+", name, re.ASCII)}
