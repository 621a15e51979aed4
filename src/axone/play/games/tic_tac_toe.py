"""Tic-tac-toe: three in a row on a board of 3 x 3.

A row takes four bits, of which the last stays 0, so that a shifted board never continues a line in the next row:

     0  1  2  .        a3 b3 c3
     4  5  6  .        a2 b2 c2
     8  9 10  .        a1 b1 c1
"""

from __future__ import annotations

from jaxtyping import Bool, Int64
from torch import Tensor

from axone.play.games.bitboards import BitboardGame, BitboardKernels, Bits, Moved, as_tensor
from axone.play.games.drawing import Board
from axone.play.simulation import State
from axone.play.spaces import Discrete

CELLS = (0, 1, 2, 4, 5, 6, 8, 9, 10)
FULL = sum(1 << bit for bit in CELLS)
LINES = (1, 4, 5, 3)  # the distance of neighbors in a row, a column and the two diagonals


class TicTacToe(BitboardGame):
    """Tic-tac-toe. An action is a cell, row by row from the upper left corner."""

    name = "tic_tac_toe"
    board = (3, 3)
    max_moves = 9
    cells = CELLS
    actions = Discrete(9, tuple(f"{column}{row}" for row in (3, 2, 1) for column in "abc"))

    def move(self, own: Bits, other: Bits, actions: Bits) -> Moved:
        """Return the positions after a stone was put on a cell."""
        bits = as_tensor(tuple(1 << bit for bit in CELLS), actions.device)
        own = own | bits[actions]
        won = has_line(own)
        return Moved(other, own, won.long(), won | ((own | other) == FULL))

    def legal_actions(self, state: State) -> Bool[Tensor, "copies 9"]:
        """Return the empty cells; none when the game is over."""
        taken = (state["own"] | state["other"])[:, None] >> as_tensor(CELLS, state["own"].device)
        return ((taken & 1) == 0) & ~state["finished"][:, None]

    def describe_board(self, rows: tuple[tuple[int, ...], ...], last: int) -> Board:
        """Return the drawing of a position."""
        return Board(
            rows=rows,
            columns=tuple("abc"),
            lines=("3", "2", "1"),
            last=divmod(last, 3) if last >= 0 else None,
            action_cells=tuple(divmod(cell, 3) for cell in range(9)),
            style="signs",
        )

    def kernels(self) -> TicTacToe:
        """Return the same game with functions that run as numba kernels."""
        return TicTacToeKernels()


class TicTacToeKernels(BitboardKernels, TicTacToe):
    """The game as numba kernels."""

    def __init__(self) -> None:
        super().__init__()
        from axone.play.games.kernels import tic_tac_toe

        self.functions = tic_tac_toe


def has_line(bits: Int64[Tensor, "*shape"]) -> Bool[Tensor, "*shape"]:
    """Return whether the stones include three in a row."""
    lines = bits & 0
    for distance in LINES:
        lines = lines | (bits & (bits >> distance) & (bits >> 2 * distance))
    return lines != 0
