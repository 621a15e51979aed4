"""What the kernels of all worlds share: counting steps, and beginning the next episode."""

from __future__ import annotations

from numpy import ndarray

from axone.play.block import COUNTER, EPISODE, FINAL, KEY, STEPS, STREAM
from axone.play.compilation import inlined
from axone.play.random_kernels import random_bits

__all__ = ["COUNTER", "KEY", "STEPS", "begin_episode", "copy_row", "count_steps"]


@inlined
def count_steps(integers: ndarray, max_steps: int, terminated: ndarray, truncated: ndarray) -> None:
    """Count the step of each copy, and truncate the episodes that reach the time limit."""
    for copy in range(integers.shape[1]):
        integers[STEPS, copy] += 1
        truncated[copy] = (integers[STEPS, copy] >= max_steps) & (not terminated[copy])


@inlined
def begin_episode(integers: ndarray, values: ndarray, copy: int) -> None:
    """Save the state with which a copy's episode ended, number the next one, and write its key."""
    for row in range(EPISODE):
        integers[FINAL + row, copy] = integers[row, copy]
    parts = values.shape[0] // 2
    for row in range(parts):
        values[parts + row, copy] = values[row, copy]
    integers[EPISODE, copy] += 1
    integers[KEY, copy] = random_bits(integers[STREAM, copy], integers[EPISODE, copy])
    integers[STEPS, copy] = 0


@inlined
def copy_row(source: ndarray, target: ndarray) -> None:
    """Copy an array; a loop over flat memory is several times faster than an assignment of arrays."""
    from_values, to_values = source.reshape(-1), target.reshape(-1)
    for index in range(len(from_values)):
        to_values[index] = from_values[index]
