"""The random inputs of a generator: latent vectors that depend on a purpose and a row, and classes in turn."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.data.random import make_generator


def sample_latents(count: int, size: int, *purpose: int | str) -> Float[Tensor, "count size"]:
    """Draw latent vectors from the standard normal distribution.

    Row k is a pure function of (purpose, k): it is the same however many rows are drawn. The purpose is usually a seed
    and a word for the use, so that two figures of one run begin with different vectors.
    """
    return torch.stack([torch.randn(size, generator=make_generator("latent", *purpose, row)) for row in range(count)])


def cycle_classes(count: int, classes: int) -> Int64[Tensor, " count"]:
    """Return `count` class indices: 0, 1, ... `classes` - 1, then 0 again."""
    return torch.arange(count) % classes
