"""A trained image classifier, read from its run folder: its network, its weights, and the data on which it was trained.

The network is rebuilt from `graph.json`, so no code of the run is executed, not even that of a user's own system.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axone.errors import RunError, UsageError
from axone.graph import Model
from axone.messages import _
from axone.runs import checkpoints
from axone.runs.status import read_run
from axone.runs.storage.verification import make_damage_error, verify

GRAPH = "graph.json"
# Prefixes of the network's weights in a checkpoint: of a classifier, and of a network with boosted trees.
PREFIXES = ("network.", "network.cnn.")


@dataclass(frozen=True)
class SavedClassifier:
    """One trained run; `graph` is its network as `Model.to_json` wrote it."""

    path: Path
    system: str
    settings: dict[str, Any]
    facts: dict[str, Any]
    graph: dict[str, Any]
    seconds: float  # of training

    def load_into(self, network: Model) -> None:
        """Load the run's best weights into a network that was built from `graph`. Raises RunError, DamagedError."""
        checkpoint = checkpoints.load(self.path, "best", "last")
        for text in checkpoint.warnings:
            warnings.warn(text, stacklevel=2)
        own = network.state_dict()
        for prefix in PREFIXES:
            weights = {name: checkpoint.weights.get(prefix + name) for name in own}
            if all(value is not None and value.shape == own[name].shape for name, value in weights.items()):
                network.load_state_dict(weights)
                return
        raise RunError(_("The weights of '{run}' do not fit the network in its {file}.", run=self.path, file=GRAPH))


def read_classifier(path: Path) -> SavedClassifier:
    """Read the run of an image classifier.

    Raises UsageError for a run of another kind, RunError for a damaged one.
    """
    files = ("settings.toml", "facts.json", "environment.json", GRAPH)
    if damages := verify(path, files):
        raise make_damage_error(path, damages)
    info = read_run(path)
    require_image_classifier(path, info.facts)
    if not (path / GRAPH).exists():
        raise UsageError(
            _("The network of '{run}' is not an axone.graph network, so its layers cannot be used here.", run=path)
        )
    graph = json.loads((path / GRAPH).read_text("utf-8"))
    if "nodes" not in graph:
        raise UsageError(_("The run '{run}' trained several networks; features need a single one.", run=path))
    seconds = float((info.done or {}).get("seconds", 0.0))
    return SavedClassifier(path, info.system, info.settings, info.facts, graph, seconds)


def require_image_classifier(path: Path, facts: Mapping[str, Any]) -> None:
    """Raise UsageError unless a run's facts are those of an image classifier."""
    if facts.get("task") != "image-classification":
        raise UsageError(
            _("The run '{run}' is not an image-classification run.", run=path),
            expected=_("expected the run of an image classifier, such as: axone train cnn"),
        )
