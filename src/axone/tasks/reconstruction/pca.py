"""Principal component analysis: the best linear projection to fewer dimensions.

The baseline of an autoencoder (one with linear layers learns the same plane: Baldi and Hornik 1989, "Neural networks
and principal component analysis"), and the projection in which a latent space of many dimensions is drawn.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

MAX_COVARIANCE_SIZE = 2000  # dimensions; for more, the products between as many points replace the covariance


class PrincipalComponents(NamedTuple):
    """The mean of points, and unit vectors in descending order of the variance along them."""

    mean: Float[Tensor, " size"]
    components: Float[Tensor, "count size"]

    def transform(self, points: Float[Tensor, "points size"]) -> Float[Tensor, "points count"]:
        """Return the coordinates of points along the components."""
        return (points - self.mean) @ self.components.T

    def inverse_transform(self, coordinates: Float[Tensor, "points count"]) -> Float[Tensor, "points size"]:
        """Return the points with these coordinates along the components, and 0 along all other directions."""
        return self.mean + coordinates @ self.components


def fit_pca(points: Float[Tensor, "points size"], count: int) -> PrincipalComponents:
    """Return the first `count` principal components of points, or as many as exist.

    They are exact up to 2,000 dimensions. For more, they are those of the first 2,000 points. The largest coordinate of
    each component is positive, so that signs are reproducible.
    """
    size = points.shape[1]
    if size > MAX_COVARIANCE_SIZE:
        points = points[:MAX_COVARIANCE_SIZE]
    mean = points.mean(0)
    centered = points - mean
    count = min(count, size, len(points))
    if size <= MAX_COVARIANCE_SIZE:
        _variances, vectors = torch.linalg.eigh(centered.T @ centered)
        components = vectors.T.flip(0)[:count]
    else:
        variances, vectors = torch.linalg.eigh(centered @ centered.T)
        components = (vectors.T.flip(0)[:count] @ centered) / variances.flip(0)[:count, None].clamp_min(1e-12).sqrt()
    largest = components.gather(1, components.abs().argmax(1, keepdim=True))
    return PrincipalComponents(mean, components * torch.where(largest < 0, -1.0, 1.0))


def fit_plane(latents: Float[Tensor, "points latent"]) -> PrincipalComponents:
    """Return the plane in which latents are drawn: their two coordinates, or their first two principal components.

    With a single component, the second one is zero.
    """
    size = latents.shape[1]
    axes = torch.eye(2, size, dtype=latents.dtype, device=latents.device)
    if size <= 2:
        return PrincipalComponents(torch.zeros_like(latents[0]), axes)
    mean, components = fit_pca(latents, 2)
    return PrincipalComponents(mean, torch.cat([components, torch.zeros_like(axes)])[:2])
