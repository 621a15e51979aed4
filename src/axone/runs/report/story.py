"""What a run folder tells, read as far as it can be read.

A report is asked for most when something went wrong, so nothing here raises for a bad file: what is missing
or damaged becomes a sentence in `problems`, and the rest of the page is made from what is left.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axone.messages import _, plural
from axone.numbers import is_number
from axone.runs.events import read_events
from axone.runs.manifest import EVENTS
from axone.runs.report.format import as_dict
from axone.runs.status import RunInfo, Status, read_run
from axone.runs.verification import verify, verify_sizes

GRAPH = "graph.json"
# What the page is made from is compared byte for byte, the weights (which may be large) by their size.
READ_WHOLE = ("settings.toml", "facts.json", "environment.json", GRAPH, EVENTS, "figures", "done.json")
LARGEST_GRAPH = 64_000_000  # bytes
_LOGGED = frozenset({"start", "resume", "rollback", "warning", "early_stop", "stop", "error", "done"})


@dataclass
class Story:
    """Everything the page shows, as plain values: what stands in the run's documents, and its events sorted."""

    info: RunInfo
    graph: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)  # what was said of the data
    steps: list[dict[str, Any]] = field(default_factory=list)
    epochs: list[dict[str, Any]] = field(default_factory=list)
    pictures: list[dict[str, Any]] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)  # what the learner said while it learned
    log: list[dict[str, Any]] = field(default_factory=list)  # what happened, in order
    problems: list[str] = field(default_factory=list)  # what is missing or damaged

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
        """How the run stands. Whoever finished a run may still hold its lock while it writes the report."""
        return "finished" if self.info.done and self.info.status == "running" else self.info.status

    @property
    def best(self) -> dict[str, Any]:
        """The epoch whose weights were kept, or an empty dictionary."""
        return next((epoch for epoch in reversed(self.epochs) if epoch.get("best") is True), {})

    @property
    def started(self) -> float | None:
        """The time of the first event, in seconds since 1970."""
        return next((event["time"] for event in self.log if is_number(event.get("time"))), None)


def read_story(folder: Path) -> Story:
    """Read all that a run's folder tells. Never raises for what is in it."""
    story = Story(read_run(folder))
    story.problems = _damages(story)
    story.graph = _graph(story)
    try:
        history = read_events(folder / EVENTS)
    except (OSError, ValueError):
        return story  # already among the damages
    for event in history.events:
        _take(story, event)
    # The last line of a run in progress may still be half written; it is not counted as a loss.
    lost = history.dropped - (story.status == "running")
    if lost > 0:
        story.problems.append(
            plural(
                "{count} line of events.jsonl is damaged and was left out.",
                "{count} lines of events.jsonl are damaged and were left out.",
                lost,
            )
        )
    return story


def _take(story: Story, event: dict[str, Any]) -> None:
    """Put one event where it belongs; one that lacks what makes it of use is passed over."""
    kind = event["kind"]
    if kind in _LOGGED:
        story.log.append(event)
    elif kind == "data" and isinstance(event.get("notes"), list):
        story.notes = [str(note) for note in event["notes"]]
    elif kind == "step" and is_number(event.get("step")):
        story.steps.append(event)
    elif kind == "epoch" and is_number(event.get("epoch")):
        story.epochs.append(event)
    elif kind == "figure" and isinstance(event.get("file"), str):
        story.pictures.append(event)
    elif kind == "text" and isinstance(event.get("text"), str):
        story.told.append(event["text"])
    elif kind == "table" and isinstance(event.get("rows"), list):
        same = event.get("name") or event.get("title")
        story.tables = [old for old in story.tables if (old.get("name") or old.get("title")) != same]
        story.tables.append(event)


def _damages(story: Story) -> list[str]:
    """List the run's files that are missing or not what was written, each once, with the reason."""
    if story.status == "running":
        return []  # its files change while they are read
    found = dict(verify(story.folder, READ_WHOLE))
    for file, reason in verify_sizes(story.folder):
        found.setdefault(file, reason)
    texts = [_("{file}: {reason}", file=file, reason=reason) for file, reason in found.items() if file != "report.html"]
    if story.info.reason and story.info.reason.partition(":")[0] not in found:
        texts.insert(0, story.info.reason)
    return texts


def _graph(story: Story) -> dict[str, Any]:
    """Read graph.json; a run whose network is no graph has none, and its absence alone is no fault."""
    path = story.folder / GRAPH
    try:
        if path.stat().st_size > LARGEST_GRAPH:
            raise ValueError
        return as_dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, RecursionError):
        if path.exists() and not any(problem.startswith(GRAPH) for problem in story.problems):
            story.problems.append(_("{file}: {reason}", file=GRAPH, reason=_("not readable")))
        return {}
