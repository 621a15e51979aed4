"""The perfect solver of Connect Four as numba kernels: alpha-beta search with a table of positions.

The ideas are those of Pascal Pons' tutorial (blog.gamesolver.org, "Solving Connect 4: how to build a perfect AI"): a
search with null windows inside a bisection, moves that do not lose at once, moves with more threats first, and a table
of bounds. A position is the stones of the player to move and those of the opponent.
"""

from __future__ import annotations

from numpy import ndarray

from axone.play.compilation import inlined, kernel
from axone.play.games.kernels.common import count_bits
from axone.play.games.kernels.connect_four import BOTTOM, FULL

CELLS = 42
ILLEGAL = -100  # the score of a full column
COLUMN = 63
ORDER = (3, 2, 4, 1, 5, 0, 6)  # from the middle, where most lines are
HASH = -0x61C8864680B583EB
VALUE_BITS = 8
VALUE_OFFSET = 64  # bounds from -21 to 21 are stored as positive numbers
LOWER = 128  # added to a bound from below
# The columns of the stack: a position, its window, its place in the table, and seven moves with their threats.
OWN, OTHER, LOW, HIGH, KEY, SLOT, NEXT, NUMBER, MOVES, THREATS = 0, 1, 2, 3, 4, 5, 6, 7, 8, 15
STACK_WIDTH = 22
VISITED = CELLS  # the row with the number of visited positions


@inlined
def cells_that_win(stones: int, other: int) -> int:
    """Return the empty cells, reachable or not, that complete four stones in a row."""
    cells = (stones << 1) & (stones << 2) & (stones << 3)
    for distance in (6, 7, 8):
        pairs = (stones << distance) & (stones << 2 * distance)
        cells |= pairs & ((stones << 3 * distance) | (stones >> distance))
        pairs = (stones >> distance) & (stones >> 2 * distance)
        cells |= pairs & ((stones << distance) | (stones >> 3 * distance))
    return cells & FULL & ~(stones | other)


@inlined
def moves_that_do_not_lose(own: int, other: int) -> int:
    """Return the moves after which the opponent does not win at once; 0: there is none."""
    moves = ((own | other) + BOTTOM) & FULL
    threats = cells_that_win(other, own)
    forced = moves & threats
    if forced:
        if forced & (forced - 1):
            return 0  # two cells cannot be filled by one stone
        moves = forced
    return moves & ~(threats >> 1)  # not below a cell where the opponent would win


@inlined
def slot_of(key: int, size: int) -> int:
    """Return the place of a position in the table, whose size is a power of two."""
    bits = key * HASH
    return (bits ^ (bits >> 32)) & (size - 1)


@inlined
def visit(own: int, other: int, count: int, low: int, high: int, table: ndarray, stack: ndarray) -> tuple[bool, int]:
    """Return whether the score of a position, or a bound that suffices, is known at once, and that score.

    Otherwise the position and its moves, those with most threats first, are put on the stack.
    """
    stack[VISITED, 0] += 1
    moves = moves_that_do_not_lose(own, other)
    if moves == 0:
        return True, -((CELLS - count) // 2)
    if count >= CELLS - 2:
        return True, 0
    low = max(low, -((CELLS - 2 - count) // 2))
    if low >= high:
        return True, low
    bound = (CELLS - 1 - count) // 2
    key = own + (own | other)
    slot = slot_of(key, len(table))
    entry = table[slot]
    if entry >> VALUE_BITS == key:
        value = (entry & (LOWER - 1)) - VALUE_OFFSET
        if entry & LOWER:
            low = max(low, value)
        else:
            bound = min(bound, value)
    if low >= high:
        return True, low
    if bound <= low:
        return True, bound
    frame = stack[count]
    frame[OWN], frame[OTHER], frame[LOW], frame[HIGH] = own, other, low, min(high, bound)
    frame[KEY], frame[SLOT], frame[NEXT] = key, slot, 0
    number = 0
    for column in ORDER:
        move = moves & (COLUMN << 7 * column)
        if move:
            threats = count_bits(cells_that_win(own | move, other))
            place = number
            while place > 0 and frame[THREATS + place - 1] < threats:
                frame[MOVES + place], frame[THREATS + place] = frame[MOVES + place - 1], frame[THREATS + place - 1]
                place -= 1
            frame[MOVES + place], frame[THREATS + place] = move, threats
            number += 1
    frame[NUMBER] = number
    return False, 0


@kernel
def search(own: int, other: int, first: int, low: int, high: int, table: ndarray, stack: ndarray) -> int:
    """Return the score of a position in which no move wins at once, or a bound of it outside of `low` to `high`.

    Positions on the way are on a stack of our own: numba cannot store compiled recursive functions (numba#6061).

    Args:
        own: The stones of the player to move.
        other: The opponent's stones.
        first: The number of stones.
        low: Of a score that is at most this, a bound from above that is at most this may be returned.
        high: Of a score that is at least this, a bound from below that is at least this may be returned.
        table: One integer for each slot: a position and a bound.
        stack: A row for each number of stones, and a last one for the number of visited positions.
    """
    count = first
    while True:
        is_decided, score = visit(own, other, count, low, high, table, stack)
        while is_decided:  # back to the last position with another move to try
            if count == first:
                return score
            count -= 1
            frame, score = stack[count], -score
            if score >= frame[HIGH]:
                table[frame[SLOT]] = (frame[KEY] << VALUE_BITS) | LOWER | (score + VALUE_OFFSET)
                continue
            frame[LOW] = max(frame[LOW], score)
            if frame[NEXT] < frame[NUMBER]:
                is_decided = False
            else:
                score = frame[LOW]
                table[frame[SLOT]] = (frame[KEY] << VALUE_BITS) | (score + VALUE_OFFSET)
        frame = stack[count]
        own, other = frame[OTHER], frame[OWN] | frame[MOVES + frame[NEXT]]
        low, high = -frame[HIGH], -frame[LOW]
        frame[NEXT] += 1
        count += 1


@kernel
def solve(own: int, other: int, table: ndarray, stack: ndarray) -> int:
    """Return the score of a position that is not over: positive if the player to move wins; see the solver's class."""
    count = count_bits(own | other)
    if cells_that_win(own, other) & ((own | other) + BOTTOM):
        return (CELLS + 1 - count) // 2
    low, high = -((CELLS - count) // 2), (CELLS - 1 - count) // 2
    while low < high:
        middle = low + (high - low) // 2
        if middle <= 0 and -(-low // 2) < middle:
            middle = -(-low // 2)  # scores near 0 are decided first: they need fewer positions
        elif middle >= 0 and high // 2 > middle:
            middle = high // 2
        score = search(own, other, count, middle, middle + 1, table, stack)
        if score <= middle:
            high = score
        else:
            low = score
    return low


@kernel
def solve_positions(
    finished: ndarray, own: ndarray, other: ndarray, table: ndarray, stack: ndarray, scores: ndarray
) -> None:
    """Write the score of each position; 0 for those that are over."""
    for copy in range(len(own)):
        scores[copy] = 0 if finished[copy] else solve(own[copy], other[copy], table, stack)


@kernel
def score_moves(
    finished: ndarray, own: ndarray, other: ndarray, table: ndarray, stack: ndarray, scores: ndarray
) -> None:
    """Write the score of each move for the player who makes it, int64 [copies, 7]."""
    for copy in range(len(own)):
        mine, theirs = own[copy], other[copy]
        count = count_bits(mine | theirs)
        moves = 0 if finished[copy] else ((mine | theirs) + BOTTOM) & FULL
        wins = cells_that_win(mine, theirs)
        for column in range(7):
            move = moves & (COLUMN << 7 * column)
            if move == 0:
                scores[copy, column] = ILLEGAL
            elif move & wins:
                scores[copy, column] = (CELLS + 1 - count) // 2
            elif count == CELLS - 1:
                scores[copy, column] = 0
            else:
                scores[copy, column] = -solve(theirs, mine | move, table, stack)
