"""Learning-rate schedules: each maps the progress of the training in [0, 1] to a factor in [0, 1].

A function of progress alone has no state to save, and reaches zero exactly where the training ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable

WARM_UP = 0.3  # fraction of the training in which the one-cycle rate rises
START = 0.04  # initial one-cycle rate as a fraction of the highest rate


def constant(progress: float) -> float:
    """Return 1: the rate does not change."""
    return 1.0


def cosine(progress: float) -> float:
    """Decrease from the highest rate to zero along half a cosine (Loshchilov & Hutter 2017, arXiv:1608.03983)."""
    return 0.5 * (1.0 + math.cos(math.pi * progress))


def linear(progress: float) -> float:
    """Decrease from the highest rate to zero along a line."""
    return 1.0 - progress


def one_cycle(progress: float) -> float:
    """Increase linearly, then decrease linearly to zero (Smith & Topin 2018, arXiv:1708.07120).

    The paper has a third, shorter phase below the initial rate; here the decrease goes all the way to zero.
    """
    if progress < WARM_UP:
        return START + (1.0 - START) * progress / WARM_UP
    return (1.0 - progress) / (1.0 - WARM_UP)


SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": constant,
    "cosine": cosine,
    "linear": linear,
    "one-cycle": one_cycle,
}


def factor(name: str, step: int, total: int) -> float:
    """Return the factor at a step, 0 <= step < total. That of the last step is above zero."""
    return SCHEDULES[name](min(step / total, 1.0))
