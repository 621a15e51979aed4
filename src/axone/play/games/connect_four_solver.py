"""What each move of Connect Four is worth under perfect play, and the mistakes of a player.

The score of a position counts from the end: it is 22 minus the number of stones that the winner will have, so that a
win scores more the earlier it comes; negative if the opponent wins, 0 for a draw, as in Pascal Pons' solver.
"4455" scores 18: the player to move wins with the fourth stone.

The package contains solved positions of random games (`load_solved_positions`), which need no solver;
`scripts/solved_positions.py` makes them.
"""

from __future__ import annotations

import csv
from importlib import resources
from typing import NamedTuple

import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from axone.errors import UsageError
from axone.messages import _
from axone.play.bodies import has_numba
from axone.play.games.bitboards import call
from axone.play.games.connect_four import ConnectFour
from axone.play.simulation import State, replace_where

ILLEGAL = -100  # the score of a full column
# The phases of the game by the number of stones, from the first to the last.
PHASES = {"early": (11, 16), "middle": (17, 22), "late": (23, 28)}


class ConnectFourSolver:
    """Solves positions of Connect Four exactly; it remembers what it has found, so that similar positions are faster.

    It visits about six million positions a second: a position of 24 stones takes a tenth of a millisecond, of 18 stones
    2 ms, of 14 stones 10 ms, of 10 stones 400 ms. The first position is beyond its reach.

    Args:
        slots: The size of its memory as a power of two, of 8 bytes each.

    Raises:
        UsageError: numba is not installed.
    """

    def __init__(self, slots: int = 23) -> None:
        if not has_numba():
            raise UsageError(_("The solver needs numba, which is not installed."), hint="pip install 'axone[play]'")
        self._table = torch.zeros(1 << slots, dtype=torch.int64)
        self._stack = torch.zeros(43, 22, dtype=torch.int64)

    @property
    def visited(self) -> int:
        """The number of positions that were searched so far."""
        return int(self._stack[-1, 0])

    def solve(self, state: State) -> Int64[Tensor, " copies"]:
        """Return the score of each position for the player to move; 0 for those that are over.

        Args:
            state: Positions of `ConnectFour`, on the CPU.
        """
        from axone.play.games.kernels.connect_four_solver import solve_positions

        scores = torch.empty_like(state["own"])
        call(solve_positions, state["finished"], state["own"], state["other"], self._table, self._stack, scores)
        return scores

    def score_moves(self, state: State) -> Int64[Tensor, "copies 7"]:
        """Return the score of each move for the player who makes it; ILLEGAL for columns that are full.

        Args:
            state: Positions of `ConnectFour`, on the CPU.
        """
        from axone.play.games.kernels.connect_four_solver import score_moves

        scores = torch.empty(len(state["own"]), 7, dtype=torch.int64)
        call(score_moves, state["finished"], state["own"], state["other"], self._table, self._stack, scores)
        return scores


def is_mistake(scores: Int64[Tensor, "copies 7"], actions: Int64[Tensor, " copies"]) -> Bool[Tensor, " copies"]:
    """Return whether each action gives away a win or a draw: whether it wins, draws or loses where another does better.

    Args:
        scores: The scores of the moves, from `score_moves`.
        actions: The actions that a player chose.
    """
    chosen = scores.gather(1, actions[:, None])[:, 0]
    return chosen.sign() < scores.amax(1).sign()


class SolvedPositions(NamedTuple):
    """Positions of Connect Four in which one move is better than another, and what their moves are worth.

    Args:
        state: The positions, as a state of `ConnectFour`.
        scores: The score of each move; ILLEGAL for columns that are full.
        phases: The phase of each position, a key of PHASES.
        moves: The columns from the first position, from 1, as "4455".
    """

    state: State
    scores: Int64[Tensor, "copies 7"]
    phases: list[str]
    moves: list[str]


def load_solved_positions() -> SolvedPositions:
    """Return the solved positions that the package contains: 204 of each phase, from random games."""
    text = resources.files("axone.play.games").joinpath("solved", "connect_four.csv").read_text("utf-8")
    _header, *rows = csv.reader(text.splitlines())
    moves = [row[0] for row in rows]
    scores = torch.tensor([[int(cell) if cell else ILLEGAL for cell in row[1:]] for row in rows])
    return SolvedPositions(replay(moves), scores, [phase_of(len(each)) for each in moves], moves)


def phase_of(stones: int) -> str:
    """Return the phase of a position by its number of stones; before the first it is early, after the last late."""
    return next((phase for phase, (_first, last) in PHASES.items() if stones <= last), "late")


def replay(moves: list[str]) -> State:
    """Return the position after each list of columns, from 1; they are legal."""
    game, lengths = ConnectFour(), torch.tensor([len(each) for each in moves])
    state = game.reset(torch.zeros_like(lengths))
    for number in range(int(lengths.max())):
        actions = torch.tensor([int(each[number]) - 1 if number < len(each) else 0 for each in moves])
        state = replace_where(number < lengths, game.step(state, actions)[0], state)
    return state
