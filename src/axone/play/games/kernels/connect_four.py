"""Connect Four as numba kernels; see `axone.play.games.connect_four` for the bitboards."""

from __future__ import annotations

from numpy import ndarray

from axone.play.compilation import inlined, kernel
from axone.play.games.kernels.common import count_bits
from axone.play.random_kernels import random_integer

BOTTOM = 0x40810204081  # the lowest cell of each column
FULL = BOTTOM * 63


@inlined
def has_four(bits: int) -> bool:
    """Return whether the stones include four in a row."""
    pairs = bits & (bits >> 7)
    lines = pairs & (pairs >> 14)
    pairs = bits & (bits >> 1)
    lines |= pairs & (pairs >> 2)
    pairs = bits & (bits >> 6)
    lines |= pairs & (pairs >> 12)
    pairs = bits & (bits >> 8)
    lines |= pairs & (pairs >> 16)
    return lines != 0


@inlined
def move(own: int, other: int, action: int) -> tuple[int, int, int, bool]:
    """Return the position after a move: own and other stones of the next player, value, whether the game is over."""
    both = own | other
    stone = (both + (1 << (7 * action))) & ~both
    own |= stone
    value = 1 if has_four(own) else 0
    return other, own, value, value != 0 or (both | stone) == FULL


@inlined
def legal_bits(own: int, other: int) -> int:
    """Return the lowest empty cell of each column that is not full."""
    return ((own | other) + BOTTOM) & FULL


@inlined
def action_of(bit: int) -> int:
    """Return the column of a cell that is given as a bit."""
    return count_bits(bit - 1) // 7


@kernel
def legal_actions(finished: ndarray, own: ndarray, other: ndarray, legal: ndarray) -> None:
    """Write the legal actions of each copy, bool [copies, 7]."""
    for copy in range(len(own)):
        taken = FULL if finished[copy] else own[copy] | other[copy]
        for action in range(7):
            legal[copy, action] = not (taken >> (7 * action + 5)) & 1


@inlined
def choose(own: int, other: int, key: int, counter: int) -> int:
    """Return a random legal action of one copy."""
    legal = legal_bits(own, other)
    rank = random_integer(key, counter, count_bits(legal))
    for _ in range(rank):
        legal &= legal - 1  # without its lowest bit
    return action_of(legal & -legal)


@kernel
def step(
    player: ndarray,
    finished: ndarray,
    result: ndarray,
    last: ndarray,
    own: ndarray,
    other: ndarray,
    actions: ndarray,
    rewards: ndarray,
) -> None:
    """Make a move in each copy that is not finished; all arrays but the actions are changed."""
    for copy in range(len(own)):
        rewards[copy] = 0
        if finished[copy]:
            continue
        own[copy], other[copy], value, finished[copy] = move(own[copy], other[copy], actions[copy])
        rewards[copy] = value
        result[copy] = value * (1 - 2 * player[copy])
        last[copy] = actions[copy]
        player[copy] = 1 - player[copy]


@kernel
def playout(
    player: ndarray,
    finished: ndarray,
    result: ndarray,
    last: ndarray,
    own: ndarray,
    other: ndarray,
    keys: ndarray,
    counters: ndarray,
    moves: ndarray,
) -> None:
    """Play each copy to its end by random moves; all arrays but the keys and counters are changed."""
    for copy in range(len(own)):
        mine, theirs, side, ended = own[copy], other[copy], player[copy], finished[copy]
        count, value, action = 0, 0, 0
        while not ended:
            action = choose(mine, theirs, keys[copy], counters[copy] + count)
            mine, theirs, value, ended = move(mine, theirs, action)
            side = 1 - side
            count += 1
        moves[copy] = count
        if count:
            own[copy], other[copy], player[copy], finished[copy] = mine, theirs, side, True
            last[copy], result[copy] = action, value * (2 * side - 1)


@kernel
def random_actions(
    finished: ndarray, own: ndarray, other: ndarray, keys: ndarray, counters: ndarray, actions: ndarray
) -> None:
    """Write a random legal action of each copy; 0 where the game is over."""
    for copy in range(len(own)):
        actions[copy] = 0 if finished[copy] else choose(own[copy], other[copy], keys[copy], counters[copy])
