"""Tic-tac-toe as numba kernels; see `axone.play.games.tic_tac_toe` for the bitboards."""

from __future__ import annotations

from numpy import ndarray

from axone.play.compilation import inlined, kernel, kernel_from
from axone.play.games.kernels import bitboards
from axone.play.games.kernels.common import count_bits
from axone.play.random_kernels import random_integer

FULL = 0x777


@inlined
def move(own: int, other: int, action: int) -> tuple[int, int, int, bool]:
    """Return the position after a move: own and other stones of the next player, value, whether the game is over."""
    own |= 1 << (action + action // 3)
    lines = own & (own >> 1) & (own >> 2)
    lines |= own & (own >> 4) & (own >> 8)
    lines |= own & (own >> 5) & (own >> 10)
    lines |= own & (own >> 3) & (own >> 6)
    value = 1 if lines else 0
    return other, own, value, value != 0 or (own | other) == FULL


@inlined
def legal_bits(own: int, other: int) -> int:
    """Return the empty cells."""
    return ~(own | other) & FULL


@inlined
def action_of(bit: int) -> int:
    """Return the action of a cell that is given as a bit."""
    place = count_bits(bit - 1)
    return place - place // 4


@kernel
def legal_actions(finished: ndarray, own: ndarray, other: ndarray, legal: ndarray) -> None:
    """Write the legal actions of each copy, bool [copies, 9]."""
    for copy in range(len(own)):
        bits = 0 if finished[copy] else legal_bits(own[copy], other[copy])
        for action in range(9):
            legal[copy, action] = (bits >> (action + action // 3)) & 1


@inlined
def choose(own: int, other: int, key: int, counter: int) -> int:
    """Return a random legal action of one copy."""
    legal = legal_bits(own, other)
    rank = random_integer(key, counter, count_bits(legal))
    for _ in range(rank):
        legal &= legal - 1  # without its lowest bit
    return action_of(legal & -legal)


step = kernel_from(bitboards.step, f"{__name__}.step", move=move)
playout = kernel_from(bitboards.playout, f"{__name__}.playout", move=move, choose=choose)
random_actions = kernel_from(bitboards.random_actions, f"{__name__}.random_actions", choose=choose)
