"""Pendulum as kernels: the operations of `worlds/pendulum.py` in the same order."""

from __future__ import annotations

import numpy
from numpy import ndarray

from axone.play.compilation import inlined, kernel
from axone.play.random_kernels import uniform
from axone.play.trigonometry_kernels import sin_cos, wrap_angle
from axone.play.worlds.kernels.episodes import COUNTER, KEY, begin_episode, copy_row, count_steps
from axone.play.worlds.physics.pendulum import (
    GRAVITY_FACTOR,
    MAX_SPEED,
    MAX_TORQUE,
    SECONDS,
    SPEED_COST,
    START_ANGLE,
    START_SPEED,
    TORQUE_COST,
    TORQUE_FACTOR,
)

ANGLE, SPEED = range(2)


@inlined
def begin(integers: ndarray, values: ndarray, copy: int) -> None:
    """Write the first state of a copy."""
    key = integers[KEY, copy]
    values[ANGLE, copy] = uniform(key, 0) * (2 * START_ANGLE) - START_ANGLE
    values[SPEED, copy] = uniform(key, 1) * (2 * START_SPEED) - START_SPEED
    integers[COUNTER, copy] = 2


@inlined
def observe(values: ndarray, copy: int, observations: ndarray) -> None:
    """Write the observation of a copy."""
    sine, cosine = sin_cos(values[ANGLE, copy])
    observations[copy, 0] = cosine
    observations[copy, 1] = sine
    observations[copy, 2] = values[SPEED, copy]


@inlined
def advance(values: ndarray, copy: int, action: numpy.float32) -> float:
    """Turn the motor for one step; return the reward."""
    single = numpy.float32
    angle, speed = values[ANGLE, copy], values[SPEED, copy]
    torque = min(max(action, single(-MAX_TORQUE)), single(MAX_TORQUE))
    sine = sin_cos(angle)[0]
    wrapped = wrap_angle(angle)
    cost = wrapped * wrapped + speed * speed * SPEED_COST + numpy.float64(torque) * numpy.float64(torque) * TORQUE_COST
    push = numpy.float64(torque * single(TORQUE_FACTOR))
    speed = speed + (sine * GRAVITY_FACTOR + push) * SECONDS
    speed = min(max(speed, -MAX_SPEED), MAX_SPEED)
    values[ANGLE, copy] = angle + speed * SECONDS
    values[SPEED, copy] = speed
    return -cost


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
        for copy in range(values.shape[1]):
            rewards[row, copy] = advance(values, copy, actions[step, copy, 0])
            terminated[row, copy] = False
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
