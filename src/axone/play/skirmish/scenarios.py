"""Scenarios: which units fight, and how long. Those of SMAC by name, and one's own as a table.

A table is a CSV file with a row for each group of units:

    team,unit,count,x,y,health
    allies,marine,3,8,16,
    allies,medic,1,6,16,80
    enemies,zealot,2,24,16,

Only `team` and `unit` are required. `x` and `y` are where the group starts (each unit within 2 cells of it in either
direction); the columns of `UnitType` (speed, damage, range, sight, radius, health, cooldown, healing) replace a number
of the type for this group. Empty cells mean the default.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any, Literal

from axone.errors import DataError, UsageError, closest
from axone.messages import _
from axone.play.skirmish.actions import ActionTable
from axone.play.skirmish.units import LIMITS, NUMBERS, UNITS, UnitType

Walls = Literal["kill", "stop"]
SIDE = 32.0  # cells: the map is a square
MOST_UNITS = 64  # of both teams together
TEAMS = ("allies", "enemies")
COLUMNS = ("team", "unit", "count", "x", "y", *NUMBERS)
STEP_LIMIT = 120  # of one's own scenario, where none is set


@dataclass(frozen=True)
class Group:
    """Some units of one type, which start together.

    Args:
        type: Their type.
        count: How many.
        start: The point around which they start (x, y); None: the middle of their half of the map.
    """

    type: UnitType
    count: int = 1
    start: tuple[float, float] | None = None


@dataclass(frozen=True)
class Scenario:
    """Who fights whom.

    Args:
        name: The name that a person types, or that of the file.
        allies: The first team, in the west.
        enemies: The second team, in the east.
        step_limit: After how many steps a battle ends without a winner.
        walls: What the border of the map does to a unit that touches it: "kill" it, as in SMAX, or "stop" it.
    """

    name: str
    allies: tuple[Group, ...]
    enemies: tuple[Group, ...]
    step_limit: int
    walls: Walls = "kill"

    @property
    def units(self) -> tuple[UnitType, ...]:
        """The type of each unit, first those of the allies."""
        return tuple(group.type for group in (*self.allies, *self.enemies) for _number in range(group.count))

    @property
    def starts(self) -> tuple[tuple[float, float], ...]:
        """The point around which each unit starts."""
        sides = ((self.allies, SIDE / 4), (self.enemies, SIDE * 3 / 4))
        return tuple(
            group.start or (x, SIDE / 2) for groups, x in sides for group in groups for _number in range(group.count)
        )

    @property
    def sizes(self) -> tuple[int, int]:
        """The number of units of each team."""
        return sum(group.count for group in self.allies), sum(group.count for group in self.enemies)

    @property
    def types(self) -> tuple[UnitType, ...]:
        """The different types, in the order in which they appear."""
        return tuple(dict.fromkeys(self.units))

    @property
    def table(self) -> ActionTable:
        """The actions of its units."""
        return ActionTable(max(self.sizes))


def _of(name: str, allies: Mapping[str, int], enemies: Mapping[str, int], step_limit: int) -> Scenario:
    first, second = (tuple(Group(UNITS[unit], count) for unit, count in team.items()) for team in (allies, enemies))
    return Scenario(name, first, second, step_limit)


# The names and step limits are SMAC's. The medic of MMM is a medivac there, which flies.
SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        _of("3m", {"marine": 3}, {"marine": 3}, 60),
        _of("8m", {"marine": 8}, {"marine": 8}, 120),
        _of("25m", {"marine": 25}, {"marine": 25}, 150),
        _of("2s3z", {"stalker": 2, "zealot": 3}, {"stalker": 2, "zealot": 3}, 120),
        _of("3s5z", {"stalker": 3, "zealot": 5}, {"stalker": 3, "zealot": 5}, 150),
        _of("5m_vs_6m", {"marine": 5}, {"marine": 6}, 70),
        _of("3s_vs_5z", {"stalker": 3}, {"zealot": 5}, 250),
        _of("6h_vs_8z", {"hydralisk": 6}, {"zealot": 8}, 150),
        _of(
            "MMM",
            {"medic": 1, "marauder": 2, "marine": 7},
            {"medic": 1, "marauder": 2, "marine": 7},
            150,
        ),
    )
}


def find_scenario(name: str) -> Scenario:
    """Return a scenario by its name, or read it from a CSV file.

    Raises:
        UsageError: There is no such scenario, and the name is not that of a file.
        DataError: The file is no scenario.
    """
    if name in SCENARIOS:
        return SCENARIOS[name]
    if name.lower().endswith(".csv"):
        return read_scenario(Path(name))
    names = {known.lower(): known for known in SCENARIOS}
    near = names.get(closest(name, names) or "")
    suggestion = " " + _("Did you mean '{near}'?", near=near) if near else ""
    raise UsageError(
        _("There is no scenario '{name}'.", name=name) + suggestion,
        expected=_("expected one of {choices}, or a CSV file", choices=", ".join(SCENARIOS)),
    )


def read_scenario(path: Path) -> Scenario:
    """Read a scenario from a CSV file. Raises DataError, with the line, for what cannot be read."""
    try:
        if path.stat().st_size > 1_000_000:
            raise DataError(_("'{path}' is too large for a scenario.", path=path))
        lines = path.read_text("utf-8-sig").splitlines()
    except FileNotFoundError:
        raise DataError(_("There is no file '{path}'.", path=path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(_("'{path}' cannot be read: {error}", path=path, error=error)) from None
    rows = csv.reader(lines, skipinitialspace=True)
    header = [name.strip().lower() for name in next(rows, [])]
    _check_header(path, header)
    teams: dict[str, list[Group]] = {team: [] for team in TEAMS}
    for cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header):
            raise _error(path, rows.line_num, _("{count} cells in {columns} columns", count=len(cells),
                                                columns=len(header)))  # fmt: skip
        row = {name: cell.strip() for name, cell in zip(header, cells) if cell.strip()}
        teams[_read_choice(path, rows.line_num, "team", row, TEAMS)].append(_read_group(path, rows.line_num, row))
    for team in TEAMS:
        if not teams[team]:
            raise DataError(_("'{path}' has no units for the team '{team}'.", path=path, team=team),
                            hint=_("add a row such as {row}", row=f"{team},marine,3"))  # fmt: skip
    scenario = Scenario(path.stem, tuple(teams["allies"]), tuple(teams["enemies"]), STEP_LIMIT)
    if sum(scenario.sizes) > MOST_UNITS:
        raise DataError(_("'{path}' has {count} units.", path=path, count=sum(scenario.sizes)),
                        expected=_("expected at most {limit} of both teams together", limit=MOST_UNITS))  # fmt: skip
    return scenario


def _check_header(path: Path, header: list[str]) -> None:
    for name in header:
        if name not in COLUMNS or header.count(name) > 1:
            near = closest(name, COLUMNS) if name not in COLUMNS else None
            what = (
                _("the column '{name}' is there twice", name=name)
                if name in COLUMNS
                else _("there is no column '{name}'", name=name)
            )
            columns = _("columns: {names}", names=", ".join(COLUMNS))
            raise _error(path, 1, what, _("Did you mean '{near}'?", near=near) if near else columns)
    for name in ("team", "unit"):
        if name not in header:
            raise _error(path, 1, _("the column '{name}' is missing", name=name))


def _read_group(path: Path, line: int, row: Mapping[str, str]) -> Group:
    unit = UNITS[_read_choice(path, line, "unit", row, tuple(UNITS))]
    changed: dict[str, Any] = {
        name: _read_number(path, line, row, name, *LIMITS[name]) for name in NUMBERS if name in row
    }
    try:
        unit = replace(unit, **changed)
    except ValueError as error:
        raise _error(path, line, str(error)) from None
    count = _read_number(path, line, row, "count", 1.0, float(MOST_UNITS)) if "count" in row else 1.0
    if count != int(count):
        raise _error(
            path, line, _("{name} is '{value}'", name="count", value=row["count"]), _("expected a whole number")
        )
    if ("x" in row) != ("y" in row):
        raise _error(path, line, _("x and y belong together, and one of them is empty"))
    low, high = 3.0, SIDE - 3.0  # away from the border: units start up to 2 cells from their place
    numbers = [_read_number(path, line, row, name, low, high) for name in ("x", "y") if name in row]
    start = (numbers[0], numbers[1]) if numbers else None
    return Group(unit, int(count), start)


def _read_choice(path: Path, line: int, column: str, row: Mapping[str, str], choices: tuple[str, ...]) -> str:
    value = row.get(column, "").lower()
    if value in choices:
        return value
    near = closest(value, choices)
    what = _("{name} is '{value}'", name=column, value=row.get(column, ""))
    expected = _("expected one of: {choices}", choices=", ".join(choices))
    raise _error(path, line, what, expected, _("Did you mean '{near}'?", near=near) if near else None)


def _read_number(path: Path, line: int, row: Mapping[str, str], column: str, low: float, high: float) -> float:
    try:
        value = float(row[column])
    except ValueError:
        value = float("nan")
    if not (isfinite(value) and low <= value <= high):
        raise _error(
            path,
            line,
            _("{name} is '{value}'", name=column, value=row[column]),
            _("expected a number from {low} to {high}", low=f"{low:g}", high=f"{high:g}"),
        )
    return value


def _error(path: Path, line: int, what: str, expected: str | None = None, hint: str | None = None) -> DataError:
    return DataError(_("{path}, line {line}: {what}.", path=path, line=line, what=what), expected=expected, hint=hint)
