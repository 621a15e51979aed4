"""The kernels of a game on bitboards, written once: a game gives its moves.

    step = kernel_from(bitboards.step, f"{__name__}.step", move=move)

The loops are serial: threads that wait for each other once per move cost more than they give.
"""

from __future__ import annotations

from numpy import ndarray

# What a game gives.


def move(own: int, other: int, action: int) -> tuple[int, int, int, bool]:
    """Return the position after a move: own and other stones of the next player, value, whether the game is over."""
    raise NotImplementedError


def choose(own: int, other: int, key: int, counter: int) -> int:
    """Return a random legal action of one copy."""
    raise NotImplementedError


# The kernels.


def step(
    player: ndarray, finished: ndarray, result: ndarray, last: ndarray, own: ndarray, other: ndarray,
    actions: ndarray, rewards: ndarray,
) -> None:  # fmt: skip
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


def playout(
    player: ndarray, finished: ndarray, result: ndarray, last: ndarray, own: ndarray, other: ndarray,
    keys: ndarray, counters: ndarray, moves: ndarray,
) -> None:  # fmt: skip
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


def random_actions(
    finished: ndarray, own: ndarray, other: ndarray, keys: ndarray, counters: ndarray, actions: ndarray
) -> None:
    """Write a random legal action of each copy; 0 where the game is over."""
    for copy in range(len(own)):
        actions[copy] = 0 if finished[copy] else choose(own[copy], other[copy], keys[copy], counters[copy])
