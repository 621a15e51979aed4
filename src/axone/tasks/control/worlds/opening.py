"""Worlds by name for a training: checked before a run begins, and opened with the settings of the training."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import torch

from axone.errors import DataNote, SettingsError, UsageError
from axone.messages import _
from axone.play.batch import VectorWorlds
from axone.play.spaces import Continuous, Discrete
from axone.play.worlds.registry import make_worlds, read_spaces
from axone.tasks.control.settings import ControlSettings
from axone.tasks.control.worlds.actions import read_space, write_space

OBSERVATION_DIMENSIONS = (1, 3)  # a vector, or planes of pixels


def inspect_world(name: str, *, has_memory: bool = False) -> Discrete | Continuous:
    """Return the space of one action of a world that a training is asked for, before its run begins.

    Args:
        name: The name of the world.
        has_memory: Whether networks have a recurrent layer, which reads vectors only.

    Raises:
        AxoneError: There is no such world, an extra is not installed, a file breaks the contract, or the shape of its
            observations is not supported.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataNote)  # they follow when the world is opened
        observations, actions = read_spaces(name)
    require_readable(name, observations)
    if has_memory and len(observations.shape) > 1:
        raise SettingsError(
            _("The observations of '{name}' are pixels, which a recurrent layer does not read.", name=name),
            expected=_("expected a world with vectors as observations, or --cell none"),
        )
    return actions


def require_choices(name: str, actions: Discrete | Continuous) -> None:
    """Raise UsageError where the actions of a world are real numbers, for a learner that compares choices."""
    if not isinstance(actions, Discrete):
        raise UsageError(
            _("The actions of '{name}' are real numbers, for which dqn cannot compare values.", name=name),
            expected=_("expected a world with a number of choices"),
            hint=_("type: axone train ppo --world {name}", name=name),
        )


def require_readable(name: str, observations: Continuous) -> None:
    """Raise UsageError where the observations of a world are neither a vector nor planes of pixels."""
    if len(observations.shape) not in OBSERVATION_DIMENSIONS:
        raise UsageError(
            _("The observations of '{name}' have the shape {shape}.", name=name, shape=observations.shape),
            expected=_("expected a vector, or planes of pixels (planes, height, width)"),
        )


def open_copies(
    settings: ControlSettings, copies: int, seed: int, *, world: str = "", device: torch.device | str = "cpu"
) -> VectorWorlds:
    """Return copies of a world.

    Args:
        settings: The settings of the training.
        copies: The number of copies.
        seed: The seed of all random numbers, which may be larger than 2^63.
        world: The name of the world; "": that of the settings.
        device: Where observations are and actions are expected.
    """
    return make_worlds(
        world or settings.world, copies, seed=seed % 2**63, device=device,
        timeout=settings.timeout, processes=settings.processes,
    )  # fmt: skip


def require_same_spaces(name: str, worlds: VectorWorlds, facts: Mapping[str, Any]) -> None:
    """Raise UsageError where the spaces of a world are not those in which a run learned: its facts.

    Choices without names fit the same number of others: Gymnasium's have none.
    """
    shape, actions = list(worlds.observation_space.shape), worlds.action_space
    learned = read_space(facts["actions"])
    if isinstance(actions, Discrete) and isinstance(learned, Discrete) and not (actions.names and learned.names):
        fits = actions.count == learned.count
    else:
        fits = actions == learned
    if shape != list(facts["input"]) or not fits:
        raise UsageError(
            _("The policy of this run does not fit the world '{name}'.", name=name),
            expected=_("expected observations of shape {shape}; actions: {actions}",
                       shape=" x ".join(map(str, facts["input"])), actions=write_space(learned)),
        )  # fmt: skip
