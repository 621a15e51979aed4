"""A scenario as values for the facts of a run: the run does not need the file of the scenario any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from axone.play.skirmish.scenarios import Group, Scenario
from axone.play.skirmish.units import UnitType


def describe_scenario(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario as values for JSON."""
    return asdict(scenario)


def restore_scenario(facts: Mapping[str, Any]) -> Scenario:
    """Return the scenario that `describe_scenario` described."""
    return Scenario(
        name=facts["name"],
        allies=_restore_groups(facts["allies"]),
        enemies=_restore_groups(facts["enemies"]),
        step_limit=int(facts["step_limit"]),
        walls=facts["walls"],
    )


def _restore_groups(groups: Sequence[Mapping[str, Any]]) -> tuple[Group, ...]:
    return tuple(
        Group(UnitType(**group["type"]), int(group["count"]), tuple(group["start"]) if group["start"] else None)
        for group in groups
    )
