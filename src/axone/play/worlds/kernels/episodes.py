"""What the kernels of all worlds share: counting steps, and beginning the next episode."""

from __future__ import annotations

from axone.play.block import COUNTER, EPISODE, KEY, STEPS, STREAM
from axone.play.compilation import inlined
from axone.play.random_kernels import random_bits

__all__ = ["COUNTER", "KEY", "STEPS", "begin_episode", "count_steps"]


@inlined
def count_steps(integers, max_steps, terminated, truncated):  # type: ignore[no-untyped-def]
    """Count the step of each copy, and truncate the episodes that reach the time limit."""
    for copy in range(integers.shape[1]):
        integers[STEPS, copy] += 1
        truncated[copy] = (integers[STEPS, copy] >= max_steps) & (not terminated[copy])


@inlined
def begin_episode(integers, copy):  # type: ignore[no-untyped-def]
    """Number the next episode of a copy, and write its key."""
    integers[EPISODE, copy] += 1
    integers[KEY, copy] = random_bits(integers[STREAM, copy], integers[EPISODE, copy])
    integers[STEPS, copy] = 0
