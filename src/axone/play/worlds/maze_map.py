"""The maps of mazes as text: a character for each cell, and settings below, one in a line.

    #  wall               S  start: where an episode begins; of several, one is drawn
    .  floor              G  goal: a reward of 1, the episode ends
    P  pit: -1, it ends   1 to 9  smaller goal: a reward of 0.1 to 0.9, the episode ends

Outside of the map are walls. The settings, all of which may be left out:

    slip = 0.2            probability that a move goes to the left or right of the chosen direction
    step_reward = -0.04   reward of each step
    max_steps = 100       time limit of an episode
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from axone.errors import DataError, closest
from axone.messages import _

SOLID, FLOOR, START, GOAL, PIT = "#.SGP"
SYMBOLS = SOLID + FLOOR + START + GOAL + PIT + "123456789"
LARGEST = 128  # rows or columns

RANGES = {"slip": (0.0, 1.0), "step_reward": (-100.0, 100.0), "max_steps": (1.0, 1e6)}

MAPS = {
    # Russell and Norvig's 4 x 3 world; the grid world of Sutton, Precup and Singh (1999); the cliff of Sutton and Barto
    # (example 6.6); a near goal that is worth less than a far one.
    "small": "...G\n.#.P\nS...",
    "four_rooms": """\
#############
#S....#.....#
#.....#.....#
#...........#
#.....#.....#
#.....#.....#
##.####.....#
#.....###.###
#.....#.....#
#.....#.....#
#...........#
#.....#....G#
#############""",
    "cliff": "............\n............\n............\nSPPPPPPPPPPG",
    "choice": "2.S.....G",
}


@dataclass(frozen=True)
class MazeMap:
    """A map that can be used: there is a start, and a goal can be reached from each.

    Args:
        lines: The rows, all of the same length.
        slip: The probability that a move goes to the side.
        step_reward: The reward of each step.
        max_steps: The time limit of an episode; 0: the map sets none.
    """

    lines: tuple[str, ...]
    slip: float = 0.0
    step_reward: float = 0.0
    max_steps: int = 0

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.lines)

    @property
    def columns(self) -> int:
        """The number of columns."""
        return len(self.lines[0])

    def symbol(self, cell: int) -> str:
        """Return the character of a cell, which is row * columns + column."""
        return self.lines[cell // self.columns][cell % self.columns]

    def cells(self, symbol: str) -> list[int]:
        """List the cells that have a character."""
        return [cell for cell in range(self.rows * self.columns) if self.symbol(cell) == symbol]

    def neighbor(self, cell: int, down: int, right: int) -> int:
        """Return where a move leads: the neighboring cell, or the same one when a wall is there."""
        row, column = cell // self.columns + down, cell % self.columns + right
        inside = 0 <= row < self.rows and 0 <= column < self.columns
        return row * self.columns + column if inside and self.lines[row][column] != SOLID else cell

    def reward(self, cell: int) -> float:
        """Return the reward for entering a cell."""
        symbol = self.symbol(cell)
        return int(symbol) / 10 if symbol.isdecimal() else {GOAL: 1.0, PIT: -1.0}.get(symbol, 0.0)

    def is_exit(self, cell: int) -> bool:
        """Return whether entering a cell ends the episode."""
        return self.symbol(cell) in GOAL + PIT or self.symbol(cell).isdecimal()


def read_map(text: str, source: str = "map") -> MazeMap:
    """Return the map in a text.

    Args:
        text: The map, and settings below it.
        source: What errors call it, such as the name of its file.

    Raises:
        DataError: The text is no map that can be used: no start, no goal that can be reached, a character without
            meaning, lines of different lengths, a setting that is unknown or out of range.
    """
    lines: list[str] = []
    numbers: list[int] = []  # of the lines in the text, for errors
    settings: dict[str, float] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        line = line.rstrip()
        if "=" in line:
            name, value = read_setting(line, source, number)
            settings[name] = value
        elif line and not settings and (not numbers or numbers[-1] == number - 1):
            check_line(line, lines, source, number)
            lines.append(line)
            numbers.append(number)
        elif line:
            raise DataError(
                _(
                    "'{source}', line {line}: '{text}' is below the end of the map.",
                    source=source,
                    line=number,
                    text=line,
                ),
                expected=_(
                    "expected the rows of the map without an empty line between them, then settings: slip = 0.2"
                ),
            )
    if not lines:
        raise DataError(_("'{source}' has no map.", source=source), expected=describe_symbols())
    if len(lines) > LARGEST:
        raise DataError(
            _("'{source}' has {count} rows.", source=source, count=len(lines)),
            expected=_("expected at most {limit}", limit=LARGEST),
        )
    map = MazeMap(
        tuple(lines), settings.get("slip", 0.0), settings.get("step_reward", 0.0), int(settings.get("max_steps", 0))
    )
    check_reachable(map, source, numbers)
    return map


def check_line(line: str, lines: list[str], source: str, number: int) -> None:
    """Raise DataError for a row with a character without meaning, or of another length than the first."""
    for column, symbol in enumerate(line, 1):
        if symbol not in SYMBOLS:
            raise DataError(
                _("'{source}', line {line}, column {column}: '{symbol}' has no meaning.", source=source, line=number,
                  column=column, symbol=symbol),
                expected=describe_symbols(),
            )  # fmt: skip
    if lines and len(line) != len(lines[0]):
        raise DataError(
            _("'{source}', line {line} has the length {count}, the first row {expected}.", source=source, line=number,
              count=len(line), expected=len(lines[0])),
            expected=_("expected rows of the same length"),
        )  # fmt: skip
    if len(line) > LARGEST:
        raise DataError(
            _("'{source}', line {line} has {count} cells.", source=source, line=number, count=len(line)),
            expected=_("expected at most {limit}", limit=LARGEST),
        )


def describe_symbols() -> str:
    """Return the characters of a map in a line."""
    return _("expected # wall, . floor, S start, G goal, P pit, 1 to 9 smaller goal")


def read_setting(line: str, source: str, number: int) -> tuple[str, float]:
    """Return name and value of a setting. Raises DataError for one that is unknown or out of range."""
    name, value = (part.strip() for part in line.split("=", 1))
    if name not in RANGES:
        near = closest(name, RANGES)
        raise DataError(
            _("'{source}', line {line}: there is no setting '{name}'.", source=source, line=number, name=name),
            expected=_("settings of a maze: {names}", names=", ".join(RANGES)),
            hint=_("Did you mean '{near}'?", near=near) if near else None,
        )
    low, high = RANGES[name]
    whole = name == "max_steps"
    pattern = r"\d+" if whole else r"-?(\d+\.?\d*|\.\d+)(e-?\d+)?"
    if not re.fullmatch(pattern, value, re.ASCII) or not low <= float(value) <= high:
        raise DataError(
            _("'{source}', line {line}: {name} is '{value}'.", source=source, line=number, name=name, value=value),
            expected=_("expected a number from {low} to {high}", low=f"{low:g}", high=f"{high:,.0f}"),
        )
    return name, float(value)


def check_reachable(map: MazeMap, source: str, numbers: list[int]) -> None:
    """Raise DataError when there is no start, no goal, or a start from which no goal can be reached."""
    starts = map.cells(START)
    goals = {cell for cell in range(map.rows * map.columns) if map.reward(cell) > 0}
    if not starts:
        raise DataError(_("'{source}' has no start.", source=source), expected=_("expected an S in one cell at least"))
    if not goals:
        raise DataError(
            _("'{source}' has no goal.", source=source), expected=_("expected a G, or a digit, in one cell at least")
        )
    connected = cells_before(map, goals)
    for start in starts:
        if start not in connected:
            row, column = divmod(start, map.columns)
            raise DataError(
                _("'{source}', line {line}, column {column}: no goal can be reached from this start.", source=source,
                  line=numbers[row], column=column + 1),
                expected=_("expected a way of floor cells from each S to a G or a digit"),
            )  # fmt: skip


def cells_before(map: MazeMap, goals: set[int]) -> set[int]:
    """Return the cells from which a goal can be reached without entering another exit."""
    connected, queue = set(goals), list(goals)
    for cell in queue:  # the list grows
        for down, right in ((-1, 0), (0, 1), (1, 0), (0, -1)):
            neighbor = map.neighbor(cell, down, right)
            if neighbor not in connected and not map.is_exit(neighbor):
                connected.add(neighbor)
                queue.append(neighbor)
    return connected
