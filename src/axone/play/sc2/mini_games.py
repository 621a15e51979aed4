"""The mini-games: maps of DeepMind's pack (Vinyals et al. 2017, "StarCraft II: A New Challenge for Reinforcement
Learning", arXiv:1708.04782), and how their actions are numbered."""

from __future__ import annotations

from dataclasses import dataclass

from axone.errors import UsageError, closest
from axone.messages import _
from axone.play.skirmish.actions import ActionTable
from axone.play.spaces import Continuous, Discrete

LOOPS_PER_SECOND = 22.4  # of the game, at its speed "faster"
STEP_LOOPS = 8  # loops of the game in one step, as in the paper
NOTHING = 0  # the action of a mini-game with cells that gives no order


@dataclass(frozen=True)
class MiniGame:
    """A mini-game. Its reward is the change of the game's score.

    Without targets, action 0 gives no order and 1 + k moves all own units to the center of cell k, row by row from the
    north-west. With targets, the actions are those of battles (`ActionTable`), and all own units obey the same one.

    Args:
        name: The name of the map.
        grid: The observation, and the cells to move to, are a square of grid x grid cells.
        seconds: The time limit.
        targets: The largest number of enemies at the same time; 0: there is no battle.
    """

    name: str
    grid: int
    seconds: float
    targets: int = 0

    @property
    def map_path(self) -> str:
        """The file of the map, in the game's folder of maps."""
        return f"mini_games/{self.name}.SC2Map"

    @property
    def max_steps(self) -> int:
        """The number of steps until the time limit."""
        return int(self.seconds * LOOPS_PER_SECOND / STEP_LOOPS)

    @property
    def table(self) -> ActionTable:
        """The actions of a battle."""
        return ActionTable(self.targets)

    @property
    def actions(self) -> Discrete:
        """The space of one action."""
        if self.targets:
            return Discrete(self.table.count, self.table.names)
        cells = range(self.grid * self.grid)
        names = (f"row {cell // self.grid + 1}, column {cell % self.grid + 1}" for cell in cells)
        return Discrete(1 + len(cells), ("nothing", *names))

    @property
    def observations(self) -> Continuous:
        """The space of one observation: planes of own units, of neutral things, and of each enemy."""
        return Continuous((2 + self.targets, self.grid, self.grid), low=0.0)


MINI_GAMES = {
    game.name: game
    for game in (
        MiniGame("MoveToBeacon", grid=8, seconds=120.0),
        MiniGame("CollectMineralShards", grid=16, seconds=120.0),
        MiniGame("DefeatRoaches", grid=16, seconds=120.0, targets=4),
    )
}


def find_mini_game(name: str) -> MiniGame:
    """Return a mini-game by its name.

    Raises:
        UsageError: There is none of that name.
    """
    if name not in MINI_GAMES:
        near = closest(name, {game.lower() for game in MINI_GAMES})
        same = next((game for game in MINI_GAMES if game.lower() == near), None)
        suggestion = " " + _("Did you mean '{near}'?", near=f"sc2:{same}") if same else ""
        raise UsageError(
            _("There is no world '{name}'.", name=f"sc2:{name}") + suggestion,
            expected=_("expected one of: {choices}", choices=", ".join(f"sc2:{game}" for game in MINI_GAMES)),
        )
    return MINI_GAMES[name]
