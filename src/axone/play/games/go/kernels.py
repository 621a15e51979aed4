"""The rules of Go as loops over the copies, compiled by numba: the same results as the tensor operations, to the bit.

Arrays are views of the tensors of a state, which the functions change in place.
"""

from __future__ import annotations

import numpy as np

from axone.play.compilation import inlined, kernel
from axone.play.games.go.arrays import Array, Games, Rules, Space
from axone.play.games.go.tables import (
    BLACK,
    BLOCK,
    BORDER,
    COUNT_MASK,
    COUNT_PLACE,
    EMPTY,
    SQUARES_MASK,
    SUM_MASK,
    SUM_PLACE,
    WHITE,
)
from axone.play.random_kernels import random_integer

EACH_BYTE = 0x0101010101010101


@inlined
def is_atari(liberties: int) -> bool:
    """Return whether the liberties of a chain are one point."""
    count = (liberties >> COUNT_PLACE) & COUNT_MASK  # masked: products of 32 bits are faster
    total = (liberties >> SUM_PLACE) & SUM_MASK
    return count > 0 and total * total == (liberties & SQUARES_MASK) * count


@inlined
def point_of(cell: int, size: int) -> int:
    """Return the point of the padded board of a cell."""
    return (cell // size + 1) * (size + 2) + cell % size + 1


@inlined
def cell_of(point: int, size: int) -> int:
    """Return the cell of a point of the padded board."""
    return (point // (size + 2) - 1) * size + point % (size + 2) - 1


@inlined
def place_stone(
    board: Array,
    chains: Array,
    liberties: Array,
    liberty: Array,
    zobrist: Array,
    removed: Array,
    width: int,
    point: int,
    color: int,
) -> tuple[int, int]:
    """Place a stone; return the change of the hash and the point that ko forbids, 0 where there is none.

    `removed` is space for the points of captured stones.
    """
    offsets = (-width, -1, 1, width)
    joined = np.int16(point)
    total = 0
    is_surrounded = True
    for offset in offsets:
        stone = board[point + offset]
        if stone == EMPTY:
            total += liberty[point + offset]
            is_surrounded = False
        elif stone != BORDER:
            number = chains[point + offset]
            liberties[number] -= liberty[point]
            if stone == color:
                is_surrounded = False
                joined = number if number < joined else joined
    board[point] = color
    chains[point] = joined
    for offset in offsets:
        number = chains[point + offset]
        if board[point + offset] == color:
            total += liberties[number]
            liberties[number] = 0
            if number != joined:
                for other in range(len(chains)):
                    chains[other] = joined if chains[other] == number else chains[other]
    liberties[joined] = total

    change = zobrist[0 if color == BLACK else 1, point]
    count = 0
    for offset in offsets:
        number = chains[point + offset]
        if board[point + offset] == -color and liberties[number] == 0:
            first = count
            for other in range(len(chains)):
                if chains[other] == number:
                    removed[count] = other
                    count += 1
            for index in range(first, count):
                other = removed[index]
                board[other] = EMPTY
                chains[other] = 0
                change -= zobrist[1 if color == BLACK else 0, other]
            for index in range(first, count):
                for near in offsets:
                    if chains[removed[index] + near] != 0:
                        liberties[chains[removed[index] + near]] += liberty[removed[index]]
    return change, removed[0] if count == 1 and is_surrounded else 0


@kernel
def reached_by(board: Array, reached: Array, stack: Array, width: int, color: int) -> int:
    """Count the stones of a color and the empty points that are connected to them; `reached` gets a 1 for each."""
    count = 0
    reached[:] = 0
    for point in range(len(board)):
        if board[point] == color:
            stack[count] = point
            reached[point] = 1
            count += 1
    index = 0
    while index < count:  # the stack is a queue that is never emptied: each point is in it once
        for offset in (-width, -1, 1, width):
            point = stack[index] + offset
            if board[point] == EMPTY and reached[point] == 0:
                stack[count] = point
                reached[point] = 1
                count += 1
        index += 1
    return count


@kernel
def count_area(board: Array, width: int) -> int:
    """Return the points of black less those of white; empty points that both reach count for both, which cancels."""
    reached = np.zeros(len(board), np.int8)
    stack = np.empty(len(board), np.int16)
    return reached_by(board, reached, stack, width, BLACK) - reached_by(board, reached, stack, width, WHITE)


@kernel
def forbid_repetitions(
    board: Array,
    chains: Array,
    zobrist: Array,
    color: int,
    position: int,
    history: Array,
    filters: Array,
    width: int,
    in_atari: Array,
    legal: Array,
) -> None:
    """Remove from `legal` the points where a stone would repeat a position of the history."""
    own, other = (0, 1) if color == BLACK else (1, 0)
    for point in range(len(board)):
        if legal[point]:
            after = position + zobrist[own, point]
            seen = (0, 0, 0, 0)
            for offset in (-width, -1, 1, width):
                number = int(chains[point + offset])
                if board[point + offset] == -color and number not in seen and in_atari[number]:
                    seen = (number, seen[0], seen[1], seen[2])
                    for stone in range(len(board)):
                        if chains[stone] == number:
                            after -= zobrist[other, stone]
            word = filters[(after >> 6) & (len(filters) - 1)]
            if (word >> (after & 63)) & 1 == 1:  # else it is certain that there was no such position
                for earlier in history:
                    if earlier == after:
                        legal[point] = 0


@inlined
def make_space(points: int, width: int) -> Space:
    """Return space for the work on one game, on a padded board with a number of points."""
    helps = np.zeros(points + BLOCK, np.uint8)
    return Space(
        np.zeros(points, np.int64),
        helps[width : width + points],
        helps[:points],
        helps[width - 1 : width - 1 + points],
        helps[width + 1 : width + 1 + points],
        helps[2 * width : 2 * width + points],
        np.zeros(points, np.uint8),
        np.zeros(points, np.int16),
    )


@inlined
def find_legal_points(board: Array, chains: Array, liberties: Array, color: np.int8, space: Space) -> None:
    """Write into `space.legal` where a color may place a stone, ko and superko aside.

    The loops run over all points without branches, so that the compiler can use vector instructions.
    """
    in_atari, helps, legal = space.in_atari, space.helps, space.legal
    above, left, right, below = space.above, space.left, space.right, space.below
    for point in range(len(board)):
        in_atari[point] = is_atari(liberties[point])
    # Whether a point gives a liberty to a stone next to it: empty, or an own chain that has another one, or a captured
    # chain. A chain in atari is the opposite of the other chains of its color.
    for point in range(len(board)):
        helps[point] = (board[point] == EMPTY) | (board[point] == color)
    for chain in range(len(board)):
        if in_atari[chain]:
            number = np.int16(chain)
            for point in range(len(board)):
                helps[point] ^= chains[point] == number
    for point in range(len(board)):
        legal[point] = (above[point] | left[point] | right[point] | below[point]) & (board[point] == EMPTY)


@inlined
def choose_legal(legal: Array, size: int, key: int, counter: int) -> int:
    """Return one of the legal moves, all of which are equally likely; the pass is legal and is the last one.

    Eight points are counted at once: the highest byte of the product is the sum of the bytes.
    """
    words = legal.view(np.int64)
    count = 1
    for word in words:
        count += (word * EACH_BYTE) >> 56
    rank = random_integer(key, counter, count)
    if rank == count - 1:
        return size * size
    index = 0
    while rank >= (words[index] * EACH_BYTE) >> 56:
        rank -= (words[index] * EACH_BYTE) >> 56
        index += 1
    point = 8 * index
    while rank > 0 or legal[point] == 0:
        rank -= legal[point]
        point += 1
    return cell_of(point, size)


@kernel
def play(
    games: Games,
    rules: Rules,
    is_whole: bool,
    actions: Array,
    keys: Array,
    counters: Array,
    moves: Array,
    rewards: Array,
) -> None:
    """Play a move in each game that is not finished, or random moves to its end.

    It is one function because each array that is passed to another one costs as much as a few points of the board.

    Args:
        games: The state, which is changed.
        rules: Settings and tables.
        is_whole: Whether to play to the end.
        actions: The move of each game; not read for whole games.
        keys: The key of each game's random numbers; read for whole games only.
        counters: The first counter of each game's random numbers; read for whole games only.
        moves: To these numbers, the moves of each game are added.
        rewards: The reward of the move that ends a game is written here.
    """
    size, width = rules.size, rules.size + 2
    space = make_space(games.board.shape[1], width)
    for game in range(len(moves)):
        board, chains, liberties = games.board[game], games.chains[game], games.liberties[game]
        while not games.finished[game]:
            color = 1 - 2 * games.player[game]
            if is_whole:
                find_legal_points(board, chains, liberties, np.int8(color), space)
                if games.ko[game] >= 0:
                    space.legal[point_of(games.ko[game], size)] = 0
                if rules.is_strict:
                    history = games.history[game, : games.moves[game] + 1]
                    forbid_repetitions(
                        board, chains, rules.zobrist, color, games.hash[game], history, games.filter[game], width,
                        space.in_atari, space.legal,
                    )  # fmt: skip
                action = choose_legal(space.legal, size, keys[game], counters[game] + moves[game])
            else:
                action = actions[game]
            is_stone = action < size * size
            is_repeated = False
            games.ko[game] = -1
            if is_stone:
                point = point_of(action, size)
                change, forbidden = place_stone(
                    board, chains, liberties, rules.liberty, rules.zobrist, space.removed, width, point, color
                )
                if forbidden != 0:
                    games.ko[game] = cell_of(forbidden, size)
                games.hash[game] += change
                position = games.hash[game]
                if rules.is_strict:
                    word = (position >> 6) & (games.filter.shape[1] - 1)
                    games.filter[game, word] |= np.int64(1) << (position & 63)
                else:
                    for earlier in games.history[game, : games.moves[game] + 1]:
                        is_repeated |= earlier == position
            moves[game] += 1
            games.moves[game] += 1
            games.history[game, games.moves[game]] = games.hash[game]
            is_second_pass = not is_stone and games.last[game] == size * size
            games.last[game] = action
            games.player[game] = 1 - games.player[game]
            if is_repeated or is_second_pass or games.moves[game] >= rules.max_moves:
                games.finished[game] = True
                if is_repeated:
                    games.result[game] = -color if rules.loses else 0
                else:
                    games.result[game] = np.sign(count_area(board, width) - rules.komi)
                if games.result[game] != 0:
                    rewards[game] = games.result[game] * color
            if not is_whole:
                break


@kernel
def find_legal(
    games: Games, rules: Rules, is_choice: bool, keys: Array, counters: Array, legal: Array, actions: Array
) -> None:
    """Find the legal moves of each game that is not finished; write them, or a random one of them.

    Args:
        games: The state.
        rules: Settings and tables.
        is_choice: Whether to write a random legal move.
        keys: The key of each game's random numbers; read for a choice only.
        counters: The counter of each game's random number; read for a choice only.
        legal: bool [games, size * size + 1], all False; not written for a choice.
        actions: int64 [games], all 0; written for a choice only.
    """
    size, width = rules.size, rules.size + 2
    space = make_space(games.board.shape[1], width)
    for game in range(len(games.finished)):
        if games.finished[game]:
            continue
        board, chains, liberties = games.board[game], games.chains[game], games.liberties[game]
        color = 1 - 2 * games.player[game]
        find_legal_points(board, chains, liberties, np.int8(color), space)
        if games.ko[game] >= 0:
            space.legal[point_of(games.ko[game], size)] = 0
        if rules.is_strict:
            history = games.history[game, : games.moves[game] + 1]
            forbid_repetitions(
                board, chains, rules.zobrist, color, games.hash[game], history, games.filter[game], width,
                space.in_atari, space.legal,
            )  # fmt: skip
        if is_choice:
            actions[game] = choose_legal(space.legal, size, keys[game], counters[game])
        else:
            for row in range(size):
                start = (row + 1) * width + 1
                for column in range(size):
                    legal[game, row * size + column] = space.legal[start + column] != 0
            legal[game, size * size] = True
