"""Kill trainings that play, between two checkpoints and in the middle of games, and resume. Run by test_killed_in_play.

One process imports torch once and forks each training, so that all of them take seconds. A training kills itself by
SIGKILL, which no handler sees, when it is about to write the checkpoint after one in the middle of an epoch. What was
played and learned between the two is lost.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

import axone
from axone.play.worlds import registry
from axone.runs import checkpoints
from axone.runs.recorder import Recorder
from axone.runs.storage.tensors import flatten_state
from axone.systems import skirmish
from tests.helpers.battles import TINY as BATTLES
from tests.helpers.self_play import TINY as GAMES
from tests.helpers.self_play import shorten_measurements

CONTROL = {
    "world": "corridor", "seeds": 2, "copies": 8, "steps": 4, "rollouts": 5, "epochs": 2, "units": (8,),
    "batch_size": 16, "episodes": 2, "test_episodes": 2,
}  # fmt: skip
MOVES, STEPS = "stream/moves", "stream/worlds/worlds/state/steps"
WEIGHT = "stream/pool/weights/1/"
TREE = "stream/tree/visits"
SHARED = {"threads": 1, "device": "cpu", "verbose": False, "save_every": 2}
# The name of a training -> the system, its settings, and parts of its state that are not zero in the middle of games.
TRAININGS: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "alphazero": ("alphazero", {**GAMES, "batches": 5}, (MOVES, "stream/pending/copies")),
    "alphazero_pool": ("alphazero", {**GAMES, "batches": 5, "pool_share": 0.5}, (MOVES, WEIGHT)),
    "alphazero_puct": ("alphazero", {**GAMES, "batches": 5, "rule": "puct", "reuse": True}, (MOVES, TREE)),
    "ppo": ("ppo", {**CONTROL, "passes": 2}, (STEPS,)),
    "ppo_gru": ("ppo", {**CONTROL, "passes": 1, "cell": "gru"}, (STEPS, "stream/memory/hidden")),
    "dqn": ("dqn", {**CONTROL, "updates": 2, "replay": 100, "start": 20}, (STEPS, "learner/replay/rewards")),
    "skirmish": ("skirmish", {**BATTLES, "rollouts": 5}, ("stream/battles/state/steps",)),
}
SECOND_EPOCH = ("alphazero_pool",)  # killed in it, not in the first one


def train(name: str, folder: Path, label: str) -> None:
    """Train to the end."""
    system, settings, _tensors = TRAININGS[name]
    axone.train(system, runs_folder=folder, name=label, **{**settings, **SHARED})


def train_and_kill(name: str, folder: Path, label: str) -> int:
    """Train in a process of its own that kills itself; return the signal by which it ended."""
    first = 6 if name in SECOND_EPOCH else 1
    child = os.fork()
    if child == 0:
        saved: list[int] = []  # steps
        save = Recorder.save_checkpoint

        def save_or_die(self: Recorder, slot: str, weights: Any, state: dict[str, Any]) -> None:
            if slot == "last":
                step = state["progress"]["step"]
                if saved and saved[-1] >= first and step > saved[-1]:
                    os.kill(os.getpid(), signal.SIGKILL)
                saved.append(step)
            save(self, slot, weights, state)

        Recorder.save_checkpoint = save_or_die  # type: ignore[method-assign]
        try:
            train(name, folder, label)
        finally:
            os._exit(1)
    _child, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def read_state(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor], Any]:
    """Return the weights, the tensors of the state, and the rest of the state without what depends on the clock."""
    checkpoint = checkpoints.load(path, "last")
    tensors, rest = flatten_state(checkpoint.state["training"])
    rest["progress"].pop("seconds")
    for entry in rest["progress"]["history"]:
        entry.pop("seconds")
    return checkpoint.weights, tensors, rest


def list_differences(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> list[str]:
    """List the names of tensors that are not equal to the bit."""
    return [name for name in one.keys() | other.keys() if not torch.equal(one[name], other[name])]


def main(folder: Path) -> None:
    """Print, for each training, how it was killed, what it had reached, and what differs at the end."""
    registry.WORLDS["corridor"] = "tests.helpers.control_worlds:Corridor"
    skirmish.make_figures = lambda *_arguments: iter(())  # type: ignore[assignment]
    shorten_measurements(pytest.MonkeyPatch())
    results = {}
    for name, (system, _settings, names) in TRAININGS.items():
        train(name, folder, f"{name}_whole")
        status = train_and_kill(name, folder, f"{name}_killed")
        whole, killed = (folder / system / f"{name}_{which}" for which in ("whole", "killed"))
        _weights, tensors, rest = read_state(killed)
        entry = {"signal": status, "step": rest["progress"]["step"], "batch": rest["progress"]["batch"]}
        entry["in_progress"] = [
            name for name in names if any(value.any() for key, value in tensors.items() if key.startswith(name))
        ]
        axone.resume(killed, verbose=False)
        (weights, tensors, rest), (other, others, rest_of_other) = read_state(whole), read_state(killed)
        entry["weights"], entry["state"] = list_differences(weights, other), list_differences(tensors, others)
        entry["rest"] = rest == rest_of_other
        results[name] = entry
    print(json.dumps(results))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
