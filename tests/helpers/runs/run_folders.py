"""Small folders of runs, written without training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from axone.runs import checkpoints
from axone.runs.events import EventLog
from axone.runs.folder import create
from axone.runs.storage.checked_json import encode_checked
from axone.runs.storage.manifest import write_manifest


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
        (path / "done.json").write_bytes(encode_checked(done))
    return path


def write_started_run(folder: Path) -> Path:
    """Write a run that still trains: documents, a figure, events after the last manifest, a checkpoint."""
    (folder / "figures").mkdir()
    (folder / "facts.json").write_text('{"classes": ["a"]}')
    (folder / "settings.toml").write_text("epochs = 3\n")
    (folder / "figures" / "é 1.png").write_bytes(bytes(range(256)))
    (folder / "tmp-123").write_text("left by a kill")
    (folder / "run.lock").touch()
    log = EventLog(folder / "events.jsonl")
    log.append("start")
    checkpoints.save(folder, "last", weights={"w": torch.ones(2)}, state={})
    write_manifest(folder)
    log.append("epoch", epoch=1)
    log.close()
    return folder
