"""Principal components: the straight lines along which points differ most, and the best linear way to fewer numbers.

What an autoencoder is measured against (one with linear layers finds the same plane: Baldi and Hornik 1989, "Neural
networks and principal component analysis"), and how a latent space of many dimensions is looked at in two.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

MOST_POINTS = 2000  # from which the components of points of more dimensions than this are found


class Principal(NamedTuple):
    """The mean of points, and directions of length 1 from it, the one with the most variance first."""

    mean: Float[Tensor, " size"]
    directions: Float[Tensor, "count size"]

    def project(self, points: Float[Tensor, "points size"]) -> Float[Tensor, "points count"]:
        """Return how far points lie from the mean along each direction."""
        return (points - self.mean) @ self.directions.T

    def place(self, lengths: Float[Tensor, "points count"]) -> Float[Tensor, "points size"]:
        """Return the points that lie so far from the mean along each direction, and nowhere else."""
        return self.mean + lengths @ self.directions


def principal(points: Float[Tensor, "points size"], count: int) -> Principal:
    """Return the first `count` principal components of points, or as many as there can be.

    Exact, from the covariance of the coordinates; where there are very many of those, from the first 2,000 points and
    the products between them. The largest coordinate of each direction is positive, so that the signs are no chance.
    """
    size = points.shape[1]
    if size > MOST_POINTS:
        points = points[:MOST_POINTS]
    mean = points.mean(0)
    centered = points - mean
    count = min(count, size, len(points))
    if size <= MOST_POINTS:
        _variances, found = torch.linalg.eigh(centered.T @ centered)
        directions = found.T.flip(0)[:count]
    else:
        variances, found = torch.linalg.eigh(centered @ centered.T)
        directions = (found.T.flip(0)[:count] @ centered) / variances.flip(0)[:count, None].clamp_min(1e-12).sqrt()
    largest = directions.gather(1, directions.abs().argmax(1, keepdim=True))
    return Principal(mean, directions * torch.where(largest < 0, -1.0, 1.0))


def plane(latents: Float[Tensor, "points latent"]) -> Principal:
    """Return the plane in which latents are looked at: themselves where they are two, else their first two components.

    Where there is one direction only, the second is one along which nothing changes.
    """
    size = latents.shape[1]
    directions = torch.eye(2, size, dtype=latents.dtype, device=latents.device)
    if size <= 2:
        return Principal(torch.zeros_like(latents[0]), directions)
    mean, found = principal(latents, 2)
    return Principal(mean, torch.cat([found, torch.zeros_like(directions)])[:2])


__all__ = ["Principal", "plane", "principal"]
