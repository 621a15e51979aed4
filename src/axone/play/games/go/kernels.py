"""The rules of Go as loops over the copies, compiled by numba: the same results as the tensor operations, to the bit.

Arrays are views of the tensors of a state, which the functions change in place.
"""

from __future__ import annotations

import numpy as np

from axone.play.compilation import inlined, kernel
from axone.play.games.go.arrays import Array, Games, Rules, Space
from axone.play.games.go.tables import (
    BLACK,
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


@inlined
def play_move(games: Games, rules: Rules, game: int, action: int, removed: Array) -> None:
    """Play a move or a pass in a game that is not finished; `removed` is space for the points of captured stones."""
    size, width = rules.size, rules.size + 2
    color = 1 - 2 * games.player[game]
    is_stone = action < size * size
    is_repeated = False
    games.ko[game] = -1
    if is_stone:
        point = point_of(action, size)
        change, forbidden = place_stone(
            games.board[game], games.chains[game], games.liberties[game], rules.liberty, rules.zobrist, removed,
            width, point, color,
        )  # fmt: skip
        if forbidden != 0:
            games.ko[game] = cell_of(forbidden, size)
        games.hash[game] += change
        position = games.hash[game]
        if rules.is_strict:
            games.filter[game, (position >> 6) & (games.filter.shape[1] - 1)] |= np.int64(1) << (position & 63)
        else:
            for earlier in games.history[game, : games.moves[game] + 1]:
                is_repeated |= earlier == position
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
            games.result[game] = np.sign(count_area(games.board[game], width) - rules.komi)


@inlined
def hash_after(games: Games, rules: Rules, game: int, point: int, color: int, in_atari: Array) -> int:
    """Return the hash of the position after a legal stone, without the chains that it captures."""
    chains, width = games.chains[game], rules.size + 2
    position = games.hash[game] + rules.zobrist[0 if color == BLACK else 1, point]
    seen = (0, 0, 0, 0)
    for offset in (-width, -1, 1, width):
        number = int(chains[point + offset])
        is_other = games.board[game, point + offset] == -color
        if is_other and number not in seen and in_atari[number]:
            seen = (number, seen[0], seen[1], seen[2])
            for other in range(len(chains)):
                if chains[other] == number:
                    position -= rules.zobrist[1 if color == BLACK else 0, other]
    return position


@inlined
def is_repetition(games: Games, game: int, position: int) -> bool:
    """Return whether a game has had the position with a hash; the filter answers most questions."""
    word = games.filter[game, (position >> 6) & (games.filter.shape[1] - 1)]
    is_repeated = False
    if (word >> (position & 63)) & 1 == 1:
        for earlier in games.history[game, : games.moves[game] + 1]:
            is_repeated |= earlier == position
    return is_repeated


@inlined
def make_space(points: int) -> Space:
    """Return space for the work on one game, on a padded board with a number of points."""
    bytes_of_words = (points + 7) // 8 * 8
    return Space(
        np.zeros(points, np.int64),
        np.zeros(points, np.uint8),
        np.zeros(bytes_of_words, np.uint8),
        np.zeros(points, np.int16),
    )


@inlined
def find_legal_points(games: Games, rules: Rules, game: int, space: Space) -> None:
    """Write into `space.legal` where the player to move may place a stone.

    The loops run over all points without branches, so that the compiler can use vector instructions.
    """
    width, points = rules.size + 2, games.board.shape[1]
    board, chains, liberties = games.board[game], games.chains[game], games.liberties[game]
    in_atari, helps, legal = space.in_atari, space.helps, space.legal
    color = np.int8(1 - 2 * games.player[game])
    for point in range(points):
        in_atari[point] = is_atari(liberties[point])
    # Whether a point gives a liberty to a stone next to it: empty, or an own chain that has another one, or a captured
    # chain. A chain in atari is the opposite of the other chains of its color.
    for point in range(points):
        helps[point] = (board[point] == EMPTY) | (board[point] == color)
    for chain in range(points):
        if in_atari[chain]:
            number = np.int16(chain)
            for point in range(points):
                helps[point] ^= chains[point] == number
    above, left = helps[: points - 2 * width], helps[width - 1 : points - width - 1]
    below, right = helps[2 * width :], helps[width + 1 : points - width + 1]
    inner_board, inner_legal = board[width : points - width], legal[width : points - width]
    for point in range(len(inner_board)):
        near_help = above[point] | left[point] | right[point] | below[point]
        inner_legal[point] = near_help & (inner_board[point] == EMPTY)
    if games.ko[game] >= 0:
        legal[point_of(games.ko[game], rules.size)] = 0
    if rules.is_strict:
        for point in range(width, points - width):
            if legal[point]:
                legal[point] = not is_repetition(games, game, hash_after(games, rules, game, point, color, in_atari))


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
def play_moves(games: Games, rules: Rules, actions: Array, rewards: Array) -> None:
    """Play a move in each game that is not finished; write the rewards of those that end by it."""
    removed = np.empty(games.board.shape[1], np.int16)
    for game in range(len(actions)):
        if not games.finished[game]:
            color = 1 - 2 * games.player[game]
            play_move(games, rules, game, actions[game], removed)
            if games.finished[game] and games.result[game] != 0:
                rewards[game] = games.result[game] * color


@kernel
def find_legal(games: Games, rules: Rules, legal: Array) -> None:
    """Write into `legal` [games, size * size + 1] which moves are allowed; none in a finished game."""
    size, space = rules.size, make_space(games.board.shape[1])
    for game in range(len(legal)):
        if games.finished[game]:
            legal[game] = False
        else:
            find_legal_points(games, rules, game, space)
            for row in range(size):
                start = (row + 1) * (size + 2) + 1
                for column in range(size):
                    legal[game, row * size + column] = space.legal[start + column] != 0
            legal[game, size * size] = True


@kernel
def choose_actions(games: Games, rules: Rules, keys: Array, counters: Array, actions: Array) -> None:
    """Write a random legal move of each game that is not finished into `actions`."""
    space = make_space(games.board.shape[1])
    for game in range(len(keys)):
        if not games.finished[game]:
            find_legal_points(games, rules, game, space)
            actions[game] = choose_legal(space.legal, rules.size, keys[game], counters[game])


@kernel
def play_out(games: Games, rules: Rules, keys: Array, counters: Array, moves: Array) -> None:
    """Play each game to its end with random moves; add their number to `moves`."""
    space = make_space(games.board.shape[1])
    for game in range(len(keys)):
        while not games.finished[game]:
            find_legal_points(games, rules, game, space)
            action = choose_legal(space.legal, rules.size, keys[game], counters[game] + moves[game])
            play_move(games, rules, game, action, space.removed)
            moves[game] += 1
