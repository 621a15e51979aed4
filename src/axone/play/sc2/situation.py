"""What a response says about the units on the map, and this as planes of numbers and as a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Float32
from s2clientprotocol import raw_pb2, sc2api_pb2
from torch import Tensor

from axone.play.drawing import BLUE, GREEN, ORANGE, Scene

WIDTH = 24.0  # cells of the map that the camera sees, in each direction; the mini-games use no more


@dataclass(frozen=True)
class Unit:
    """A unit, or a thing to reach.

    Args:
        tag: Its number in the game.
        kind: The number of its type.
        x: Its position, to the east.
        y: Its position, to the north.
        health: The share of its health that is left; 1 for things without health.
    """

    tag: int
    kind: int
    x: float
    y: float
    health: float = 1.0


@dataclass(frozen=True)
class Situation:
    """What is on the map.

    Args:
        own: The units that obey.
        neutral: What has no owner: beacons, minerals.
        enemies: The visible units of the opponent.
        score: The score of the game so far.
        loop: The number of loops that were played.
        ended: Whether the game is over.
    """

    own: list[Unit]
    neutral: list[Unit]
    enemies: list[Unit]
    score: float
    loop: int
    ended: bool


def read_situation(response: Any, *, is_over: bool = False) -> Situation:
    """Return the situation that a response to "observation" describes.

    Args:
        response: The response.
        is_over: Whether its status says that the game is over.

    Returns:
        The situation, with units in the order of their tags.
    """
    observation: sc2api_pb2.Observation = response.observation
    sides: dict[int, list[Unit]] = {raw_pb2.Self: [], raw_pb2.Neutral: [], raw_pb2.Enemy: []}
    for unit in sorted(observation.raw_data.units, key=lambda unit: unit.tag):
        if unit.alliance in sides and unit.display_type != raw_pb2.Hidden:
            health = unit.health / unit.health_max if unit.health_max else 1.0
            sides[unit.alliance].append(Unit(unit.tag, unit.unit_type, unit.pos.x, unit.pos.y, health))
    return Situation(
        sides[raw_pb2.Self], sides[raw_pb2.Neutral], sides[raw_pb2.Enemy],
        float(observation.score.score), observation.game_loop, is_over or bool(response.player_result),
    )  # fmt: skip


@dataclass(frozen=True)
class View:
    """The part of the map that is observed: a square of cells around the first position of the camera.

    Args:
        x: Its center, to the east.
        y: Its center, to the north.
        grid: The number of cells in a row and in a column.
    """

    x: float
    y: float
    grid: int

    def cell(self, unit: Unit) -> tuple[int, int]:
        """Return row and column of a unit, from the north-west; units outside are in the nearest cell."""
        size = WIDTH / self.grid
        row, column = (self.y + WIDTH / 2 - unit.y) // size, (unit.x - self.x + WIDTH / 2) // size
        return (min(max(int(row), 0), self.grid - 1), min(max(int(column), 0), self.grid - 1))

    def center(self, cell: int) -> tuple[float, float]:
        """Return the center of a cell, which are numbered row by row from the north-west: x, y."""
        size = WIDTH / self.grid
        row, column = divmod(cell, self.grid)
        return self.x - WIDTH / 2 + (column + 0.5) * size, self.y + WIDTH / 2 - (row + 0.5) * size


@dataclass
class Roster:
    """The numbers of enemies: a unit keeps its number until it dies, then the next new one has it.

    Args:
        size: The largest number of enemies; more are not numbered.
    """

    size: int
    tags: list[int | None] = field(default_factory=list)

    def update(self, units: Sequence[Unit]) -> None:
        """Free the numbers of units that are gone, and number new ones."""
        alive = [unit.tag for unit in units]
        tags = [tag if tag in alive else None for tag in self.tags or [None] * self.size]
        new = [tag for tag in alive if tag not in tags]
        for number, tag in enumerate(tags):
            if tag is None and new:
                tags[number] = new.pop(0)
        self.tags = tags


def to_planes(situation: Situation, view: View, roster: Roster) -> Float32[Tensor, "planes rows columns"]:
    """Return the sum of health in each cell: of own units, of neutral things, then of each enemy by its number."""
    planes = torch.zeros(2 + roster.size, view.grid, view.grid)
    numbered = {unit.tag: unit for unit in situation.enemies}
    enemies = [[numbered[tag]] if tag in numbered else [] for tag in roster.tags]
    for plane, units in enumerate([situation.own, situation.neutral, *enemies]):
        for unit in units:
            planes[plane][view.cell(unit)] += unit.health
    return planes


def draw(situation: Situation, view: View) -> Scene:
    """Return a drawing: own units blue, neutral things green, enemies orange."""
    half = WIDTH / 2
    scene = Scene(left=view.x - half, right=view.x + half, bottom=view.y - half, top=view.y + half)
    for units, color, radius in (
        (situation.neutral, GREEN, 0.8),
        (situation.enemies, ORANGE, 0.5),
        (situation.own, BLUE, 0.4),
    ):
        for unit in units:
            scene.circle((unit.x, unit.y), radius, color)
    return scene
