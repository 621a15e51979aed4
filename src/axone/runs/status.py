"""The state of a run, derived from its files: running, finished, stopped, failed, killed or damaged.

running    a process holds the lock
damaged    a file is missing or is not what the manifest says
finished   done.json is there
stopped    the last event says that the process saved and stopped
failed     the last event is an error
killed     the process ended without such an event: kill -9, a power cut, a closed container
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from axone.messages import _, mark
from axone.runs.events import read_last_event
from axone.runs.storage.checked_json import decode_checked
from axone.runs.storage.links import links_out_of
from axone.runs.storage.lock import describe_holder, holder, last_holder
from axone.runs.storage.manifest import CHECKPOINTS, DONE, EVENTS, MANIFEST
from axone.runs.storage.reading import read_inside
from axone.runs.storage.verification import verify_sizes

Status = Literal["running", "finished", "stopped", "failed", "killed", "damaged"]
STATUSES: dict[Status, str] = {
    "running": mark("running"),
    "finished": mark("finished"),
    "stopped": mark("stopped"),
    "failed": mark("failed"),
    "killed": mark("killed"),
    "damaged": mark("damaged"),
}

_LARGEST = 64_000_000  # bytes of a document; Axone writes none as large


@dataclass(frozen=True)
class RunInfo:
    """A run as its files describe it; it is shared between readers, so do not change its dictionaries.

    `reason` says why a run stopped, failed, was killed or counts as damaged; `done` holds the results of a finished
    one.
    """

    path: Path
    system: str
    name: str
    status: Status
    settings: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, Any] = field(default_factory=dict)
    done: dict[str, Any] | None = None
    reason: str = ""

    @property
    def started(self) -> float:
        """The time of its start in seconds since 1970: as its environment says, or by its folder's date."""
        value = self.environment.get("started")
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
        try:
            return self.path.stat().st_mtime
        except OSError:
            return 0.0


def read_run(folder: Path | str) -> RunInfo:
    """Read the state of a run. Never raises: a file that cannot be read makes it a damaged run, with the reason."""
    folder = Path(folder)
    problems: list[str] = []
    absolute = folder.absolute()
    if links := links_out_of(folder):
        reason = _("{file}: {reason}", file=links[0], reason=_("a link to a place outside the run"))
        return RunInfo(folder, absolute.parent.name, absolute.name, "damaged", reason=reason)
    settings = _read(folder, "settings.toml", _toml, problems)
    facts = _read(folder, "facts.json", json.loads, problems, optional=True)
    environment = _read(folder, "environment.json", json.loads, problems)
    done = _read(folder, DONE, decode_checked, problems, optional=True) or None
    writer = holder(folder)
    status: Status
    if not problems and not writer:  # a writer may be between a file and the manifest at this very moment
        problems = [f"{damage.file}: {damage.reason}" for damage in verify_sizes(folder)]
    if writer:
        status, reason = "running", ""
    elif problems and not _died_early(folder):
        status, reason = "damaged", problems[0]
    elif done is not None:
        status, reason = "finished", ""
    else:
        status, reason = _ended(folder)
    return RunInfo(
        path=folder,
        system=str(environment.get("system") or absolute.parent.name),
        name=absolute.name,
        status=status,
        settings=settings,
        facts=facts,
        environment=environment,
        done=None if done is None else {name: value for name, value in done.items() if name != "sha256"},
        reason=reason,
    )


def _ended(folder: Path) -> tuple[Status, str]:
    """Return the state of a run that no process writes, and why it ended."""
    last = read_last_event(folder) or {}
    if last.get("kind") in ("stop", "error"):
        return ("stopped" if last["kind"] == "stop" else "failed"), str(last.get("reason") or "")
    who = last_holder(folder)
    if who is None:
        return "killed", _("its process ended without saving")
    return "killed", _("{process} ended without saving", process=describe_holder(who))


def _died_early(folder: Path) -> bool:
    """Return whether a process ended before it had written what a run begins with."""
    written = (MANIFEST, "facts.json", DONE, CHECKPOINTS)
    return (folder / EVENTS).is_file() and not any((folder / name).exists() for name in written)


def _toml(data: bytes) -> dict[str, Any]:
    return tomllib.loads(data.decode("utf-8"))


def _read(
    folder: Path, name: str, parse: Callable[[bytes], Any], problems: list[str], optional: bool = False
) -> dict[str, Any]:
    """Read one of a run's documents; add to `problems` why it cannot be read."""
    try:
        content = parse(read_inside(folder, name, _LARGEST))
        if isinstance(content, dict):
            return content
        reason = _("not readable")
    except FileNotFoundError:
        if optional:  # the manifest says whether it was ever written
            return {}
        reason = _("missing")
    except OSError as error:
        reason = error.strerror or str(error)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        reason = _("not readable")
    except ValueError as error:  # too large, a link, or changed
        reason = str(error)
    problems.append(f"{name}: {reason}")
    return {}
