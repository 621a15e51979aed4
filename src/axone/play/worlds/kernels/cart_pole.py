"""CartPole as kernels: the operations of `worlds/cart_pole.py` in the same order."""

from __future__ import annotations

from numpy import ndarray

from axone.play.compilation import inlined, kernel_from
from axone.play.trigonometry_kernels import are_small, sin_cos_mostly_small, sin_cos_of_small
from axone.play.worlds.kernels import episodes
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
def begin(numbers: ndarray, column: int, values: ndarray, copy: int) -> None:
    """Write the first state of a copy."""
    for part in range(4):
        values[part, copy] = numbers[part, column] * (2 * START) - START


@inlined
def observe(values: ndarray, copy: int, observations: ndarray) -> None:
    """Write the observation of a copy."""
    for part in range(4):
        observations[4 * copy + part] = values[part, copy]


@inlined
def push(values: ndarray, copy: int, action: int, sine: float, cosine: float) -> bool:
    """Push the cart of a copy for one step, with sine and cosine of the angle; return whether the episode is over."""
    angular_velocity = values[ANGULAR_VELOCITY, copy]
    force = action * (2 * PUSH) - PUSH
    common = angular_velocity * angular_velocity * sine * POLE_SHARE + force
    angular_acceleration = (sine * GRAVITY - cosine * common) / (INERTIA - cosine * cosine * INERTIA_OF_CART)
    acceleration = common - angular_acceleration * cosine * POLE_SHARE
    position = values[POSITION, copy] + values[VELOCITY, copy] * SECONDS
    angle = values[ANGLE, copy] + angular_velocity * SECONDS
    values[POSITION, copy] = position
    values[VELOCITY, copy] = values[VELOCITY, copy] + acceleration * SECONDS
    values[ANGLE, copy] = angle
    values[ANGULAR_VELOCITY, copy] = angular_velocity + angular_acceleration * SECONDS
    return (abs(position) > MAX_POSITION) | (abs(angle) > MAX_ANGLE)


@inlined
def advance(values: ndarray, actions: ndarray, rewards: ndarray, terminated: ndarray) -> None:
    """Push each cart for one step."""
    if are_small(values[ANGLE]):  # a loop without branches, so that it can use vector instructions
        for copy in range(len(actions)):
            sine, cosine = sin_cos_of_small(values[ANGLE, copy])
            terminated[copy] = push(values, copy, actions[copy], sine, cosine)
    else:
        for copy in range(len(actions)):
            sine, cosine = sin_cos_mostly_small(values[ANGLE, copy])
            terminated[copy] = push(values, copy, actions[copy], sine, cosine)
    for copy in range(len(actions)):
        rewards[copy] = 1.0


play = kernel_from(episodes.play, f"{__name__}.play", START_NUMBERS=4, begin=begin, advance=advance, observe=observe)
