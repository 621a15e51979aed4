"""Pendulum as kernels: the operations of `worlds/pendulum.py` in the same order."""

from __future__ import annotations

import numpy
from numpy import ndarray

from axone.play.compilation import inlined, kernel_from
from axone.play.trigonometry_kernels import sin_cos, wrap_angle
from axone.play.worlds.kernels import episodes
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
def begin(numbers: ndarray, column: int, values: ndarray, copy: int) -> None:
    """Write the first state of a copy."""
    values[ANGLE, copy] = numbers[0, column] * (2 * START_ANGLE) - START_ANGLE
    values[SPEED, copy] = numbers[1, column] * (2 * START_SPEED) - START_SPEED


@inlined
def observe(values: ndarray, copy: int, observations: ndarray) -> None:
    """Write the observation of a copy."""
    sine, cosine = sin_cos(values[ANGLE, copy])
    observations[3 * copy] = cosine
    observations[3 * copy + 1] = sine
    observations[3 * copy + 2] = values[SPEED, copy]


@inlined
def turn(values: ndarray, copy: int, action: numpy.float32) -> float:
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


@inlined
def advance(values: ndarray, actions: ndarray, rewards: ndarray, terminated: ndarray) -> None:
    """Turn each motor for one step."""
    for copy in range(len(actions)):
        rewards[copy] = turn(values, copy, actions[copy, 0])
        terminated[copy] = False


play = kernel_from(episodes.play, f"{__name__}.play", START_NUMBERS=2, begin=begin, advance=advance, observe=observe)
