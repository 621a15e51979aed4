"""Small folders of runs, written without training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from axone.runs.folder import create
from axone.runs.manifest import write_manifest
from axone.runs.sealed import seal


def make_run(
    root: Path, name: str, system: str = "cnn", started: float = 1.0, done: dict[str, Any] | None = None
) -> Path:
    """Write a run that has begun, or one that has finished with the results `done`."""
    path = create(root, system, name)
    (path / "settings.toml").write_text("epochs = 3\n")
    (path / "facts.json").write_text('{"classes": ["a", "b"]}')
    (path / "environment.json").write_text(json.dumps({"system": system, "started": started}))
    (path / "events.jsonl").write_text('{"kind": "start"}\n')
    write_manifest(path, finished=done is not None)
    if done is not None:
        (path / "done.json").write_bytes(seal(done))
    return path
