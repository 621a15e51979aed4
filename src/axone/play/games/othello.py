"""Othello: a stone encloses lines of the opponent's stones, which change their color; who has more in the end wins.

The bit of a cell is 8 x row + column, from the upper left corner. Lines of stones are followed by shifts of the whole
board in eight directions. Stones in the first and the last column are left out of the stones that a shift by a column
may follow, so that no line continues in the next row.

A player without a legal cell passes, by an action of its own; when neither has one, the game is over.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from axone.play.games.bitboards import BitboardGame, BitboardKernels, Bits, Moved, as_tensor, count_bits
from axone.play.games.drawing import Board
from axone.play.simulation import State
from axone.play.spaces import Discrete

SIZE = 8
PASS = 64
CELLS = tuple(range(PASS))
INNER = 0x7E7E7E7E7E7E7E7E  # all cells but those of the first and the last column
CORNERS = (1 | 1 << 7 | 1 << 56 | 1 << 63) - (1 << 64)  # as a signed integer
# Right, down left, down right, and down; the opposite directions are the same shifts to lower bits.
PLACES = (1, 7, 9, 8)
THROUGH = (INNER, INNER, INNER, -1)  # the cells that a line may follow, for each of PLACES
LOWER = tuple((1 << 64 - places) - 1 for places in PLACES)  # what remains of the board after a shift to lower bits
Lines = Int64[Tensor, "copies directions"]


class Othello(BitboardGame):
    """Othello on the board of 8 x 8. An action is a cell, row by row from a1 in the upper left corner, or to pass."""

    name = "othello"
    board = (SIZE, SIZE)
    max_moves = 120  # each of 60 stones, and a pass before each
    cells = CELLS
    start = (1 << 28 | 1 << 35, 1 << 27 | 1 << 36)
    actions = Discrete(PASS + 1, (*(f"{column}{row}" for row in range(1, 9) for column in "abcdefgh"), "pass"))

    def move(self, own: Bits, other: Bits, actions: Bits) -> Moved:
        """Return the positions after a stone was put on a cell or the player passed."""
        passed = actions == PASS
        stone = torch.where(passed, 0, torch.ones_like(actions) << (actions & PASS - 1))
        flips = flipped_stones(stone, own, other)
        own, other = own | stone | flips, other & ~flips
        ended = ~passed & (legal_cells(torch.stack([own, other]), torch.stack([other, own])) == 0).all(0)
        value = (count_bits(own) - count_bits(other)).sign() * ended
        return Moved(other, own, value, ended)

    def legal_actions(self, state: State) -> Bool[Tensor, "copies 65"]:
        """Return the cells that enclose stones, or to pass where there is none; none when the game is over."""
        bits = legal_cells(state["own"], state["other"])[:, None]
        cells = (bits >> as_tensor(CELLS, bits.device)) & 1 == 1
        return torch.cat([cells, bits == 0], 1) & ~state["finished"][:, None]

    def evaluate(self, state: State) -> Int64[Tensor, " copies"]:
        """Return how many more moves the player to move has than the opponent, and eight for each corner."""
        own, other = state["own"], state["other"]
        corners = count_bits(own & CORNERS) - count_bits(other & CORNERS)
        return count_bits(legal_cells(own, other)) - count_bits(legal_cells(other, own)) + 8 * corners

    def describe_board(self, rows: tuple[tuple[int, ...], ...], last: int) -> Board:
        """Return the drawing of a position."""
        return Board(
            rows=rows,
            columns=tuple("abcdefgh"),
            lines=tuple("12345678"),
            last=divmod(last, SIZE) if 0 <= last < PASS else None,
            action_cells=(*(divmod(cell, SIZE) for cell in CELLS), None),
            style="disks",
            action_names=((PASS, "pass"),),
        )

    def kernels(self) -> Othello:
        """Return the same game with functions that run as numba kernels."""
        return OthelloKernels()


class OthelloKernels(BitboardKernels, Othello):
    """The game as numba kernels."""

    def __init__(self) -> None:
        super().__init__()
        from axone.play.games.kernels import othello

        self.functions = othello


def legal_cells(own: Int64[Tensor, "*shape"], other: Int64[Tensor, "*shape"]) -> Int64[Tensor, "*shape"]:
    """Return the empty cells from which a line of the opponent's stones leads to an own one, as bits."""
    places, lower, through = lines_through(other)
    up, down = follow_lines(own[..., None], through, places, lower)
    cells = (up << places) | ((down >> places) & lower)
    return join(cells) & ~(own | other)


def flipped_stones(stone: Bits, own: Bits, other: Bits) -> Bits:
    """Return the opponent's stones that are enclosed by a new stone and an own one, as bits."""
    places, lower, through = lines_through(other)
    up, down = follow_lines(stone[:, None], through, places, lower)
    own = own[:, None]
    up = torch.where((up << places) & own != 0, up, 0)
    down = torch.where((down >> places) & lower & own != 0, down, 0)
    return join(up | down)


def lines_through(other: Int64[Tensor, "*shape"]) -> tuple[Tensor, Tensor, Int64[Tensor, "*shape directions"]]:
    """Return the shifts, what remains of a board after them, and the stones that a line may follow, by direction."""
    places, lower, through = (as_tensor(values, other.device) for values in (PLACES, LOWER, THROUGH))
    return places, lower, other[..., None] & through


def follow_lines(
    start: Int64[Tensor, "*shape one"],
    through: Int64[Tensor, "*shape directions"],
    places: Int64[Tensor, " directions"],
    lower: Int64[Tensor, " directions"],
) -> tuple[Int64[Tensor, "*shape directions"], Int64[Tensor, "*shape directions"]]:
    """Return the stones that follow `start` without a gap, in the directions of higher bits and of lower ones.

    A line has at most six stones, which are followed by steps of 1, 1, 2 and 2 cells.
    """
    double = 2 * places
    up = (start << places) & through
    up = up | ((up << places) & through)
    pairs = through & (through << places)
    up = up | ((up << double) & pairs)
    up = up | ((up << double) & pairs)
    # A shift to lower bits copies the sign into the highest ones, which the mask clears.
    through_lower = through & lower
    down = (start >> places) & through_lower
    down = down | ((down >> places) & through_lower)
    pairs = through_lower & (through >> places)
    down = down | ((down >> double) & pairs)
    down = down | ((down >> double) & pairs)
    return up, down


def join(lines: Int64[Tensor, "*shape directions"]) -> Int64[Tensor, "*shape"]:
    """Return the union of the four directions."""
    first, second, third, fourth = lines.unbind(-1)
    return first | second | third | fourth
