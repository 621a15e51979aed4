"""Breakout as numba kernels; see `axone.play.worlds.breakout` for the rules."""

from __future__ import annotations

from numpy import ndarray

from axone.play.compilation import kernel
from axone.play.random_kernels import uniform
from axone.play.worlds.breakout_layout import ALL_BLOCKS, FIRST_ROW, ROWS, SIZE

LAST = SIZE - 1


@kernel
def step(
    sticky: float,
    max_steps: int,
    key: ndarray,
    counter: ndarray,
    steps: ndarray,
    ball_x: ndarray,
    ball_y: ndarray,
    last_x: ndarray,
    last_y: ndarray,
    move_x: ndarray,
    move_y: ndarray,
    paddle: ndarray,
    struck: ndarray,
    blocks: ndarray,
    last_action: ndarray,
    actions: ndarray,
    rewards: ndarray,
    terminated: ndarray,
    truncated: ndarray,
) -> None:
    """Play one step in each copy; all arrays but the keys and actions are written."""
    for copy in range(len(key)):
        action = actions[copy]
        if sticky > 0:
            if uniform(key[copy], counter[copy]) < sticky:
                action = last_action[copy]
            counter[copy] += 1
        steps[copy] += 1
        column = min(max(paddle[copy] + (action == 2) - (action == 1), 0), LAST)
        before_x, before_y = ball_x[copy], ball_y[copy]
        x, y = before_x + move_x[copy], before_y + move_y[copy]
        if x < 0 or x > LAST:
            x = min(max(x, 0), LAST)
            move_x[copy] = -move_x[copy]

        bit = 1 << ((y - FIRST_ROW) * SIZE + x) if FIRST_ROW <= y < FIRST_ROW + ROWS else 0
        on_block = blocks[copy] & bit != 0
        breaks = on_block and not struck[copy]
        if breaks:
            blocks[copy] &= ~bit
        if y == LAST and blocks[copy] == 0:
            blocks[copy] = ALL_BLOCKS
        reflected = y == LAST and before_x == column
        returned = y == LAST and not reflected and x == column
        ended = y == LAST and not reflected and not returned
        if returned:
            move_x[copy] = -move_x[copy]
        if y < 0 or breaks or reflected or returned:
            move_y[copy] = -move_y[copy]
        if breaks or reflected or returned:
            y = before_y
        ball_x[copy], ball_y[copy] = x, max(y, 0)
        last_x[copy], last_y[copy] = before_x, before_y
        paddle[copy], struck[copy], last_action[copy] = column, on_block, action
        rewards[copy] = breaks
        terminated[copy] = ended
        truncated[copy] = not ended and steps[copy] >= max_steps


@kernel
def observe(
    ball_x: ndarray,
    ball_y: ndarray,
    last_x: ndarray,
    last_y: ndarray,
    paddle: ndarray,
    blocks: ndarray,
    planes: ndarray,
) -> None:
    """Write the planes, float32 [copies, 4, rows, columns], which are 0 before."""
    for copy in range(len(paddle)):
        planes[copy, 0, LAST, paddle[copy]] = 1
        planes[copy, 1, ball_y[copy], ball_x[copy]] = 1
        planes[copy, 2, last_y[copy], last_x[copy]] = 1
        for row in range(ROWS):
            for column in range(SIZE):
                planes[copy, 3, FIRST_ROW + row, column] = (blocks[copy] >> (row * SIZE + column)) & 1
