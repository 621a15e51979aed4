"""MountainCar, both forms, as kernels: the operations of `worlds/mountain_car.py` in the same order."""

from __future__ import annotations

import numpy
from numpy import ndarray

from axone.play.compilation import inlined, kernel_from
from axone.play.trigonometry_kernels import sin_cos
from axone.play.worlds.kernels import episodes
from axone.play.worlds.physics.mountain_car import (
    ACTION_COST,
    CONTINUOUS_GOAL,
    FORCE,
    GOAL,
    GOAL_REWARD,
    GRAVITY,
    MAX_POSITION,
    MAX_SPEED,
    MIN_POSITION,
    POWER,
    START_HIGH,
    START_LOW,
)

POSITION, VELOCITY = range(2)


@inlined
def begin(numbers: ndarray, column: int, values: ndarray, copy: int) -> None:
    """Write the first state of a copy."""
    values[POSITION, copy] = numbers[0, column] * (START_HIGH - START_LOW) + START_LOW
    values[VELOCITY, copy] = 0.0


@inlined
def begin_rounded(numbers: ndarray, column: int, values: ndarray, copy: int) -> None:
    """Write the first state of a copy of the continuous form."""
    begin(numbers, column, values, copy)
    values[POSITION, copy] = numpy.float32(values[POSITION, copy])


@inlined
def observe(values: ndarray, copy: int, observations: ndarray) -> None:
    """Write the observation of a copy."""
    observations[2 * copy] = values[POSITION, copy]
    observations[2 * copy + 1] = values[VELOCITY, copy]


@inlined
def move(position: float, velocity: float, goal: float) -> tuple[float, float, bool]:
    """Return position and velocity after a step with a velocity, and whether the goal is reached."""
    velocity = min(max(velocity, -MAX_SPEED), MAX_SPEED)
    position = min(max(position + velocity, MIN_POSITION), MAX_POSITION)
    velocity = 0.0 if (position == MIN_POSITION) & (velocity < 0.0) else velocity
    return position, velocity, (position >= goal) & (velocity >= 0.0)


@inlined
def drive(values: ndarray, copy: int, action: int) -> bool:
    """Drive for one step; return whether the goal is reached."""
    slope = sin_cos(values[POSITION, copy] * 3.0)[1]
    push = float(action - 1) * FORCE
    velocity = values[VELOCITY, copy] + (push - slope * GRAVITY)
    position, velocity, reached = move(values[POSITION, copy], velocity, GOAL)
    values[POSITION, copy], values[VELOCITY, copy] = position, velocity
    return reached


@inlined
def drive_continuously(values: ndarray, copy: int, action: numpy.float32) -> bool:
    """Drive for one step; return whether the goal is reached."""
    single = numpy.float32
    slope = sin_cos(numpy.float64(single(values[POSITION, copy]) * single(3.0)))[1] * GRAVITY
    force = min(max(action, single(-1.0)), single(1.0))
    push = single(force * single(POWER)) - single(slope)
    if force != action:
        push = single(numpy.float64(force) * POWER - slope)
    pushed = numpy.float64(single(values[VELOCITY, copy]) + push)
    position, velocity, reached = move(values[POSITION, copy], pushed, CONTINUOUS_GOAL)
    values[POSITION, copy], values[VELOCITY, copy] = single(position), single(velocity)
    return reached


@inlined
def advance(values: ndarray, actions: ndarray, rewards: ndarray, terminated: ndarray) -> None:
    """Drive each car for one step."""
    for copy in range(len(actions)):
        terminated[copy] = drive(values, copy, actions[copy])
        rewards[copy] = -1.0


@inlined
def advance_continuously(values: ndarray, actions: ndarray, rewards: ndarray, terminated: ndarray) -> None:
    """Drive each car of the continuous form for one step."""
    for copy in range(len(actions)):
        action = actions[copy, 0]
        terminated[copy] = drive_continuously(values, copy, action)
        cost = numpy.float64(action) * numpy.float64(action) * ACTION_COST
        rewards[copy] = (GOAL_REWARD if terminated[copy] else 0.0) - cost


play = kernel_from(episodes.play, f"{__name__}.play", START_NUMBERS=1, begin=begin, advance=advance, observe=observe)
play_continuously = kernel_from(
    episodes.play,
    f"{__name__}.play_continuously",
    START_NUMBERS=1,
    begin=begin_rounded,
    advance=advance_continuously,
    observe=observe,
)
