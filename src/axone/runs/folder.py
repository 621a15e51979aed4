"""The folder of a run: created once, found again by its name.

    runs/cnn/2026-11-23-brave-kernel/

Nothing inside a run's folder says where it is: it can be moved, copied to another machine, and used there.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from axone.errors import RunError, UsageError, closest
from axone.messages import _
from axone.runs.status import read_run
from axone.runs.storage.files import explain, make_folder, safe_name
from axone.runs.storage.manifest import CHECKPOINTS, MANIFEST
from axone.shell import quote

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


def create(root: Path | str, system: str, name: str | None = None) -> Path:
    """Create the folder of a new run, never an existing one: two processes that start together get two.

    `name` is made safe for every file system, and "-2" is added when it is taken. Without a name, the date and two
    random words are used.
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
            path.mkdir()  # fails when it exists: the file system decides who was first
            return path
        except FileExistsError:
            continue
        except OSError as error:
            raise explain(error, path) from error
    raise UsageError(_("There are too many runs named '{name}'.", name=name))


def find(text: str, root: Path | str) -> Path:
    """Return the folder of a run from a path, `last`, a name, or the unique beginning of a name.

    The date of a name can be left out: `brave-kernel`, `brave`. `cnn/brave` searches the runs of one system.
    Raises RunError, with the nearest names, when no run or more than one matches.
    """
    root = Path(root)
    if text and "\0" not in text:
        path = Path(text)
        if is_run(path):
            return path
        if _is_file(path):
            raise RunError(
                _("'{path}' is a file; a run is a folder.", path=text),
                hint=_("to list the runs, type: axone runs --runs-folder {root}", root=quote(root)),
            )
    runs = list(run_folders(root))
    if text == "last" and runs:
        return max(runs, key=lambda path: read_run(path).started)
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
    """Return whether a folder is that of a run, complete or not."""
    try:
        return path.is_dir() and any((path / name).exists() for name in ("settings.toml", MANIFEST, CHECKPOINTS))
    except OSError:
        return False


def run_folders(root: Path) -> Iterator[Path]:
    """List the folders root/SYSTEM/NAME, empty and damaged ones too."""
    for system in _subfolders(root):
        if not is_run(system):
            yield from _subfolders(system)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long to be one
        return False


def _names(path: Path) -> list[str]:
    """Return the names of a run: with and without its system, with and without its date."""
    names = [path.name]
    start, words = path.name[:10], path.name[11:]
    if words and len(start) == 10 and start[4:5] == start[7:8] == path.name[10:11] == "-" and start[:4].isdigit():
        names.append(words)
    return names + [f"{path.parent.name}/{name}" for name in names]


def _subfolders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return sorted(Path(entry.path) for entry in entries if entry.is_dir() and not entry.name.startswith("."))
    except OSError:
        return []
