"""The worlds of a training: for learning, for the greedy episodes after each epoch, and for those at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from axone.engine.context import BuildContext
from axone.engine.machine.device import choose_device
from axone.messages import _, plural
from axone.play.spaces import Continuous, Discrete
from axone.tasks.control.experience.episodes import Episodes
from axone.tasks.control.settings import ControlSettings
from axone.tasks.control.worlds.actions import describe_space
from axone.tasks.control.worlds.member_worlds import MemberWorlds
from axone.tasks.control.worlds.opening import open_copies, require_readable, require_same_spaces
from axone.tasks.control.worlds.own_worlds import hash_file, require_typed
from axone.tasks.control.worlds.world_settings import SOLVED, WorldSettings, describe_settings

VALIDATION, TEST, FILM = 1_000_003, 2_000_003, 3_000_013  # added to the seed of the training

MOST_TYPED = 16  # numbers of an observation that a person may type


@dataclass(frozen=True)
class Control:
    """The worlds of a training and what is known about them.

    Args:
        train: The copies in which the policies learn.
        validation: The greedy episodes after each epoch.
        test: The greedy episodes at the end.
        facts: What the networks need later, and the name of the world.
        space: The space of one action.
        solved: The mean return at which the world counts as solved; None: it has none.
        notes: Sentences for people.
    """

    train: MemberWorlds
    validation: Episodes
    test: Episodes
    facts: dict[str, Any]
    space: Discrete | Continuous
    solved: float | None
    notes: list[str] = field(default_factory=list)


def open_control(settings: ControlSettings, context: BuildContext, known: WorldSettings) -> Control:
    """Open the worlds of a training.

    Args:
        settings: The settings of the training.
        context: The circumstances of the build.
        known: The settings that a system knows for worlds, which are mentioned in the notes.

    Raises:
        UsageError: There is no such world, or its observations or actions are not supported.
        DataError: The world breaks its contract.
    """
    world = getattr(context.options, "world", "") or settings.world
    if context.facts is not None:
        is_typed = "world" in context.typed or bool(getattr(context.options, "world", ""))
        require_typed(settings.world, is_typed=is_typed)
    settings = settings.model_copy(update={"world": world})
    train = open_worlds(settings, settings.copies, settings.seed)
    worlds = train.worlds
    if context.facts is not None:
        require_same_spaces(settings.world, worlds, context.facts)
    require_readable(settings.world, worlds.observation_space)
    facts: dict[str, Any] = {
        "task": "control",
        "world": settings.world,
        "input": list(worlds.observation_space.shape),
        "observations": describe_space(worlds.observation_space),
        "actions": describe_space(worlds.action_space),
    }
    if len(facts["input"]) == 1 and facts["input"][0] <= MOST_TYPED:
        facts["example"] = [float(f"{number:.3g}") for number in worlds.observations[0].tolist()]
    if fingerprint := hash_file(settings.world):
        facts["fingerprint"] = fingerprint
    notes = [
        plural("World: {world}; {count} policy, {copies} copies of the world for each.",
               "World: {world}; {count} policies, {copies} copies of the world for each.",
               settings.seeds, world=settings.world, copies=settings.copies)
    ]  # fmt: skip
    if flags := describe_settings(settings, known):
        notes.append(_("Settings for this world, unless others were set: {flags}", flags=flags))
    validation = partial(open_worlds, settings, settings.episodes, settings.seed + VALIDATION)
    test = partial(open_worlds, settings, settings.test_episodes, settings.seed + TEST)
    return Control(
        train,
        Episodes(validation, settings.seeds, settings.episodes, settings.episode_steps),
        Episodes(test, settings.seeds, settings.test_episodes, settings.episode_steps, selects=False),
        facts,
        worlds.action_space,
        SOLVED.get(settings.world),
        notes,
    )


def open_worlds(settings: ControlSettings, copies: int, seed: int) -> MemberWorlds:
    """Return copies of the world for each member, with their own random numbers."""
    worlds = open_copies(settings, settings.seeds * copies, seed, device=choose_device(settings.device))
    return MemberWorlds(worlds, settings.seeds)
