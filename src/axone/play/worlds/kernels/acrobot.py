"""Acrobot as kernels: the operations of `worlds/acrobot.py` in the same order."""

from __future__ import annotations

import numpy
from numpy import ndarray

from axone.play.compilation import inlined, kernel_from
from axone.play.trigonometry_kernels import sin_cos, wrap_angle
from axone.play.worlds.kernels import episodes
from axone.play.worlds.physics.acrobot import GOAL, GRAVITY, MAX_SPEED_1, MAX_SPEED_2, SECONDS, START

Values = tuple[float, float, float, float]

ANGLE_1, ANGLE_2, SPEED_1, SPEED_2 = range(4)


@inlined
def begin(numbers: ndarray, column: int, values: ndarray, copy: int) -> None:
    """Write the first state of a copy."""
    for part in range(4):
        values[part, copy] = numpy.float32(numbers[part, column] * (2 * START) - START)


@inlined
def observe(values: ndarray, copy: int, observations: ndarray) -> None:
    """Write the observation of a copy."""
    sine_1, cosine_1 = sin_cos(values[ANGLE_1, copy])
    sine_2, cosine_2 = sin_cos(values[ANGLE_2, copy])
    observations[6 * copy] = cosine_1
    observations[6 * copy + 1] = sine_1
    observations[6 * copy + 2] = cosine_2
    observations[6 * copy + 3] = sine_2
    observations[6 * copy + 4] = values[SPEED_1, copy]
    observations[6 * copy + 5] = values[SPEED_2, copy]


@inlined
def derivatives(angle_1: float, angle_2: float, speed_1: float, speed_2: float, torque: float) -> Values:
    """Return the derivative of each part by time."""
    sine_2, cosine_2 = sin_cos(angle_2)
    d1 = cosine_2 + 3.5
    d2 = cosine_2 * 0.5 + 1.25
    phi2 = sin_cos(angle_1 + angle_2)[0] * (0.5 * GRAVITY)
    phi1 = sin_cos(angle_1)[0] * (1.5 * GRAVITY) + phi2 - (speed_2 * 0.5 + speed_1) * speed_2 * sine_2
    ratio = d2 / d1
    acceleration_2 = (torque + ratio * phi1 - speed_1 * speed_1 * sine_2 * 0.5 - phi2) / (1.25 - d2 * ratio)
    acceleration_1 = (acceleration_2 * d2 + phi1) / d1 * -1.0
    return speed_1, speed_2, acceleration_1, acceleration_2


@inlined
def move(parts: Values, slopes: Values, seconds: float) -> Values:
    """Return each part after some time with a constant slope."""
    return (
        parts[0] + slopes[0] * seconds,
        parts[1] + slopes[1] * seconds,
        parts[2] + slopes[2] * seconds,
        parts[3] + slopes[3] * seconds,
    )


@inlined
def weighted_sum(first: float, second: float, third: float, fourth: float) -> float:
    """Return six times the mean slope of the Runge-Kutta method, for one part."""
    return first + second * 2.0 + third * 2.0 + fourth


@inlined
def turn(values: ndarray, copy: int, action: int) -> bool:
    """Turn the motor for one step; return whether the tip is high enough."""
    parts = (values[0, copy], values[1, copy], values[2, copy], values[3, copy])
    torque = float(action - 1)
    k1 = derivatives(parts[0], parts[1], parts[2], parts[3], torque)
    then = move(parts, k1, SECONDS / 2)
    k2 = derivatives(then[0], then[1], then[2], then[3], torque)
    then = move(parts, k2, SECONDS / 2)
    k3 = derivatives(then[0], then[1], then[2], then[3], torque)
    then = move(parts, k3, SECONDS)
    k4 = derivatives(then[0], then[1], then[2], then[3], torque)
    slopes = (
        weighted_sum(k1[0], k2[0], k3[0], k4[0]),
        weighted_sum(k1[1], k2[1], k3[1], k4[1]),
        weighted_sum(k1[2], k2[2], k3[2], k4[2]),
        weighted_sum(k1[3], k2[3], k3[3], k4[3]),
    )
    angle_1, angle_2, speed_1, speed_2 = move(parts, slopes, SECONDS / 6.0)
    angle_1, angle_2 = wrap_angle(angle_1), wrap_angle(angle_2)
    values[ANGLE_1, copy], values[ANGLE_2, copy] = angle_1, angle_2
    values[SPEED_1, copy] = min(max(speed_1, -MAX_SPEED_1), MAX_SPEED_1)
    values[SPEED_2, copy] = min(max(speed_2, -MAX_SPEED_2), MAX_SPEED_2)
    return -sin_cos(angle_1)[1] - sin_cos(angle_2 + angle_1)[1] > GOAL


@inlined
def advance(values: ndarray, actions: ndarray, rewards: ndarray, terminated: ndarray) -> None:
    """Turn each motor for one step."""
    for copy in range(len(actions)):
        terminated[copy] = turn(values, copy, actions[copy])
        rewards[copy] = 0.0 if terminated[copy] else -1.0


play = kernel_from(episodes.play, f"{__name__}.play", START_NUMBERS=4, begin=begin, advance=advance, observe=observe)
