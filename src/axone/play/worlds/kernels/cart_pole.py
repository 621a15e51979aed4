"""CartPole as kernels: the operations of `worlds/cart_pole.py` in the same order."""

from __future__ import annotations

from numpy import ndarray

from axone.play.compilation import inlined, kernel
from axone.play.random_kernels import uniform
from axone.play.trigonometry_kernels import are_small, sin_cos_mostly_small, sin_cos_of_small
from axone.play.worlds.kernels.episodes import COUNTER, KEY, begin_episode, copy_row, count_steps
from axone.play.worlds.physics.cart_pole import (
    GRAVITY,
    INERTIA,
    INERTIA_OF_CART,
    MAX_ANGLE,
    MAX_POSITION,
    POLE_SHARE,
    PUSH,
    SECONDS,
    START,
)

POSITION, VELOCITY, ANGLE, ANGULAR_VELOCITY = range(4)


@inlined
def begin(integers: ndarray, values: ndarray, copy: int) -> None:
    """Write the first state of a copy."""
    for part in range(4):
        values[part, copy] = uniform(integers[KEY, copy], part) * (2 * START) - START
    integers[COUNTER, copy] = 4


@inlined
def observe(values: ndarray, copy: int, observations: ndarray) -> None:
    """Write the observation of a copy."""
    for part in range(4):
        observations[copy, part] = values[part, copy]


@inlined
def advance(values: ndarray, copy: int, action: int, sine: float, cosine: float) -> bool:
    """Push the cart of a copy for one step, with sine and cosine of the angle; return whether the episode is over."""
    angular_velocity = values[ANGULAR_VELOCITY, copy]
    push = action * (2 * PUSH) - PUSH
    common = angular_velocity * angular_velocity * sine * POLE_SHARE + push
    angular_acceleration = (sine * GRAVITY - cosine * common) / (INERTIA - cosine * cosine * INERTIA_OF_CART)
    acceleration = common - angular_acceleration * cosine * POLE_SHARE
    position = values[POSITION, copy] + values[VELOCITY, copy] * SECONDS
    angle = values[ANGLE, copy] + angular_velocity * SECONDS
    values[POSITION, copy] = position
    values[VELOCITY, copy] = values[VELOCITY, copy] + acceleration * SECONDS
    values[ANGLE, copy] = angle
    values[ANGULAR_VELOCITY, copy] = angular_velocity + angular_acceleration * SECONDS
    return (abs(position) > MAX_POSITION) | (abs(angle) > MAX_ANGLE)


@kernel
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
    for step in range(len(actions)):
        row = first + step
        if are_small(values[ANGLE]):  # a loop without branches, so that it can use vector instructions
            for copy in range(values.shape[1]):
                sine, cosine = sin_cos_of_small(values[ANGLE, copy])
                terminated[row, copy] = advance(values, copy, actions[step, copy], sine, cosine)
        else:
            for copy in range(values.shape[1]):
                sine, cosine = sin_cos_mostly_small(values[ANGLE, copy])
                terminated[row, copy] = advance(values, copy, actions[step, copy], sine, cosine)
        rewards[row] = 1.0
        count_steps(integers, max_steps, terminated[row], truncated[row])
        for copy in range(values.shape[1]):
            observe(values, copy, observations[row])
        copy_row(observations[row], final_observations[row])
        if begins_anew:
            for copy in range(values.shape[1]):
                if terminated[row, copy] | truncated[row, copy]:
                    begin_episode(integers, values, copy)
                    begin(integers, values, copy)
                    observe(values, copy, observations[row])
