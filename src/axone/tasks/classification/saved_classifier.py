"""A trained image classifier as a beginning: its network, rebuilt from its run's folder, and what it was trained on.

The network comes out of `graph.json`, so no code of the run is executed, also not a user's own system.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axone.errors import RunError, UsageError
from axone.graph import Model
from axone.messages import _
from axone.runs import checkpoints
from axone.runs.status import read_run
from axone.runs.verification import make_damage_error, verify

GRAPH = "graph.json"
# How a learner names its network: alone, or below trees.
PREFIXES = ("network.", "network.cnn.")


@dataclass(frozen=True)
class Trained:
    """One trained run: what it says of itself; `graph` is its network as `Model.to_json` wrote it."""

    path: Path
    system: str
    settings: dict[str, Any]
    facts: dict[str, Any]
    graph: dict[str, Any]
    seconds: float  # of training

    def load_into(self, network: Model) -> None:
        """Give a network that was made from `graph` the run's best weights. Raises RunError, DamagedError."""
        found = checkpoints.load(self.path, "best", "last")
        for text in found.warnings:
            warnings.warn(text, stacklevel=2)
        own = network.state_dict()
        for prefix in PREFIXES:
            weights = {name: found.weights.get(prefix + name) for name in own}
            if all(value is not None and value.shape == own[name].shape for name, value in weights.items()):
                network.load_state_dict(weights)
                return
        raise RunError(_("The weights of '{run}' are not those of its {file}.", run=self.path, file=GRAPH))


def read_trained(path: Path) -> Trained:
    """Read an image classifier's run. Raises UsageError for another kind of run, RunError for a damaged one."""
    files = ("settings.toml", "facts.json", "environment.json", GRAPH)
    if damages := verify(path, files):
        raise make_damage_error(path, damages)
    info = read_run(path)
    require_image_classifier(path, info.facts)
    if not (path / GRAPH).exists():
        raise UsageError(
            _("The network of '{run}' is not written with axone.graph, so its layers cannot be taken over.", run=path)
        )
    graph = json.loads((path / GRAPH).read_text("utf-8"))
    if "nodes" not in graph:
        raise UsageError(_("The run '{run}' trained several networks; features come from one.", run=path))
    seconds = float((info.done or {}).get("seconds", 0.0))
    return Trained(path, info.system, info.settings, info.facts, graph, seconds)


def require_image_classifier(path: Path, facts: dict[str, Any]) -> None:
    """Raise UsageError unless a run's facts are those of an image classifier."""
    if facts.get("task") != "image-classification":
        raise UsageError(
            _("The run '{run}' does not name what pictures show.", run=path),
            expected=_("expected the run of an image classifier, such as: axone train cnn"),
        )
