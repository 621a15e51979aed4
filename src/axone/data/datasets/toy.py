"""Sets of points in the plane that show what a network can bend: moons, circles, spirals. Drawn, the same for ever."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.data.random import make_generator

Points = tuple[Float[Tensor, "points 2"], Int64[Tensor, " points"]]

POINTS = 2000


def make_moons(points: int = POINTS, noise: float = 0.15) -> Points:
    """Draw two half circles that reach into each other."""
    angle, label, generator = _angles("moons", points, math.pi)
    upper = torch.stack([angle.cos(), angle.sin()], 1)
    lower = torch.stack([1 - angle.cos(), 0.5 - angle.sin()], 1)
    return _blurred(torch.where(label[:, None] == 0, upper, lower), noise, generator), label


def make_circles(points: int = POINTS, noise: float = 0.08) -> Points:
    """Draw a small circle inside a large one."""
    angle, label, generator = _angles("circles", points, 2 * math.pi)
    radius = torch.where(label == 0, 1.0, 0.5)
    return _blurred(radius[:, None] * torch.stack([angle.cos(), angle.sin()], 1), noise, generator), label


def make_spirals(points: int = POINTS, noise: float = 0.05) -> Points:
    """Draw two arms that turn around each other one and a half times."""
    angle, label, generator = _angles("spirals", points, 1.0)
    turn = 3 * math.pi * angle.sqrt()  # as many points on each stretch of an arm
    radius = turn / (3 * math.pi) * 1.5
    turn = turn + math.pi * label
    return _blurred(radius[:, None] * torch.stack([turn.cos(), turn.sin()], 1), noise, generator), label


def _angles(name: str, points: int, most: float) -> tuple[Tensor, Tensor, torch.Generator]:
    generator = make_generator("toy", name)
    label = torch.arange(points) % 2
    return torch.rand(points, generator=generator) * most, label, generator


def _blurred(points: Tensor, noise: float, generator: torch.Generator) -> Tensor:
    return points + noise * torch.randn(points.shape, generator=generator)
