"""How the learning rate moves: each schedule is a factor in [0, 1] of the progress in [0, 1].

A function of progress alone has no state to save, and reaches zero exactly where training ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable

WARM_UP = 0.3  # share of the run that one-cycle spends rising
START = 0.04  # where one-cycle starts, as a share of the highest rate


def constant(progress: float) -> float:
    """Return the same rate all along."""
    return 1.0


def cosine(progress: float) -> float:
    """Fall from the highest rate to zero along half a cosine (Loshchilov & Hutter 2017, arXiv:1608.03983)."""
    return 0.5 * (1.0 + math.cos(math.pi * progress))


def one_cycle(progress: float) -> float:
    """Rise, then fall to zero, both in a straight line (Smith & Topin 2018, arXiv:1708.07120).

    The paper adds a third, shorter stage below the starting rate; here the one fall goes all the way to zero.
    """
    if progress < WARM_UP:
        return START + (1.0 - START) * progress / WARM_UP
    return (1.0 - progress) / (1.0 - WARM_UP)


SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": constant,
    "cosine": cosine,
    "one-cycle": one_cycle,
}


def factor(name: str, step: int, total: int) -> float:
    """Return the factor for an update: 0 <= step < total. The last update still moves the weights."""
    return SCHEDULES[name](min(step / total, 1.0))
