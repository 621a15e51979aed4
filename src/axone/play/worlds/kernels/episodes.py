"""The kernel that plays the episodes of all copies, written once: a world gives the functions that are its own.

    play = kernel_from(
        episodes.play, f"{__name__}.play", START_NUMBERS=4, begin=begin, advance=advance, observe=observe
    )

Loops over all copies have no branches, so that they can use vector instructions. Few episodes end in a step: the
copies whose episode is over are listed first, and only they are looked at afterwards.
"""

from __future__ import annotations

from numpy import empty, float64, int64, ndarray

from axone.play.block import COUNTER, EPISODE, FINAL, KEY, STEPS, STREAM
from axone.play.compilation import VECTOR, inlined
from axone.play.random_kernels import random_bits, uniform

# What a world gives.

START_NUMBERS = 0  # the number of random numbers that a first state needs


def begin(numbers: ndarray, column: int, values: ndarray, copy: int) -> None:
    """Write the first state of a copy, made from the numbers of [0, 1) in a column, float64 [START_NUMBERS, ...]."""
    raise NotImplementedError


def advance(values: ndarray, actions: ndarray, rewards: ndarray, terminated: ndarray) -> None:
    """Play a step of each copy: change the state, and write the rewards and whether the rules end the episode."""
    raise NotImplementedError


def observe(values: ndarray, copy: int, observations: ndarray) -> None:
    """Write the observation of a copy into those of all copies, float32 [copies * numbers of an observation].

    They are flat, because numba does not know the length of rows, which vector instructions need.
    """
    raise NotImplementedError


# What all worlds share.


@inlined
def count_steps(integers: ndarray, max_steps: int, terminated: ndarray, truncated: ndarray) -> None:
    """Count the step of each copy, and truncate the episodes that reach the time limit."""
    for copy in range(integers.shape[1]):
        integers[STEPS, copy] += 1
        truncated[copy] = (integers[STEPS, copy] >= max_steps) & (not terminated[copy])


@inlined
def copy_numbers(source: ndarray, target: ndarray) -> None:
    """Copy a flat array; a loop is several times faster than an assignment of arrays."""
    for index in range(len(source)):
        target[index] = source[index]


@inlined
def find_ended(terminated: ndarray, truncated: ndarray, ended: ndarray) -> int:
    """List the copies whose episode is over; return their number."""
    count = 0
    for copy in range(len(terminated)):
        ended[count] = copy  # replaced by the next one unless it counts
        count += terminated[copy] | truncated[copy]
    return count


@inlined
def save_final_state(integers: ndarray, values: ndarray, copy: int) -> None:
    """Save the state with which the episode of a copy ended."""
    parts = values.shape[0] // 2
    for row in range(EPISODE):
        integers[FINAL + row, copy] = integers[row, copy]
    for row in range(parts):
        values[parts + row, copy] = values[row, copy]


def play(
    integers: ndarray,
    values: ndarray,
    actions: ndarray,
    max_steps: int,
    begins_anew: bool,
    first: int,
    observations: ndarray,
    rewards: ndarray,
    terminated: ndarray,
    truncated: ndarray,
    final_observations: ndarray,
) -> None:
    """Play a step of each copy for each row of actions: see `BlockWorld.play_kernel`."""
    copies = values.shape[1]
    ended, keys = empty(copies, int64), empty(copies + VECTOR, int64)
    numbers = empty((START_NUMBERS, copies + VECTOR), float64)
    for step in range(len(actions)):
        row = first + step
        advance(values, actions[step], rewards[row], terminated[row])
        count_steps(integers, max_steps, terminated[row], truncated[row])
        seen = observations[row].reshape(-1)
        for copy in range(copies):
            observe(values, copy, seen)
        copy_numbers(seen, final_observations[row].reshape(-1))
        if not begins_anew:
            continue
        count = find_ended(terminated[row], truncated[row], ended)
        if step == len(actions) - 1:
            for index in range(count):
                save_final_state(integers, values, ended[index])
        for index in range(count):
            copy = ended[index]
            integers[EPISODE, copy] += 1
            keys[index] = random_bits(integers[STREAM, copy], integers[EPISODE, copy])
        for number in range(START_NUMBERS):
            for index in range((count + VECTOR - 1) // VECTOR * VECTOR):
                numbers[number, index] = uniform(keys[index], number)
        for index in range(count):
            copy = ended[index]
            integers[KEY, copy] = keys[index]
            integers[COUNTER, copy] = START_NUMBERS
            integers[STEPS, copy] = 0
            begin(numbers, index, values, copy)
            observe(values, copy, seen)
