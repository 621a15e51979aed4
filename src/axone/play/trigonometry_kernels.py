"""Sine and cosine of `trigonometry.py` for kernels: the same operations in the same order."""

from __future__ import annotations

from numpy import ndarray

from axone.play.compilation import inlined
from axone.play.trigonometry import (
    C0,
    C1,
    C2,
    C3,
    C4,
    C5,
    C6,
    C7,
    D0,
    D1,
    D2,
    D3,
    D4,
    INVERSE_PI,
    INVERSE_TURN,
    PI_LOWER,
    PI_UPPER,
    S0,
    S1,
    S2,
    S3,
    S4,
    SMALL_ANGLE,
    TURN,
)

ROUND = 6755399441055744.0  # 1.5 * 2**52: a smaller number that is added to it loses its digits after the point


@inlined
def round_to_even(value: float) -> float:
    """Return the nearest whole number, of two the even one, for magnitudes below 2**51."""
    return (value + ROUND) - ROUND


@inlined
def sine_of_rest(angle: float, multiple: float, shift: float) -> float:
    """Return (-1)^multiple times the sine of an angle from which multiple - shift half turns are subtracted."""
    half = multiple * 0.5
    lower = round_to_even(half)
    lower = lower - 1.0 if lower > half else lower
    sign = (half - lower) * -4.0 + 1.0
    multiple = multiple - shift
    rest = angle - multiple * PI_UPPER
    rest = rest - multiple * PI_LOWER
    square = rest * rest
    series = square * C7
    series = (series + C6) * square
    series = (series + C5) * square
    series = (series + C4) * square
    series = (series + C3) * square
    series = (series + C2) * square
    series = (series + C1) * square
    series = series + C0
    return (square * rest * series + rest) * sign


@inlined
def sin_cos(angle: float) -> tuple[float, float]:
    """Return sine and cosine of an angle in radians."""
    halves = angle * INVERSE_PI
    sine = sine_of_rest(angle, round_to_even(halves), 0.0)
    return sine, sine_of_rest(angle, round_to_even(halves + 0.5), 0.5)


@inlined
def sin_cos_of_small(angle: float) -> tuple[float, float]:
    """Return sine and cosine of an angle up to `SMALL_ANGLE`."""
    square = angle * angle
    series = square * S4
    series = (series + S3) * square
    series = (series + S2) * square
    series = (series + S1) * square
    series = series + S0
    sine = square * angle * series + angle
    series = square * D4
    series = (series + D3) * square
    series = (series + D2) * square
    series = (series + D1) * square
    series = (series + D0) * square
    series = (series + -0.5) * square
    return sine, series + 1.0


@inlined
def sin_cos_mostly_small(angle: float) -> tuple[float, float]:
    """Return sine and cosine as the tensor function of this name does."""
    if abs(angle) > SMALL_ANGLE:
        return sin_cos(angle)
    return sin_cos_of_small(angle)


@inlined
def are_small(angles: ndarray) -> bool:
    """Return whether no angle exceeds `SMALL_ANGLE`."""
    large = 0
    for copy in range(len(angles)):
        large += abs(angles[copy]) > SMALL_ANGLE
    return large == 0


@inlined
def wrap_angle(angle: float) -> float:
    """Return the same angle in radians between -pi and pi."""
    return angle - round_to_even(angle * INVERSE_TURN) * TURN
