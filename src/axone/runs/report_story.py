"""What a run folder tells, read as far as it can be read.

A report is asked for most when something went wrong, so nothing here raises for a bad file: what is missing
or damaged becomes a sentence in `problems`, and the rest of the page is made from what is left. Events that
a resumed run trained again (those after the checkpoint it went back to) are left out.
"""

from __future__ import annotations

import json
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from axone.messages import _, plural
from axone.runs.report_text import dictionary, is_number

State = Literal["finished", "running", "stopped", "interrupted", "damaged"]
LARGEST_FILE = 64_000_000  # bytes of a JSON or TOML file, and of one line of events
MOST_STEPS = 20_000  # step events kept in memory; beyond, every second one goes
SILENCE = 600.0  # seconds without an event after which a run no longer counts as running
_REWINDS = ("resume", "rollback")
_LOGGED = ("start", "resume", "rollback", "warning", "early-stop", "stop", "done")


@dataclass
class Story:
    """Everything the page shows, as plain values."""

    folder: Path
    system: str = ""
    name: str = ""
    state: State = "interrupted"
    settings: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, Any] = field(default_factory=dict)
    graph: dict[str, Any] = field(default_factory=dict)
    done: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)  # what was said of the data
    steps: list[dict[str, Any]] = field(default_factory=list)
    epochs: list[dict[str, Any]] = field(default_factory=list)
    pictures: list[dict[str, Any]] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)  # what happened, in order
    started: float | None = None  # seconds since 1970
    last: float | None = None  # time of the last event
    problems: list[str] = field(default_factory=list)  # what could not be read

    @property
    def best(self) -> dict[str, Any]:
        """The epoch whose weights were kept, or an empty dictionary."""
        return next((epoch for epoch in reversed(self.epochs) if epoch.get("best") is True), {})

    @property
    def warnings(self) -> list[str]:
        """The texts of the warnings, in order."""
        return [str(event.get("text", "")) for event in self.log if event["kind"] == "warning"]


def read_story(folder: Path, now: float | None = None) -> Story:
    """Read a run folder. `now` (seconds since 1970) decides whether a silent run still counts as running."""
    story = Story(folder)
    story.settings = _read_toml(story, "settings.toml")
    story.facts = _read_json(story, "facts.json")
    story.environment = _read_json(story, "environment.json")
    story.graph = _read_json(story, "graph.json", needed=False)
    story.done = _read_json(story, "done.json", needed=False)
    for event in _read_events(story):
        _take(story, event)
    resolved = folder.resolve()
    story.name = story.name or str(story.done.get("run") or "") or resolved.name
    story.system = story.system or str(story.done.get("system") or "") or resolved.parent.name
    story.state = _state(story, time.time() if now is None else now)
    if story.state == "damaged" and not story.done:
        story.problems.append(_("done.json is missing or damaged although the run says that it finished."))
    return story


def _take(story: Story, event: dict[str, Any]) -> None:
    """Put one event where it belongs."""
    kind = event["kind"]
    if is_number(event.get("time")):
        story.last = event["time"]
        story.started = event["time"] if story.started is None else story.started
    if kind in _REWINDS:
        _rewind(story, event.get("step"))
    if kind in _LOGGED:
        story.log.append(event)
    if kind == "start":
        story.system = str(event.get("system") or story.system)
        # The name may come as the run's path; its last part is the name.
        story.name = str(event.get("run") or story.name).replace("\\", "/").rstrip("/").rpartition("/")[2]
    elif kind == "data" and isinstance(event.get("notes"), list):
        story.notes = [str(note) for note in event["notes"]]
    elif kind == "step" and is_number(event.get("step")):
        story.steps.append(event)
        if len(story.steps) > MOST_STEPS:
            del story.steps[1:-1:2]
    elif kind == "epoch" and is_number(event.get("epoch")):
        story.epochs = [*(old for old in story.epochs if old["epoch"] < event["epoch"]), event]
    elif kind == "picture" and isinstance(event.get("file"), str):
        story.pictures.append(event)
    elif kind == "table" and isinstance(event.get("rows"), list):
        same = event.get("name") or event.get("title")
        story.tables = [old for old in story.tables if (old.get("name") or old.get("title")) != same]
        story.tables.append(event)


def _rewind(story: Story, step: Any) -> None:
    """Forget what was trained after the checkpoint that the run went back to."""
    if not is_number(step):
        return
    story.steps = [event for event in story.steps if event["step"] <= step]
    story.epochs = [event for event in story.epochs if not is_number(event.get("step")) or event["step"] <= step]


def _state(story: Story, now: float) -> State:
    if story.done:
        return "finished"
    turns = [event["kind"] for event in story.log if event["kind"] in ("start", "resume", "stop", "done")]
    latest = turns[-1] if turns else None
    if latest == "done" or (story.folder / "done.json").exists():
        return "damaged"
    if latest == "stop":
        return "stopped"
    if latest is None:
        return "damaged" if not story.settings else "interrupted"
    return "running" if story.last is not None and now - story.last < SILENCE else "interrupted"


def _read_events(story: Story) -> Iterator[dict[str, Any]]:
    """Read events.jsonl line by line; a last line still being written is nobody's fault."""
    path, spoilt, torn = story.folder / "events.jsonl", 0, False
    try:
        with path.open("rb") as lines:
            while line := lines.readline(LARGEST_FILE):
                event = _parse(line)
                if event is not None:
                    yield event
                elif line.strip():
                    spoilt, torn = spoilt + 1, not line.endswith(b"\n")
    except FileNotFoundError:
        story.problems.append(_("{file} is missing.", file="events.jsonl"))
    except OSError as error:
        story.problems.append(_("{file} cannot be read: {error}", file="events.jsonl", error=error.strerror))
    if spoilt - torn > 0:
        story.problems.append(
            plural(
                "{count} line of events.jsonl is damaged and was left out.",
                "{count} lines of events.jsonl are damaged and were left out.",
                spoilt - torn,
            )
        )


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("kind"), str) else None


def _read_json(story: Story, name: str, needed: bool = True) -> dict[str, Any]:
    return _read(story, name, needed, json.loads)


def _read_toml(story: Story, name: str) -> dict[str, Any]:
    return _read(story, name, True, tomllib.loads)


def _read(story: Story, name: str, needed: bool, parse: Any) -> dict[str, Any]:
    path = story.folder / name
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError
        value = parse(path.read_text("utf-8"))
        if not isinstance(value, dict):
            raise ValueError
        return dictionary(value)
    except FileNotFoundError:
        if needed:
            story.problems.append(_("{file} is missing.", file=name))
    except OSError as error:
        story.problems.append(_("{file} cannot be read: {error}", file=name, error=error.strerror))
    except (ValueError, RecursionError):
        story.problems.append(_("{file} is damaged.", file=name))
    return {}
