"""Principal components against scikit-learn's."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from axone.tasks.reconstruction.pca import MOST_POINTS, plane, principal


def cloud(points, size, seed=0):
    chance = np.random.default_rng(seed)
    return chance.standard_normal((points, size)) @ chance.standard_normal((size, size)) + chance.standard_normal(size)


@pytest.mark.parametrize(("points", "size"), [(300, 12), (40, MOST_POINTS + 1)])
def test_they_are_scikit_learns(points, size):
    given = cloud(points, size) if size < 100 else np.random.default_rng(1).standard_normal((points, size))
    found, wanted = principal(torch.from_numpy(given), 5), PCA(5, svd_solver="full").fit(given)
    np.testing.assert_allclose(found.mean, wanted.mean_, atol=1e-9)
    np.testing.assert_allclose(np.abs((found.directions.numpy() * wanted.components_).sum(1)), 1, atol=1e-6)
    back = found.place(found.project(torch.from_numpy(given)))
    np.testing.assert_allclose(back, wanted.inverse_transform(wanted.transform(given)), atol=1e-6)


def test_no_more_components_than_there_can_be():
    assert len(principal(torch.from_numpy(cloud(3, 8)), 5).directions) == 3
    assert len(principal(torch.from_numpy(cloud(30, 4)), 5).directions) == 4


def test_signs_are_no_chance():
    given = torch.from_numpy(cloud(100, 6))
    one, other = principal(given, 6).directions, principal(given.flip(0), 6).directions
    assert torch.allclose(one, other, atol=1e-9)


def test_the_plane_of_one_two_and_more_latents():
    two = torch.randn(50, 2, dtype=torch.float64)
    assert torch.equal(plane(two).project(two), two)
    one = plane(two[:, :1]).project(two[:, :1])
    assert torch.equal(one[:, 0], two[:, 0]) and not one[:, 1].any()
    assert plane(torch.randn(50, 7)).directions.shape == (2, 7)
