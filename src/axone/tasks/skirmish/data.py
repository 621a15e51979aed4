"""The battles of a training: for learning, for the greedy battles after each epoch, and for those at the end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from axone.engine.context import BuildContext
from axone.engine.machine.device import choose_device
from axone.messages import _
from axone.play.skirmish.battles import Battles
from axone.play.skirmish.scenarios import Group, Scenario, find_scenario
from axone.play.skirmish.world import Opponent
from axone.tasks.skirmish.evaluation import Evaluation
from axone.tasks.skirmish.scenario_facts import describe_scenario, restore_scenario
from axone.tasks.skirmish.settings import SkirmishSettings

VALIDATION, TEST = 1_000_003, 2_000_003  # added to the seed of the training


@dataclass(frozen=True)
class SkirmishData:
    """The battles of a training and what is known about them.

    Args:
        scenario: Who fights whom.
        train: The battles in which the units learn.
        validation: The greedy battles after each epoch.
        test: The greedy battles at the end.
        facts: What the network needs later, and the scenario.
        notes: Sentences for people.
    """

    scenario: Scenario
    train: Battles
    validation: Evaluation
    test: Evaluation
    facts: dict[str, Any]
    notes: list[str] = field(default_factory=list)


def open_skirmish(settings: SkirmishSettings, context: BuildContext) -> SkirmishData:
    """Open the battles of a training; those of a run that is restored have its scenario, not that of its file.

    Raises:
        UsageError: There is no such scenario.
        DataError: The file is no scenario.
    """
    scenario = choose_scenario(settings) if context.facts is None else restore_scenario(context.facts["scenario"])
    train = open_battles(settings, scenario, settings.copies, opponent=settings.opponent)
    world = train.world
    facts = {
        "task": "skirmish",
        "scenario": describe_scenario(scenario),
        "input": [world.features],
        "battle": world.battle_features,
        "actions": list(world.table.names),
    }
    opponent = _("the heuristic player") if settings.opponent == "heuristic" else _("the same network")
    notes = [
        _("Scenario {name}: {allies} against {enemies}, at most {steps} steps; {copies} battles at once against "
          "{opponent}.", name=scenario.name, allies=list_units(scenario.allies), enemies=list_units(scenario.enemies),
          steps=scenario.step_limit, copies=settings.copies, opponent=opponent)
    ]  # fmt: skip
    validation = partial(open_battles, settings, scenario, settings.battles, VALIDATION)
    test = partial(open_battles, settings, scenario, settings.test_battles, TEST)
    return SkirmishData(scenario, train, Evaluation(validation, is_validation=True), Evaluation(test), facts, notes)


def choose_scenario(settings: SkirmishSettings) -> Scenario:
    """Return the scenario of the settings, with the step limit and the walls that were set."""
    scenario = find_scenario(settings.scenario)
    return replace(scenario, step_limit=settings.step_limit or scenario.step_limit, walls=settings.walls)


def open_battles(
    settings: SkirmishSettings, scenario: Scenario, copies: int, offset: int = 0, opponent: Opponent = "heuristic"
) -> Battles:
    """Return battles with the seed of the settings plus an offset, on the device of the settings."""
    seed = (settings.seed + offset) % 2**63
    return Battles(scenario, copies, seed=seed, opponent=opponent, device=choose_device(settings.device))


def list_units(groups: tuple[Group, ...]) -> str:
    """Return the units of a team as text: "2 x stalker, 3 x zealot"."""
    return ", ".join(f"{group.count} x {group.type.name}" for group in groups)
