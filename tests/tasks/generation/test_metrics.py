"""FID, precision and recall beside closed forms, scipy and counting by hand."""

import math

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from axone.tasks.generation.metrics import (
    Moments,
    frechet_distance,
    moments,
    nearest,
    precision_and_recall,
    share_within,
    shares,
    square_root,
)


def gaussian(mean, covariance):
    return Moments(torch.tensor(mean, dtype=torch.float64), torch.tensor(covariance, dtype=torch.float64))


def chance(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def spread(size, rank, seed):
    """A covariance of a given rank."""
    factor = chance(size, rank, seed=seed)
    return factor @ factor.T / rank


def test_the_distance_of_two_gaussians_has_a_closed_form():
    # One dimension: (m - m')^2 + (s - s')^2.
    assert frechet_distance(gaussian([1.0], [[4.0]]), gaussian([4.0], [[25.0]])) == pytest.approx(9 + 9)
    # Independent dimensions: the sum over them.
    one, other = (
        gaussian([0.0, 1.0, 2.0], np.diag([1.0, 4.0, 9.0])),
        gaussian([1.0, 1.0, 0.0], np.diag([4.0, 4.0, 1.0])),
    )
    assert frechet_distance(one, other) == pytest.approx((1 + 0 + 4) + (1 + 0 + 4))
    # Both turned alike, nothing changes.
    turn = torch.linalg.qr(chance(3, 3))[0]
    turned = [Moments(turn @ each.mean, turn @ each.covariance @ turn.T) for each in (one, other)]
    assert frechet_distance(*turned) == pytest.approx(10)


@pytest.mark.parametrize(("size", "rank"), [(2, 2), (20, 40), (64, 64), (30, 5)])
def test_the_distance_is_that_of_a_general_matrix_root(size, rank):
    one = Moments(chance(size, seed=1), spread(size, rank, 2))
    other = Moments(chance(size, seed=3), spread(size, rank, 4))
    root = sqrtm(one.covariance.numpy() @ other.covariance.numpy())
    expected = (
        float((one.mean - other.mean).square().sum() + one.covariance.trace() + other.covariance.trace())
        - 2 * np.trace(root).real
    )
    assert frechet_distance(one, other) == pytest.approx(expected, rel=1e-5)
    assert frechet_distance(other, one) == pytest.approx(frechet_distance(one, other), rel=1e-9)


def test_the_same_cloud_is_at_no_distance():
    found = moments(chance(500, 16).float())
    assert 0 <= frechet_distance(found, found) < 1e-9


def test_moments_are_numpys():
    features = (100 + chance(300, 7)).float()
    found = moments(features)
    assert found.mean.numpy() == pytest.approx(features.double().numpy().mean(0))
    assert found.covariance.numpy() == pytest.approx(np.cov(features.double().numpy(), rowvar=False))
    with pytest.raises(ValueError, match="1 pictures"):
        moments(features[:1])


def test_a_square_root_squared_is_the_matrix():
    matrix = spread(12, 4, 0)
    root = square_root(matrix)
    assert torch.allclose(root @ root, matrix, atol=1e-9)


def within_by_hand(points, cloud, neighbors=3):
    def distance(one, other):
        return math.dist(one.tolist(), other.tolist())

    radii = [sorted(distance(member, other) for other in cloud)[neighbors] for member in cloud]
    hits = [any(distance(point, member) <= radius for member, radius in zip(cloud, radii)) for point in points]
    return sum(hits) / len(hits)


def test_precision_and_recall_are_counted_as_by_hand():
    real, made = chance(40, 3, seed=1), 0.8 * chance(30, 3, seed=2) + 1.5
    precision, recall = precision_and_recall(real, made)
    assert precision == pytest.approx(within_by_hand(made, real))
    assert recall == pytest.approx(within_by_hand(real, made))
    assert 0 < recall < 1 and 0 < precision < 1


def test_what_was_left_out_costs_recall_and_what_is_wrong_costs_precision():
    two_groups = torch.cat([chance(50, 4), chance(50, 4, seed=1) + 100])
    one_of_them = chance(100, 4, seed=2)
    precision, recall = precision_and_recall(two_groups, one_of_them)
    assert precision > 0.9 and 0.3 < recall <= 0.5
    precision, recall = precision_and_recall(one_of_them, two_groups)
    assert 0.3 < precision <= 0.5 and recall > 0.8
    assert precision_and_recall(one_of_them, one_of_them + 1000) == (0.0, 0.0)


def test_a_cloud_of_few_points_has_surroundings_and_one_of_one_has_none():
    assert share_within(torch.tensor([[1.0], [3.0]]), torch.tensor([[0.0], [2.0]])) == 1.0
    assert share_within(torch.tensor([[4.1]]), torch.tensor([[0.0], [2.0]])) == 0.0
    with pytest.raises(ValueError, match="one point"):
        share_within(torch.zeros(2, 1), torch.zeros(1, 1))


def test_the_nearest_are_those_of_all_distances():
    points, cloud = chance(25, 5, seed=1), chance(60, 5, seed=2)
    distances, places = nearest(points, cloud, 4)
    everything = (points[:, None] - cloud[None]).norm(dim=2)
    order = everything.argsort(dim=1)[:, :4]
    assert torch.equal(places, order)
    assert torch.allclose(distances, everything.gather(1, order))


def test_shares_of_classes():
    assert shares(torch.tensor([0, 2, 2, 2]), 4).tolist() == [0.25, 0, 0.75, 0]
