"""How near invented pictures are to real ones, by the features that a classifier finds in them.

    FID        the distance between two clouds of features, as if each were Gaussian; 0: alike
               (Heusel et al. 2017, arXiv:1706.08500)
    precision  the share of invented pictures that lie where real ones are: are they any good?
    recall     the share of real pictures that lie where invented ones are: do they hold everything?
               (Kynkäänniemi et al. 2019, arXiv:1904.06991)

All of it depends on whose features are compared, and on how many pictures: a number without both says nothing.
Sums are kept in 64 bits: the FID is a small difference of large traces.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor

NEIGHBORS = 3  # whose distance is the radius of a picture's surroundings (the paper's choice)
AT_ONCE = 1000  # rows of a matrix of distances that are computed together


@dataclass(frozen=True)
class Moments:
    """The mean and the covariance of a cloud of features."""

    mean: Float[Tensor, " features"]
    covariance: Float[Tensor, "features features"]


def moments(features: Float[Tensor, "pictures features"]) -> Moments:
    """Return the moments of a cloud. Raises ValueError for fewer than two pictures, which have no covariance."""
    if len(features) < 2:
        raise ValueError(f"{len(features)} pictures have no covariance")
    rows = features.double()
    mean = rows.mean(0)
    centered = rows - mean
    return Moments(mean, centered.T @ centered / (len(rows) - 1))


def frechet_distance(one: Moments, other: Moments) -> float:
    """Return |m - m'|^2 + trace(C + C' - 2 (C C')^(1/2)) of two Gaussians: the FID, where features are Inception's.

    C C' has the eigenvalues of the symmetric C^(1/2) C' C^(1/2), whose root needs no general matrix square root,
    and none of its imaginary remainders. Eigenvalues that rounding made negative count as zero.
    """
    root = square_root(one.covariance)
    shared = torch.linalg.eigvalsh(root @ other.covariance @ root).clamp_min(0).sqrt().sum()
    apart = (one.mean - other.mean).square().sum()
    return max(0.0, float(apart + one.covariance.trace() + other.covariance.trace() - 2 * shared))


def square_root(matrix: Float[Tensor, "features features"]) -> Float[Tensor, "features features"]:
    """Return the root of a symmetric matrix without negative eigenvalues, but for rounding."""
    values, vectors = torch.linalg.eigh(matrix)
    return (vectors * values.clamp_min(0).sqrt()) @ vectors.T


def precision_and_recall(
    real: Float[Tensor, "real features"], made: Float[Tensor, "made features"]
) -> tuple[float, float]:
    """Return the share of made pictures among the real ones, and of real pictures among the made ones."""
    return share_within(made, real), share_within(real, made)


def share_within(
    points: Float[Tensor, "points features"], cloud: Float[Tensor, "cloud features"], neighbors: int = NEIGHBORS
) -> float:
    """Return the share of points that lie within the surroundings of some member of a cloud.

    The surroundings of a member reach as far as the `neighbors`-th nearest other member. Raises ValueError for a
    cloud of one.
    """
    if len(cloud) < 2:
        raise ValueError("a cloud of one point has no surroundings")
    points, cloud = points.double(), cloud.double()
    nth = min(neighbors, len(cloud) - 1) + 1  # the nearest of all is the member itself
    radii = torch.cat([torch.cdist(some, cloud).kthvalue(nth, dim=1).values for some in cloud.split(AT_ONCE)])
    within = [(torch.cdist(some, cloud) <= radii).any(1) for some in points.split(AT_ONCE)]
    return float(torch.cat(within).double().mean())


def nearest(
    points: Float[Tensor, "points features"], cloud: Float[Tensor, "cloud features"], count: int = 1
) -> tuple[Float[Tensor, "points count"], Int64[Tensor, "points count"]]:
    """Return, for each point, the distances of the `count` nearest members of a cloud and their places in it."""
    points, cloud = points.double(), cloud.double()
    found = [torch.cdist(some, cloud).topk(count, dim=1, largest=False) for some in points.split(AT_ONCE)]
    return torch.cat([each.values for each in found]), torch.cat([each.indices for each in found])


def shares(answers: Int64[Tensor, " pictures"], classes: int) -> Float[Tensor, " classes"]:
    """Return the share of each class among the answers of a classifier."""
    return torch.bincount(answers, minlength=classes).double() / max(1, len(answers))
