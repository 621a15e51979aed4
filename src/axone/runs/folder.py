"""Where runs live: a new folder for each, found again by name, listed with how they stand.

    runs/cnn/2026-11-23-brave-kernel/

Nothing inside a run's folder says where it is: it can be moved, copied to another machine, and used there.
"""

from __future__ import annotations

import json
import secrets
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from axone.errors import RunError, UsageError, closest
from axone.messages import _
from axone.runs.files import explain, make_folder, safe_name
from axone.runs.links import links_out_of
from axone.runs.lock import holder
from axone.runs.manifest import CHECKPOINTS, DONE, MANIFEST, verify_sizes
from axone.runs.sealed import read_sealed

Status = Literal["finished", "running", "stopped", "damaged"]

ADJECTIVES = (
    "brave bright calm clear clever curious deep eager early fair fresh gentle golden happy honest humble keen kind "
    "lively lucid merry mild modest neat nimble noble patient polite proud quick quiet ready serene sharp silent "
    "smooth steady swift tender vivid warm wise witty young"
)
NOUNS = (
    "anchor axon batch beam cell circuit code cortex decoder dendrite edge encoder epoch field filter function "
    "gate gradient graph kernel lattice layer lens logit loss map matrix memory mirror momentum network neuron "
    "node pattern perceptron pixel pool reward sample signal spark step stride synapse tensor token vector wave weight"
)
_LARGEST = 64_000_000  # bytes of a settings or facts file; more is not ours


@dataclass(frozen=True)
class RunInfo:
    """A run as it stands. `reason` says what is wrong with a damaged one; `done` holds a finished one's results."""

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
        """When it was started, in seconds since 1970: as it says itself, or by its folder's date."""
        value = self.environment.get("started")
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
        try:
            return self.path.stat().st_mtime
        except OSError:
            return 0.0


def create(root: Path | str, system: str, name: str | None = None) -> Path:
    """Make the folder of a new run, never an existing one: two processes that start together get two.

    A given name is made safe for every file system; "-2" is added when it is taken. Otherwise the date and two
    words are drawn.
    """
    parent = Path(root) / safe_name(system, "system")
    make_folder(parent)
    for attempt in range(1, 10_000):
        if name:
            chosen = safe_name(name) + (f"-{attempt}" if attempt > 1 else "")
        else:
            chosen = f"{date.today().isoformat()}-{secrets.choice(ADJECTIVES.split())}-{secrets.choice(NOUNS.split())}"
            chosen += f"-{attempt}" if attempt > 20 else ""
        path = parent / chosen
        try:
            path.mkdir()  # fails when it is there: the file system decides who was first
            return path
        except FileExistsError:
            continue
        except OSError as error:
            raise explain(error, path) from error
    raise UsageError(_("There are too many runs named '{name}'.", name=name))


def find(text: str, root: Path | str) -> Path:
    """Return the folder that RUN means: a path, `last`, a name, or the beginning of one that is unique.

    The words of a name do without its date: `brave-kernel`, `brave`. `cnn/brave` looks among one system's.
    Raises RunError, with the nearest names, when nothing or more than one thing matches.
    """
    root = Path(root)
    if text and "\0" not in text:
        path = Path(text)
        if is_run(path):
            return path
        if _is_file(path):
            raise RunError(
                _("'{path}' is a file; a run is a folder.", path=text),
                hint=_("'axone runs' lists the runs of '{root}'.", root=root),
            )
    runs = list(_folders(root))
    if text == "last" and runs:
        return max(runs, key=lambda path: read(path).started)
    wanted = text.replace("\\", "/").strip("/")
    matches = [path for path in runs if wanted and wanted in _names(path)]
    matches = matches or [path for path in runs if wanted and any(name.startswith(wanted) for name in _names(path))]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise RunError(
            _("'{text}' may be any of {count} runs: {names}.", text=text, count=len(matches),
              names=", ".join(f"{path.parent.name}/{path.name}" for path in matches[:5])),
            hint=_("Type more of its name."),
        )  # fmt: skip
    near = closest(wanted, [name for path in runs for name in _names(path)]) if wanted else None
    raise RunError(
        _("There is no run '{text}' in '{root}' (from {folder}).", text=text, root=root, folder=Path.cwd())
        + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
        hint=_("'axone runs' lists the runs; --runs-folder names another place.")
        if runs
        else _("There are no runs there yet; 'axone train SYSTEM' makes one, --runs-folder names another place."),
    )


def is_run(path: Path) -> bool:
    """Say whether a folder is a run's, whole or not."""
    try:
        return path.is_dir() and any((path / name).exists() for name in ("settings.toml", MANIFEST, CHECKPOINTS))
    except OSError:
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long to be one
        return False


def read(path: Path | str) -> RunInfo:
    """Read how a run stands. Never raises: what cannot be read makes it a damaged one, with the reason."""
    path = Path(path)
    problems: list[str] = []
    if links := links_out_of(path):
        reason = _("{file}: {reason}", file=links[0], reason=_("a link to a place outside the run"))
        return RunInfo(path, path.absolute().parent.name, path.absolute().name, "damaged", reason=reason)
    settings = _document(path / "settings.toml", tomllib.loads, problems)
    facts = _document(path / "facts.json", json.loads, problems)
    environment = _document(path / "environment.json", json.loads, problems)
    done = None
    if (path / DONE).exists():
        try:
            done = {name: value for name, value in read_sealed(path / DONE).items() if name != "self"}
        except ValueError as error:
            problems.append(f"{DONE}: {error}")
    writer = holder(path)
    if not problems and not writer:  # a writer may be between a file and the manifest at this very moment
        problems = [f"{damage.file}: {damage.reason}" for damage in verify_sizes(path)]
    status: Status = "running" if writer else "damaged" if problems else "finished" if done is not None else "stopped"
    place = path.absolute()
    return RunInfo(
        path=path,
        system=str(environment.get("system") or place.parent.name),
        name=place.name,
        status=status,
        settings=settings,
        facts=facts,
        environment=environment,
        done=done,
        reason=problems[0] if problems and not writer else "",
    )


def list_runs(root: Path | str) -> list[RunInfo]:
    """Read all runs of a folder, oldest first. Sizes are checked, contents are not: it is quick."""
    return sorted((read(path) for path in _folders(Path(root))), key=lambda run: (run.started, run.name))


def _folders(root: Path) -> Iterator[Path]:
    """List the folders root/SYSTEM/NAME, empty and damaged ones too."""
    for system in _subfolders(root):
        if not is_run(system):
            yield from _subfolders(system)


def _subfolders(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError:
        return []


def _names(path: Path) -> list[str]:
    """List what a run may be called: with and without its system, with and without its date."""
    names = [path.name]
    start, words = path.name[:10], path.name[11:]
    if words and len(start) == 10 and start[4:5] == start[7:8] == path.name[10:11] == "-" and start[:4].isdigit():
        names.append(words)
    return names + [f"{path.parent.name}/{name}" for name in names]


def _document(path: Path, parse: Any, problems: list[str]) -> dict[str, Any]:
    """Read one of a run's documents; say in `problems` why it cannot be read."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError(_("too large"))
        content = parse(path.read_text("utf-8"))
        if isinstance(content, dict):
            return content
        problems.append(f"{path.name}: " + _("not readable"))
    except FileNotFoundError:
        problems.append(f"{path.name}: " + _("missing"))
    except OSError as error:
        problems.append(f"{path.name}: {error.strerror}")
    except (ValueError, RecursionError):
        problems.append(f"{path.name}: " + _("not readable"))
    return {}
