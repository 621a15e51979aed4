"""Distances between two sets of images, measured in the features of an evaluator.

    Fréchet distance  between two sets of features, as if both were Gaussian; 0: the same (Heusel et al. 2017,
                      arXiv:1706.08500, who call it FID where the features are Inception's)
    precision         the share of generated images that lie near real ones: image quality
    recall            the share of real images that lie near generated ones: variety
                      (Kynkäänniemi et al. 2019, arXiv:1904.06991)

All of them depend on the evaluator and on the number of images: values can be compared only if both are equal.
Sums are computed in float64, because the Fréchet distance is a small difference of large traces.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor

NEIGHBORS = 3  # the distance to the third nearest neighbor is the radius of a point (the paper's choice)
CHUNK = 1000  # rows of a distance matrix that are computed at a time


@dataclass(frozen=True)
class Moments:
    """The mean and the covariance of features."""

    mean: Float[Tensor, " features"]
    covariance: Float[Tensor, "features features"]


def compute_moments(features: Float[Tensor, "images features"]) -> Moments:
    """Return the mean and the covariance. Raises ValueError for fewer than two images, which have no covariance."""
    if len(features) < 2:
        raise ValueError(f"the covariance needs at least 2 images, got {len(features)}")
    rows = features.double()
    mean = rows.mean(0)
    centered = rows - mean
    return Moments(mean, centered.T @ centered / (len(rows) - 1))


def frechet_distance(first: Moments, second: Moments) -> float:
    """Return |m - m'|² + trace(C + C' - 2 (C C')^(1/2)), the Fréchet distance of two Gaussians.

    C C' has the eigenvalues of the symmetric C^(1/2) C' C^(1/2), whose root needs no general matrix square root and
    has no imaginary part. Eigenvalues that are negative by rounding count as zero.
    """
    root = matrix_square_root(first.covariance)
    shared = torch.linalg.eigvalsh(root @ second.covariance @ root).clamp_min(0).sqrt().sum()
    difference = (first.mean - second.mean).square().sum()
    return max(0.0, float(difference + first.covariance.trace() + second.covariance.trace() - 2 * shared))


def matrix_square_root(matrix: Float[Tensor, "features features"]) -> Float[Tensor, "features features"]:
    """Return the square root of a symmetric positive semidefinite matrix; negative eigenvalues count as zero."""
    values, vectors = torch.linalg.eigh(matrix)
    return (vectors * values.clamp_min(0).sqrt()) @ vectors.T


def precision_and_recall(
    real: Float[Tensor, "real features"], generated: Float[Tensor, "generated features"]
) -> tuple[float, float]:
    """Return the share of generated images near real ones, and the share of real images near generated ones."""
    return share_near(generated, real), share_near(real, generated)


def share_near(
    points: Float[Tensor, "points features"], reference: Float[Tensor, "reference features"], neighbors: int = NEIGHBORS
) -> float:
    """Return the share of points that lie within the radius of some reference point.

    The radius of a reference point is the distance to its `neighbors`-th nearest neighbor among the others. Raises
    ValueError for fewer than two reference points.
    """
    if len(reference) < 2:
        raise ValueError(f"radii need at least 2 reference points, got {len(reference)}")
    points, reference = points.double(), reference.double()
    rank = min(neighbors, len(reference) - 1) + 1  # a point's nearest reference point is itself
    radii = torch.cat([torch.cdist(rows, reference).kthvalue(rank, dim=1).values for rows in reference.split(CHUNK)])
    is_near = [(torch.cdist(rows, reference) <= radii).any(1) for rows in points.split(CHUNK)]
    return float(torch.cat(is_near).double().mean())


def find_nearest(
    points: Float[Tensor, "points features"], reference: Float[Tensor, "reference features"], count: int = 1
) -> tuple[Float[Tensor, "points count"], Int64[Tensor, "points count"]]:
    """Return the distances and the indices of the `count` nearest reference points of each point, nearest first."""
    points, reference = points.double(), reference.double()
    chunks = [torch.cdist(rows, reference).topk(count, dim=1, largest=False) for rows in points.split(CHUNK)]
    return torch.cat([each.values for each in chunks]), torch.cat([each.indices for each in chunks])


def count_shares(labels: Int64[Tensor, " images"], classes: int) -> Float[Tensor, " classes"]:
    """Return the share of each class among class indices."""
    return torch.bincount(labels, minlength=classes).double() / max(1, len(labels))
