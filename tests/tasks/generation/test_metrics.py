"""Fréchet distance, precision and recall against closed forms, scipy and counting by hand."""

import math

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from axone.tasks.generation.metrics import (
    Moments,
    compute_moments,
    count_shares,
    find_nearest,
    frechet_distance,
    matrix_square_root,
    precision_and_recall,
    share_near,
)


def gaussian(mean, covariance):
    return Moments(torch.tensor(mean, dtype=torch.float64), torch.tensor(covariance, dtype=torch.float64))


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def covariance_of_rank(size, rank, seed):
    """Return a covariance matrix of a rank."""
    factor = normal(size, rank, seed=seed)
    return factor @ factor.T / rank


def test_the_distance_of_two_gaussians_has_its_closed_form():
    # One dimension: (m - m')^2 + (s - s')^2.
    assert frechet_distance(gaussian([1.0], [[4.0]]), gaussian([4.0], [[25.0]])) == pytest.approx(9 + 9)
    # Independent dimensions: the sum over them.
    one, other = (
        gaussian([0.0, 1.0, 2.0], np.diag([1.0, 4.0, 9.0])),
        gaussian([1.0, 1.0, 0.0], np.diag([4.0, 4.0, 1.0])),
    )
    assert frechet_distance(one, other) == pytest.approx((1 + 0 + 4) + (1 + 0 + 4))
    # A rotation of both changes nothing.
    rotation = torch.linalg.qr(normal(3, 3))[0]
    rotated = [Moments(rotation @ each.mean, rotation @ each.covariance @ rotation.T) for each in (one, other)]
    assert frechet_distance(*rotated) == pytest.approx(10)


@pytest.mark.parametrize(("size", "rank"), [(2, 2), (20, 40), (64, 64), (30, 5)])
def test_the_distance_is_that_of_a_general_matrix_root(size, rank):
    one = Moments(normal(size, seed=1), covariance_of_rank(size, rank, 2))
    other = Moments(normal(size, seed=3), covariance_of_rank(size, rank, 4))
    root = sqrtm(one.covariance.numpy() @ other.covariance.numpy())
    expected = (
        float((one.mean - other.mean).square().sum() + one.covariance.trace() + other.covariance.trace())
        - 2 * np.trace(root).real
    )
    assert frechet_distance(one, other) == pytest.approx(expected, rel=1e-5)
    assert frechet_distance(other, one) == pytest.approx(frechet_distance(one, other), rel=1e-9)


def test_the_distance_of_features_to_themselves_is_zero():
    moments = compute_moments(normal(500, 16).float())
    assert 0 <= frechet_distance(moments, moments) < 1e-9


def test_mean_and_covariance_are_those_of_numpy():
    features = (100 + normal(300, 7)).float()
    moments = compute_moments(features)
    assert moments.mean.numpy() == pytest.approx(features.double().numpy().mean(0))
    assert moments.covariance.numpy() == pytest.approx(np.cov(features.double().numpy(), rowvar=False))
    with pytest.raises(ValueError, match="at least 2 images"):
        compute_moments(features[:1])


def test_a_square_root_squared_is_the_matrix():
    matrix = covariance_of_rank(12, 4, 0)
    root = matrix_square_root(matrix)
    assert torch.allclose(root @ root, matrix, atol=1e-9)


def share_near_by_hand(points, reference, neighbors=3):
    def distance(one, other):
        return math.dist(one.tolist(), other.tolist())

    radii = [sorted(distance(point, other) for other in reference)[neighbors] for point in reference]
    hits = [any(distance(point, other) <= radius for other, radius in zip(reference, radii)) for point in points]
    return sum(hits) / len(hits)


def test_precision_and_recall_are_counted_as_by_hand():
    real, generated = normal(40, 3, seed=1), 0.8 * normal(30, 3, seed=2) + 1.5
    precision, recall = precision_and_recall(real, generated)
    assert precision == pytest.approx(share_near_by_hand(generated, real))
    assert recall == pytest.approx(share_near_by_hand(real, generated))
    assert 0 < recall < 1 and 0 < precision < 1


def test_missing_images_lower_recall_and_wrong_images_lower_precision():
    two_groups = torch.cat([normal(50, 4), normal(50, 4, seed=1) + 100])
    one_of_them = normal(100, 4, seed=2)
    precision, recall = precision_and_recall(two_groups, one_of_them)
    assert precision > 0.9 and 0.3 < recall <= 0.5
    precision, recall = precision_and_recall(one_of_them, two_groups)
    assert 0.3 < precision <= 0.5 and recall > 0.8
    assert precision_and_recall(one_of_them, one_of_them + 1000) == (0.0, 0.0)


def test_few_reference_points_have_radii_and_a_single_one_has_none():
    assert share_near(torch.tensor([[1.0], [3.0]]), torch.tensor([[0.0], [2.0]])) == 1.0
    assert share_near(torch.tensor([[4.1]]), torch.tensor([[0.0], [2.0]])) == 0.0
    with pytest.raises(ValueError, match="at least 2 reference points"):
        share_near(torch.zeros(2, 1), torch.zeros(1, 1))


def test_the_nearest_points_are_those_of_all_distances():
    points, reference = normal(25, 5, seed=1), normal(60, 5, seed=2)
    distances, indices = find_nearest(points, reference, 4)
    everything = (points[:, None] - reference[None]).norm(dim=2)
    order = everything.argsort(dim=1)[:, :4]
    assert torch.equal(indices, order)
    assert torch.allclose(distances, everything.gather(1, order))


def test_shares_of_classes():
    assert count_shares(torch.tensor([0, 2, 2, 2]), 4).tolist() == [0.25, 0, 0.75, 0]
