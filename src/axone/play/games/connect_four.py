"""Connect Four: stones fall into seven columns of six cells, and four in a row win.

A column takes seven bits, of which the highest stays 0, so that a shifted board never continues a line in the next
column, and that adding a bit to a column finds its lowest empty cell by the carry (Tromp, "John's Connect Four
Playground"):

     5 12 19 26 33 40 47
     4 11 18 25 32 39 46
     3 10 17 24 31 38 45
     2  9 16 23 30 37 44
     1  8 15 22 29 36 43
     0  7 14 21 28 35 42
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from axone.errors import UsageError
from axone.messages import _
from axone.play.games.bitboards import BitboardGame, BitboardKernels, Bits, Moved, as_tensor, call, count_bits
from axone.play.games.drawing import Board
from axone.play.games.minimax import check_depth
from axone.play.random import random_integers
from axone.play.simulation import State
from axone.play.spaces import Discrete

HEIGHT, WIDTH = 6, 7
COLUMN_BITS = HEIGHT + 1
TOPS = tuple(COLUMN_BITS * column + HEIGHT - 1 for column in range(WIDTH))
FULL = sum(((1 << HEIGHT) - 1) << COLUMN_BITS * column for column in range(WIDTH))
BOTTOM = sum(1 << COLUMN_BITS * column for column in range(WIDTH))  # the lowest cell of each column
SIGNS = BOTTOM << HEIGHT  # the bit above each column
COLUMNS = FULL | SIGNS
LINES = (1, COLUMN_BITS, COLUMN_BITS - 1, COLUMN_BITS + 1)  # upwards, to the right, and the two diagonals


class ConnectFour(BitboardGame):
    """Connect Four on the board of 7 x 6. An action is a column from the left; people write it from 1 to 7."""

    name = "connect_four"
    board = (HEIGHT, WIDTH)
    max_moves = HEIGHT * WIDTH
    cells = tuple(COLUMN_BITS * column + HEIGHT - 1 - row for row in range(HEIGHT) for column in range(WIDTH))
    actions = Discrete(WIDTH, tuple(str(column + 1) for column in range(WIDTH)))

    def move(self, own: Bits, other: Bits, actions: Bits) -> Moved:
        """Return the positions after a stone fell into a column."""
        both = own | other
        stone = (both + (torch.ones_like(actions) << COLUMN_BITS * actions)) & ~both
        own = own | stone
        won = has_four(own)
        return Moved(other, own, won.long(), won | ((both | stone) == FULL))

    def legal_actions(self, state: State) -> Bool[Tensor, "copies 7"]:
        """Return the columns that are not full; none when the game is over."""
        taken = (state["own"] | state["other"])[:, None] >> as_tensor(TOPS, state["own"].device)
        return ((taken & 1) == 0) & ~state["finished"][:, None]

    def random_actions(
        self, state: State, keys: Int64[Tensor, " copies"], counters: Int64[Tensor, " copies"]
    ) -> Int64[Tensor, " copies"]:
        """Return a random legal column for each copy, all equally likely; 0 where the game is over."""
        return random_columns(state["own"] | state["other"], keys, counters) * ~state["finished"]

    def evaluate(self, state: State) -> Int64[Tensor, " copies"]:
        """Return how many more cells, reachable or not, would complete four stones for the player to move."""
        own, other = state["own"], state["other"]
        return count_bits(cells_that_win(own, other)) - count_bits(cells_that_win(other, own))

    def describe_board(self, rows: tuple[tuple[int, ...], ...], last: int) -> Board:
        """Return the drawing of a position. The last move is the highest stone of its column."""
        highest = next((row for row in range(HEIGHT) if last >= 0 and rows[row][last]), None)
        return Board(
            rows=rows,
            columns=tuple(str(column + 1) for column in range(WIDTH)),
            lines=("",) * HEIGHT,
            last=None if highest is None else (highest, last),
            action_cells=tuple((-1, column) for column in range(WIDTH)),
            style="holes",
        )

    def kernels(self) -> ConnectFour:
        """Return the same game with functions that run as numba kernels."""
        return ConnectFourKernels()


class ConnectFourKernels(BitboardKernels, ConnectFour):
    """The game as numba kernels."""

    def __init__(self) -> None:
        super().__init__()
        from axone.play.games.kernels import connect_four

        self.functions = connect_four

    def value_moves(self, state: State, depth: int) -> Int64[Tensor, "copies 7"]:
        """Return the value of each column by a minimax search of a fixed depth, with pruning."""
        from axone.play.games.kernels.connect_four_minimax import value_moves

        check_depth(depth)
        values = torch.empty(len(state["own"]), WIDTH, dtype=torch.int64)
        call(value_moves, state["finished"], state["own"], state["other"], torch.tensor([depth]), values)
        return values


def random_columns(both: Bits, keys: Bits, counters: Bits) -> Bits:
    """Return a random column that is not full for each board, all equally likely; 7 for a full board.

    What `choose_random` computes in a table of copies x columns is here within one integer, seven bits for each column:
    a product with a 1 in each column adds up how many columns to its left and itself are not full, and a difference has
    a sign bit in each column where that number is at most the random rank. The number of these columns is the answer.
    """
    ranks = ((BOTTOM & ~(both >> (HEIGHT - 1))) * BOTTOM) & COLUMNS
    rank = random_integers(keys, counters, ranks >> COLUMN_BITS * (WIDTH - 1))
    signs = ((rank * BOTTOM | SIGNS) - ranks) & SIGNS
    return ((signs >> HEIGHT) * BOTTOM >> COLUMN_BITS * (WIDTH - 1)) & 7  # the signs, added up in the last column


def has_four(bits: Int64[Tensor, "*shape"]) -> Bool[Tensor, "*shape"]:
    """Return whether the stones include four in a row: pairs of neighbors, of which two follow each other."""
    lines = bits & 0
    for distance in LINES:
        pairs = bits & (bits >> distance)
        lines = lines | (pairs & (pairs >> 2 * distance))
    return lines != 0


def cells_that_win(stones: Int64[Tensor, "*shape"], other: Int64[Tensor, "*shape"]) -> Int64[Tensor, "*shape"]:
    """Return the empty cells, reachable or not, that complete four stones in a row, as bits."""
    cells = (stones << 1) & (stones << 2) & (stones << 3)
    for distance in LINES[1:]:
        pairs = (stones << distance) & (stones << 2 * distance)
        cells = cells | (pairs & ((stones << 3 * distance) | (stones >> distance)))
        pairs = (stones >> distance) & (stones >> 2 * distance)
        cells = cells | (pairs & ((stones << distance) | (stones >> 3 * distance)))
    return cells & FULL & ~(stones | other)


def read_position(moves: str) -> State:
    """Return the position, as a state of one copy, after moves that are written as columns from 1, such as "4455".

    Raises:
        UsageError: A character is no column, a column is full, or the game was over before.
    """
    game = ConnectFour()
    state = game.reset(torch.zeros(1, dtype=torch.int64))
    for number, character in enumerate(moves, 1):
        column = int(character) - 1 if character in "1234567" else -1
        if column < 0 or not bool(game.legal_actions(state)[0, column]):
            reason = _("the game is over") if state["finished"] else _("there is no such move")
            raise UsageError(
                _(
                    "Move {number} of '{moves}', '{move}': {reason}.",
                    number=number,
                    moves=moves,
                    move=character,
                    reason=reason,
                ),
                expected=_("Moves are the columns from 1 to 7, one digit each, such as 4455."),
            )
        state, _outcome = game.step(state, torch.tensor([column]))
    return state
