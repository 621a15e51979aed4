"""The contents of a run's folder, read as far as they can be read.

A report is needed most when something went wrong, so nothing here raises for a bad file: what is missing or damaged
becomes a sentence in `problems`, and the page is made from the rest.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axone.best_epoch import describe_best_epoch
from axone.messages import _, plural
from axone.numbers import is_number
from axone.runs.events import read_events
from axone.runs.report.format import as_dict
from axone.runs.status import RunInfo, Status, read_run
from axone.runs.storage.manifest import DONE, EVENTS
from axone.runs.storage.reading import read_inside
from axone.runs.storage.verification import verify, verify_sizes

GRAPH = "graph.json"
# The files that the page is made from are compared byte for byte; the weights, which may be large, by their size.
_COMPARED = ("settings.toml", "facts.json", "environment.json", GRAPH, EVENTS, "figures", DONE)
_LARGEST_GRAPH = 64_000_000  # bytes
_LOGGED = frozenset({"start", "resume", "rollback", "warning", "early_stop", "best_epoch", "stop", "error", "done"})


@dataclass
class RunContents:
    """The content of the page as plain values: the documents of the run, and its events sorted by kind."""

    info: RunInfo
    graph: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)  # on the data
    steps: list[dict[str, Any]] = field(default_factory=list)
    epochs: list[dict[str, Any]] = field(default_factory=list)
    figures: list[dict[str, Any]] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)  # logged by the learner
    log: list[dict[str, Any]] = field(default_factory=list)  # starts, warnings, ends, in order
    problems: list[str] = field(default_factory=list)  # files that are missing or damaged

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return self.info.path

    @property
    def done(self) -> dict[str, Any]:
        """The results of a finished run; empty before."""
        return self.info.done or {}

    @property
    def status(self) -> Status:
        """The state of the run. The process that finished it may still hold its lock while it writes the report."""
        return "finished" if self.info.done and self.info.status == "running" else self.info.status

    @property
    def best(self) -> dict[str, Any]:
        """The event of the epoch whose weights are the model's, or an empty dictionary."""
        return next((epoch for epoch in reversed(self.epochs) if epoch.get("best") is True), {})

    @property
    def best_epoch_sentence(self) -> str:
        """The sentence that says which epoch's weights are the model's, and why; empty before the end."""
        events = [event for event in self.log if event["kind"] == "best_epoch"]
        return describe_best_epoch(events[-1]) if events else ""

    @property
    def monitor(self) -> str:
        """The id of the metric that decided on the best epoch; empty before the end."""
        events = [event for event in self.log if event["kind"] == "best_epoch"]
        return str(events[-1].get("monitor", "")) if events else ""

    @property
    def started(self) -> float | None:
        """The time of the first event, in seconds since 1970."""
        return next((event["time"] for event in self.log if is_number(event.get("time"))), None)


def read_contents(folder: Path) -> RunContents:
    """Read all that a run's folder holds. Never raises for what is in it."""
    contents = RunContents(read_run(folder))
    contents.problems = _list_damages(contents)
    contents.graph = _read_graph(contents)
    try:
        history = read_events(folder / EVENTS)
    except (OSError, ValueError):
        return contents  # already among the damages
    for event in history.events:
        _sort_event(contents, event)
    # The last line of a run in progress may still be incomplete; it does not count as damage.
    lost = history.dropped - (contents.status == "running")
    if lost > 0:
        contents.problems.append(
            plural(
                "{count} line of events.jsonl is damaged and was left out.",
                "{count} lines of events.jsonl are damaged and were left out.",
                lost,
            )
        )
    return contents


def _sort_event(contents: RunContents, event: dict[str, Any]) -> None:
    """Put an event where it belongs; one without the fields that make it useful is left out."""
    kind = event["kind"]
    if kind in _LOGGED:
        contents.log.append(event)
    elif kind == "data" and isinstance(event.get("notes"), list):
        contents.notes = [str(note) for note in event["notes"]]
    elif kind == "step" and is_number(event.get("step")):
        contents.steps.append(event)
    elif kind == "epoch" and is_number(event.get("epoch")):
        contents.epochs.append(event)
    elif kind == "figure" and isinstance(event.get("file"), str):
        contents.figures.append(event)
    elif kind == "text" and isinstance(event.get("text"), str):
        contents.texts.append(event["text"])
    elif kind == "table" and isinstance(event.get("rows"), list):
        same = event.get("name") or event.get("title")
        contents.tables = [old for old in contents.tables if (old.get("name") or old.get("title")) != same]
        contents.tables.append(event)


def _list_damages(contents: RunContents) -> list[str]:
    """Name the run's files that are missing or not what was written, each once, with the reason."""
    if contents.status == "running":
        return []  # its files change while they are read
    damages = dict(verify(contents.folder, _COMPARED))
    for file, reason in verify_sizes(contents.folder):
        damages.setdefault(file, reason)
    texts = [
        _("{file}: {reason}", file=file, reason=reason) for file, reason in damages.items() if file != "report.html"
    ]
    reason = contents.info.reason if contents.status == "damaged" else ""
    if reason and reason.partition(":")[0] not in damages:
        texts.insert(0, reason)
    return texts


def _read_graph(contents: RunContents) -> dict[str, Any]:
    """Read graph.json. A run without networks of `axone.graph` has none, so its absence alone is no problem."""
    try:
        return as_dict(json.loads(read_inside(contents.folder, GRAPH, _LARGEST_GRAPH)))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        if not any(problem.startswith(GRAPH) for problem in contents.problems):
            contents.problems.append(_("{file}: {reason}", file=GRAPH, reason=_("not readable")))
        return {}
