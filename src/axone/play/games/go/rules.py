"""The rules of one move, for many boards at once: stones, chains, captures, liberties, and which moves are allowed.

Each stone knows its chain by number: the smallest point of the chain, 0 where there is no stone. What belongs to a
chain is stored at its number, so that joining and capturing chains writes a few flags at numbers and reads them once
for each point by `gather`; nothing is compared for all pairs of points.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Bool, Int8, Int16, Int64
from torch import Tensor

from axone.play.games.go.tables import COUNT_PLACE, EMPTY, SQUARES_MASK, SUM_MASK, SUM_PLACE, Tables


class Placement(NamedTuple):
    """What a stone led to, for each copy; where none was placed, everything is as before.

    Args:
        board: The padded boards.
        chains: The number of each stone's chain.
        liberties: The sum of the liberties of each chain, at its number.
        hash_change: What is added to the hash of the position.
        ko: The point that may not be played next, 0 where there is none.
    """

    board: Int8[Tensor, "copies points"]
    chains: Int16[Tensor, "copies points"]
    liberties: Int64[Tensor, "copies points"]
    hash_change: Int64[Tensor, " copies"]
    ko: Int64[Tensor, " copies"]


def place_stones(
    tables: Tables,
    board: Int8[Tensor, "copies points"],
    chains: Int16[Tensor, "copies points"],
    liberties: Int64[Tensor, "copies points"],
    points: Int64[Tensor, " copies"],
    color: Int8[Tensor, " copies"],
    is_placed: Bool[Tensor, " copies"],
) -> Placement:
    """Place a stone of a color on a point of each copy with `is_placed`: join its chains, remove captured ones.

    `points` of the other copies is any point of the board: it is read and not used.
    """
    place, is_placed, own = points[:, None], is_placed[:, None], color[:, None]
    near = place + torch.tensor(tables.offsets, device=board.device)
    near_stones = board.gather(1, near)
    near_chains = chains.gather(1, near).long()
    is_own = (near_stones == own) & is_placed
    is_other = (near_stones == -own) & is_placed

    # The opponent's chains next to the stone lose a liberty; those that had no other are captured.
    lost = tables.liberty[place] * is_other
    is_captured = is_other & (liberties.scatter_add(1, near_chains, -lost).gather(1, near_chains) == 0)

    # The new number of each chain: 0 for captured ones, the smallest for those that the stone joins.
    joined = torch.where(is_own, near_chains, place).amin(1, keepdim=True)
    numbers = torch.arange(tables.points, dtype=torch.int16, device=board.device).expand_as(chains)
    numbers = numbers.scatter(1, near_chains * is_own, (joined * is_own).short().expand_as(near))
    numbers = numbers.scatter(1, near_chains * is_captured, 0)
    joined_chains = numbers.gather(1, chains.long())
    removed = (joined_chains != chains) & (joined_chains == 0)
    board = board.masked_fill(removed, EMPTY)
    board = board.scatter(1, place, torch.where(is_placed, own, board.gather(1, place)))
    joined = torch.where(is_placed, joined.short(), joined_chains.gather(1, place))
    joined_chains = joined_chains.scatter(1, place, joined)

    other_zobrist = tables.zobrist[(color > 0).long()]
    own_zobrist = tables.zobrist[(color < 0).long()].gather(1, place) * is_placed
    hash_change = own_zobrist[:, 0] - (other_zobrist * removed).sum(1)

    # Ko: a single stone was captured by a stone that had only opponents and the border around it.
    is_surrounded = ~((near_stones == own) | (near_stones == EMPTY)).any(1)
    is_ko = (removed.sum(1) == 1) & is_surrounded
    ko = torch.where(is_ko, removed.byte().argmax(1), 0)
    return Placement(board, joined_chains, count_liberties(tables, board, joined_chains), hash_change, ko)


def count_liberties(
    tables: Tables, board: Int8[Tensor, "copies points"], chains: Int16[Tensor, "copies points"]
) -> Int64[Tensor, "copies points"]:
    """Return the sum of the liberties of each chain, stored at its number; 0 elsewhere."""
    empty = (board == EMPTY) * tables.liberty
    above, left, right, below = (empty[:, tables.near(offset)] for offset in tables.offsets)
    liberties = torch.zeros_like(empty).scatter_add(1, chains[:, tables.rows].long(), above + left + right + below)
    liberties[:, 0] = 0  # where the points without a stone have added theirs
    return liberties


def find_atari(liberties: Int64[Tensor, "*shape"]) -> Bool[Tensor, "*shape"]:
    """Return whether the liberties of a chain are one point."""
    count = liberties >> COUNT_PLACE
    total = (liberties >> SUM_PLACE) & SUM_MASK
    return (count > 0) & (total * total == (liberties & SQUARES_MASK) * count)


def find_legal_points(
    tables: Tables,
    board: Int8[Tensor, "copies points"],
    chains: Int16[Tensor, "copies points"],
    liberties: Int64[Tensor, "copies points"],
    color: Int8[Tensor, " copies"],
) -> Bool[Tensor, "copies cells"]:
    """Return where a color may place a stone, ko and superko aside: on empty points where that is no suicide.

    A stone has a liberty next to an empty point, next to a chain of its own that has another liberty, and next to a
    chain of the opponent's that it captures.
    """
    in_atari = find_atari(liberties).gather(1, chains.long())
    own = board == color[:, None]
    other = board == -color[:, None]
    empty = board == EMPTY
    helps = empty | (own & ~in_atari) | (other & in_atari)
    above, left, right, below = (helps[:, tables.near(offset)] for offset in tables.offsets)
    legal = empty[:, tables.rows] & (above | left | right | below)
    return legal.reshape(-1, tables.size, tables.width)[:, :, 1:-1].flatten(1)
