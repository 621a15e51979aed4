"""Othello as numba kernels; see `axone.play.games.othello` for the bitboards."""

from __future__ import annotations

from numpy import ndarray

from axone.play.compilation import inlined, kernel, kernel_from
from axone.play.games.kernels import bitboards
from axone.play.games.kernels.common import count_bits
from axone.play.random_kernels import random_integer

PASS = 64
INNER = 0x7E7E7E7E7E7E7E7E  # all cells but those of the first and the last column


@inlined
def shift(bits: int, places: int) -> int:
    """Return the bits moved up by a number of places, or down by a negative one, with zeros from the edge."""
    if places > 0:
        return bits << places
    return (bits >> -places) & ((1 << (64 + places)) - 1)


@inlined
def flood(start: int, through: int, places: int) -> int:
    """Return the stones of `through` that follow `start` in one direction without a gap."""
    line = shift(start, places) & through
    for _ in range(5):
        line |= shift(line, places) & through
    return line


@inlined
def legal_bits(own: int, other: int) -> int:
    """Return the empty cells from which a line of the opponent's stones leads to an own one."""
    inner, moves = other & INNER, 0
    for places in (1, 7, 9):
        moves |= shift(flood(own, inner, places), places) | shift(flood(own, inner, -places), -places)
    moves |= shift(flood(own, other, 8), 8) | shift(flood(own, other, -8), -8)
    return moves & ~(own | other)


@inlined
def flips_of(stone: int, own: int, other: int, places: int) -> int:
    """Return the opponent's stones between a new stone and an own one in one direction."""
    line = flood(stone, other, places)
    return line if shift(line, places) & own else 0


@inlined
def move(own: int, other: int, action: int) -> tuple[int, int, int, bool]:
    """Return the position after a move: own and other stones of the next player, value, whether the game is over."""
    if action == PASS:
        return other, own, 0, False
    stone = 1 << action
    inner, flips = other & INNER, flips_of(stone, own, other, 8) | flips_of(stone, own, other, -8)
    for places in (1, 7, 9):
        flips |= flips_of(stone, own, inner, places) | flips_of(stone, own, inner, -places)
    own, other = own | stone | flips, other & ~flips
    if legal_bits(other, own) or legal_bits(own, other):
        return other, own, 0, False
    difference = count_bits(own) - count_bits(other)
    return other, own, (difference > 0) - (difference < 0), True


@kernel
def legal_actions(finished: ndarray, own: ndarray, other: ndarray, legal: ndarray) -> None:
    """Write the legal actions of each copy, bool [copies, 65]."""
    for copy in range(len(own)):
        bits = 0 if finished[copy] else legal_bits(own[copy], other[copy])
        for action in range(PASS):
            legal[copy, action] = (bits >> action) & 1
        legal[copy, PASS] = bits == 0 and not finished[copy]


@inlined
def choose(own: int, other: int, key: int, counter: int) -> int:
    """Return a random legal action of one copy."""
    legal = legal_bits(own, other)
    if legal == 0:
        return PASS
    rank = random_integer(key, counter, count_bits(legal))
    for _ in range(rank):
        legal &= legal - 1  # without its lowest bit
    return count_bits((legal & -legal) - 1)  # a cell is its bit


step = kernel_from(bitboards.step, f"{__name__}.step", move=move)
playout = kernel_from(bitboards.playout, f"{__name__}.playout", move=move, choose=choose)
random_actions = kernel_from(bitboards.random_actions, f"{__name__}.random_actions", choose=choose)
