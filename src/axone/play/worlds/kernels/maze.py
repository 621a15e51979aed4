"""The maze as a numba kernel; see `axone.play.worlds.maze` for the rules."""

from __future__ import annotations

from numpy import ndarray

from axone.play.compilation import kernel
from axone.play.random_kernels import uniform


@kernel
def step(
    slip: float,
    max_steps: int,
    key: ndarray,
    counter: ndarray,
    steps: ndarray,
    cell: ndarray,
    actions: ndarray,
    targets: ndarray,
    cell_rewards: ndarray,
    exits: ndarray,
    new_counter: ndarray,
    new_steps: ndarray,
    new_cell: ndarray,
    rewards: ndarray,
    terminated: ndarray,
    truncated: ndarray,
) -> None:
    """Move each agent by a cell; the arrays from `new_counter` on are written."""
    for copy in range(len(cell)):
        number = uniform(key[copy], counter[copy])
        turns = (1 if number < slip else 0) - (2 if number < slip / 2 else 0)
        target = targets[cell[copy], (actions[copy] + turns) % 4]
        new_counter[copy] = counter[copy] + 1
        new_steps[copy] = steps[copy] + 1
        new_cell[copy] = target
        rewards[copy] = cell_rewards[target]
        terminated[copy] = exits[target]
        truncated[copy] = not exits[target] and new_steps[copy] >= max_steps
