"""Points of the plane in classes that no straight line separates: moons, circles, spirals. Always the same points."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.data.random import make_generator

Points = tuple[Float[Tensor, "points 2"], Int64[Tensor, " points"]]

POINTS = 2000


def make_moons(points: int = POINTS, noise: float = 0.15) -> Points:
    """Return two interleaving half circles, with Gaussian noise of a standard deviation."""
    angle, label, generator = _draw_angles("moons", points, math.pi)
    upper = torch.stack([angle.cos(), angle.sin()], 1)
    lower = torch.stack([1 - angle.cos(), 0.5 - angle.sin()], 1)
    return _add_noise(torch.where(label[:, None] == 0, upper, lower), noise, generator), label


def make_circles(points: int = POINTS, noise: float = 0.08) -> Points:
    """Return a small circle inside a large one, with Gaussian noise of a standard deviation."""
    angle, label, generator = _draw_angles("circles", points, 2 * math.pi)
    radius = torch.where(label == 0, 1.0, 0.5)
    return _add_noise(radius[:, None] * torch.stack([angle.cos(), angle.sin()], 1), noise, generator), label


def make_spirals(points: int = POINTS, noise: float = 0.05) -> Points:
    """Return two arms of a spiral with one and a half turns, with Gaussian noise of a standard deviation."""
    angle, label, generator = _draw_angles("spirals", points, 1.0)
    turn = 3 * math.pi * angle.sqrt()  # the square root makes the density the same along an arm
    radius = turn / (3 * math.pi) * 1.5
    turn = turn + math.pi * label
    return _add_noise(radius[:, None] * torch.stack([turn.cos(), turn.sin()], 1), noise, generator), label


def _draw_angles(name: str, points: int, largest: float) -> tuple[Tensor, Tensor, torch.Generator]:
    generator = make_generator("toy", name)
    label = torch.arange(points) % 2
    return torch.rand(points, generator=generator) * largest, label, generator


def _add_noise(points: Tensor, noise: float, generator: torch.Generator) -> Tensor:
    return points + noise * torch.randn(points.shape, generator=generator)
