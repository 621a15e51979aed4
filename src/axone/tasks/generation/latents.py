"""The random inputs of a generator: latent vectors that depend on a purpose and a row, and classes in turn."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn import functional

from axone.data.random import make_generator

SMALLEST_ANGLE = 1e-4  # radians: closer vectors are interpolated as if this far apart, so that nothing divides by zero


def sample_latents(count: int, size: int, *purpose: int | str) -> Float[Tensor, "count size"]:
    """Draw latent vectors from the standard normal distribution.

    Row k is a pure function of (purpose, k): it is the same however many rows are drawn. The purpose is usually a seed
    and a word for the use, so that two figures of one run begin with different vectors.
    """
    return torch.stack([torch.randn(size, generator=make_generator("latent", *purpose, row)) for row in range(count)])


def cycle_classes(count: int, classes: int) -> Int64[Tensor, " count"]:
    """Return `count` class indices: 0, 1, ... `classes` - 1, then 0 again."""
    return torch.arange(count) % classes


def interpolate(
    start: Float[Tensor, " latent"], end: Float[Tensor, " latent"], steps: int
) -> Float[Tensor, "steps latent"]:
    """Interpolate between two latent vectors along the sphere, with both ends (spherical linear interpolation).

    Normal vectors of many dimensions lie near a sphere; a straight line would pass through its empty interior.
    """
    angle = torch.acos(functional.cosine_similarity(start, end, dim=0).clamp(-1, 1)).clamp_min(SMALLEST_ANGLE)
    position = torch.linspace(0, 1, steps)[:, None]
    return (torch.sin((1 - position) * angle) * start + torch.sin(position * angle) * end) / torch.sin(angle)
