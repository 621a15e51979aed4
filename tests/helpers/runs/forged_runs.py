"""Run folders that somebody else altered on purpose, with a manifest that calls every file intact."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import tomli_w

from axone.runs.storage.manifest import MANIFEST, write_manifest

# A system that leaves a mark wherever it is executed, and works otherwise: nothing stops the attack but the code.
ATTACK = '''"""A system that writes a file as soon as it is executed."""
from pathlib import Path
Path({marker!r}).write_text("executed")
from axone.systems.cnn import *
from axone.systems.cnn import Settings, build, model, predict
'''


def attack(path: Path, marker: Path) -> Path:
    """Write a Python file that creates `marker` when it is executed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(ATTACK.format(marker=str(marker)))
    return path


def forge(run: Path, place: Path, *, environment: dict[str, Any] | None = None, **settings: Any) -> Path:
    """Copy a run, change what its environment.json and its settings.toml say, and seal it again."""
    shutil.copytree(run, place)
    noted = json.loads((place / "environment.json").read_text())
    (place / "environment.json").write_text(json.dumps({**noted, **(environment or {})}))
    saved_settings = tomllib.loads((place / "settings.toml").read_text())
    (place / "settings.toml").write_text(tomli_w.dumps({**saved_settings, **settings}))
    return seal_again(place)


def seal_again(place: Path) -> Path:
    """Write a run's manifest again, with the checksums of its present files."""
    (place / MANIFEST).unlink(missing_ok=True)
    write_manifest(place, finished=(place / "done.json").exists())
    return place
