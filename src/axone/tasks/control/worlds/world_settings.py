"""What is known about each world: settings that were chosen for it, and the mean return at which it counts as solved.

A system passes its own table to `complete_settings`. This module does not import torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from axone.settings import resolve
from axone.tasks.control.settings import ControlSettings

Kind = TypeVar("Kind", bound=ControlSettings)
WorldSettings = Mapping[str, Mapping[str, Any]]  # world -> the values of settings

# The reward threshold of Gymnasium's registry; for Pendulum, which has none there, a usual one.
SOLVED = {
    "cart_pole": 475.0,
    "mountain_car": -110.0,
    "acrobot": -100.0,
    "pendulum": -200.0,
    "gym:CartPole-v1": 475.0,
    "gym:MountainCar-v0": -110.0,
    "gym:Acrobot-v1": -100.0,
    "gym:Pendulum-v1": -200.0,
    "gym:LunarLander-v3": 200.0,
    "gym:LunarLanderContinuous-v3": 200.0,
}

PPO: WorldSettings = {
    "mountain_car": {
        "copies": 16, "steps": 64, "rollouts": 20, "epochs": 32, "passes": 4, "batch_size": 256, "gamma": 0.99,
        "gae": 0.98, "normalize": True, "learning_rate": 1e-3,
    },
    "acrobot": {
        "copies": 16, "steps": 128, "rollouts": 5, "epochs": 10, "passes": 4, "batch_size": 256, "gamma": 0.99,
        "gae": 0.94, "normalize": True, "learning_rate": 1e-3,
    },
    "pendulum": {
        "copies": 16, "steps": 128, "rollouts": 10, "epochs": 10, "passes": 10, "batch_size": 256, "gamma": 0.95,
        "gae": 0.95, "normalize": True, "learning_rate": 1e-3,
    },
    "breakout": {
        "seeds": 2, "copies": 32, "steps": 64, "rollouts": 10, "epochs": 15, "passes": 3, "batch_size": 512,
        "gamma": 0.99, "gae": 0.95, "entropy_weight": 0.01, "shared": True, "units": (128,), "activation": "relu",
        "learning_rate": 1e-3,
    },
    "gym:LunarLander-v3": {
        "copies": 16, "steps": 256, "rollouts": 12, "epochs": 10, "passes": 4, "batch_size": 256, "gamma": 0.995,
        "gae": 0.98, "entropy_weight": 0.01, "normalize": True, "units": (64, 64), "learning_rate": 1e-3,
    },
    # Never measured: each copy is a game that runs on its own, so there are few.
    **{
        name: {"seeds": 1, "copies": 2, "steps": 168, "episodes": 1, "test_episodes": 1, "batch_size": 84}
        for name in ("sc2:MoveToBeacon", "sc2:CollectMineralShards", "sc2:DefeatRoaches")
    },
}  # fmt: skip

DQN: WorldSettings = {}

# The facts of a run in CartPole, for the graph of a system without data.
CART_POLE_FACTS = {
    "task": "control",
    "input": [4],
    "observations": {"shape": [4], "low": None, "high": None},
    "actions": {"count": 2, "names": ["left", "right"]},
}


def complete_settings(settings: Kind, worlds: WorldSettings) -> Kind:
    """Return the settings with those filled in that a table has for the world and that were not set explicitly."""
    known = _find(settings.world, worlds)
    if known is None or settings.preset != "default":
        return settings
    explicit = {name: getattr(settings, name) for name in settings.model_fields_set}
    completed = resolve(type(settings), {**known, **explicit})
    assert isinstance(completed, type(settings))
    return completed


def describe_settings(settings: ControlSettings, worlds: WorldSettings) -> str:
    """Return the settings that a table has for the world and that are used, as flags; "": none."""
    known = _find(settings.world, worlds) or {}
    return " ".join(_write_flag(name, value) for name, value in known.items() if getattr(settings, name) == value)


def _find(world: str, worlds: WorldSettings) -> Mapping[str, Any] | None:
    # "sc2:MoveToBeacon@5000-5003" says in which games it is played.
    return worlds.get(world.partition("@")[0] if world.startswith("sc2:") else world)


def _write_flag(name: str, value: Any) -> str:
    flag = name.replace("_", "-")
    if isinstance(value, bool):
        return f"--{flag}" if value else f"--no-{flag}"
    return f"--{flag} {','.join(map(str, value)) if isinstance(value, tuple) else value}"
