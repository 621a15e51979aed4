"""MountainCar, both forms, as kernels: the operations of `worlds/mountain_car.py` in the same order."""

from __future__ import annotations

import numpy
from numpy import ndarray

from axone.play.compilation import inlined, kernel
from axone.play.random_kernels import uniform
from axone.play.trigonometry_kernels import sin_cos
from axone.play.worlds.kernels.episodes import COUNTER, KEY, begin_episode, copy_row, count_steps
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
def begin(integers: ndarray, values: ndarray, copy: int) -> None:
    """Write the first state of a copy."""
    values[POSITION, copy] = uniform(integers[KEY, copy], 0) * (START_HIGH - START_LOW) + START_LOW
    values[VELOCITY, copy] = 0.0
    integers[COUNTER, copy] = 1


@inlined
def begin_rounded(integers: ndarray, values: ndarray, copy: int) -> None:
    """Write the first state of a copy of the continuous form."""
    begin(integers, values, copy)
    values[POSITION, copy] = numpy.float32(values[POSITION, copy])


@inlined
def observe(values: ndarray, copy: int, observations: ndarray) -> None:
    """Write the observation of a copy."""
    observations[copy, 0] = values[POSITION, copy]
    observations[copy, 1] = values[VELOCITY, copy]


@inlined
def move(position: float, velocity: float, goal: float) -> tuple[float, float, bool]:
    """Return position and velocity after a step with a velocity, and whether the goal is reached."""
    velocity = min(max(velocity, -MAX_SPEED), MAX_SPEED)
    position = min(max(position + velocity, MIN_POSITION), MAX_POSITION)
    velocity = 0.0 if (position == MIN_POSITION) & (velocity < 0.0) else velocity
    return position, velocity, (position >= goal) & (velocity >= 0.0)


@inlined
def advance(values: ndarray, copy: int, action: int) -> bool:
    """Drive for one step; return whether the goal is reached."""
    slope = sin_cos(values[POSITION, copy] * 3.0)[1]
    push = float(action - 1) * FORCE
    velocity = values[VELOCITY, copy] + (push - slope * GRAVITY)
    position, velocity, reached = move(values[POSITION, copy], velocity, GOAL)
    values[POSITION, copy], values[VELOCITY, copy] = position, velocity
    return reached


@inlined
def advance_continuously(values: ndarray, copy: int, action: numpy.float32) -> bool:
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
            terminated[row, copy] = advance(values, copy, actions[step, copy])
            rewards[row, copy] = -1.0
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


@kernel
def play_continuously(
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
            action = actions[step, copy, 0]
            terminated[row, copy] = advance_continuously(values, copy, action)
            cost = numpy.float64(action) * numpy.float64(action) * ACTION_COST
            rewards[row, copy] = (GOAL_REWARD if terminated[row, copy] else 0.0) - cost
        count_steps(integers, max_steps, terminated[row], truncated[row])
        for copy in range(values.shape[1]):
            observe(values, copy, observations[row])
        copy_row(observations[row], final_observations[row])
        if begins_anew:
            for copy in range(values.shape[1]):
                if terminated[row, copy] | truncated[row, copy]:
                    begin_episode(integers, values, copy)
                    begin_rounded(integers, values, copy)
                    observe(values, copy, observations[row])
