"""Connect Four as numba kernels; see `axone.play.games.connect_four` for the bitboards."""

from __future__ import annotations

from numpy import bool_, full, int64, ndarray, ones, zeros

from axone.play.compilation import inlined, kernel, kernel_from
from axone.play.games.kernels import bitboards
from axone.play.games.kernels.common import count_bits
from axone.play.random_kernels import random_integer

BOTTOM = 0x40810204081  # the lowest cell of each column
FULL = BOTTOM * 63
COLUMNS = BOTTOM * 127  # with the bit above each column
SIGNS = BOTTOM * 64  # the bit above each column
BLOCK = 32  # games that advance at once in a playout


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


@kernel
def legal_actions(finished: ndarray, own: ndarray, other: ndarray, legal: ndarray) -> None:
    """Write the legal actions of each copy, bool [copies, 7]."""
    for copy in range(len(own)):
        taken = FULL if finished[copy] else own[copy] | other[copy]
        for action in range(7):
            legal[copy, action] = not (taken >> (7 * action + 5)) & 1


@inlined
def choose(own: int, other: int, key: int, counter: int) -> int:
    """Return a random legal column, as `random_columns` of the game does; without branches, loops become vectors."""
    ranks = ((BOTTOM & ~((own | other) >> 5)) * BOTTOM) & COLUMNS
    rank = random_integer(key, counter, ranks >> 42)
    return count_bits(((rank * BOTTOM | SIGNS) - ranks) & SIGNS)


@kernel
def playout(
    player: ndarray, finished: ndarray, result: ndarray, last: ndarray, own: ndarray, other: ndarray,
    keys: ndarray, counters: ndarray, moves: ndarray,
) -> None:  # fmt: skip
    """Play each copy to its end by random moves; all arrays but the keys and counters are changed.

    A block of games advances at once, so that a loop over them can use vector instructions; a game that is over gives
    its place to the next one.
    """
    mine, theirs, count = zeros(BLOCK, int64), zeros(BLOCK, int64), zeros(BLOCK, int64)
    action, value, ended = zeros(BLOCK, int64), zeros(BLOCK, int64), ones(BLOCK, bool_)
    key, copy_of = zeros(BLOCK, int64), full(BLOCK, -1)
    following, playing = 0, -1
    while playing != 0:
        playing = 0
        for place in range(BLOCK):
            if ended[place]:
                copy = copy_of[place]
                if copy >= 0:
                    moves[copy] = count[place] - counters[copy]
                    side = (player[copy] + moves[copy]) & 1
                    own[copy], other[copy], player[copy], finished[copy] = mine[place], theirs[place], side, True
                    last[copy], result[copy] = action[place], value[place] * (2 * side - 1)
                while following < len(own) and finished[following]:
                    moves[following] = 0
                    following += 1
                if following < len(own):
                    mine[place], theirs[place], key[place] = own[following], other[following], keys[following]
                    count[place], copy_of[place] = counters[following], following
                    following += 1
                else:  # no game is left: an empty board that is played for nothing
                    mine[place], theirs[place], count[place], copy_of[place] = 0, 0, 0, -1
            playing += copy_of[place] >= 0
        for place in range(BLOCK):
            action[place] = choose(mine[place], theirs[place], key[place], count[place])
            mine[place], theirs[place], value[place], ended[place] = move(mine[place], theirs[place], action[place])
            count[place] += 1


step = kernel_from(bitboards.step, f"{__name__}.step", move=move)
random_actions = kernel_from(bitboards.random_actions, f"{__name__}.random_actions", choose=choose)
