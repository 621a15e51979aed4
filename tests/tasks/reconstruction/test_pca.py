"""Principal components, compared with scikit-learn's."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from axone.tasks.reconstruction.pca import MAX_COVARIANCE_SIZE, fit_pca, fit_plane


def random_points(count, size, seed=0):
    random = np.random.default_rng(seed)
    return random.standard_normal((count, size)) @ random.standard_normal((size, size)) + random.standard_normal(size)


@pytest.mark.parametrize(("count", "size"), [(300, 12), (40, MAX_COVARIANCE_SIZE + 1)])
def test_components_are_those_of_scikit_learn(count, size):
    points = random_points(count, size) if size < 100 else np.random.default_rng(1).standard_normal((count, size))
    pca, expected = fit_pca(torch.from_numpy(points), 5), PCA(5, svd_solver="full").fit(points)
    np.testing.assert_allclose(pca.mean, expected.mean_, atol=1e-9)
    np.testing.assert_allclose(np.abs((pca.components.numpy() * expected.components_).sum(1)), 1, atol=1e-6)
    projected = pca.inverse_transform(pca.transform(torch.from_numpy(points)))
    np.testing.assert_allclose(projected, expected.inverse_transform(expected.transform(points)), atol=1e-6)


def test_there_are_no_more_components_than_points_or_dimensions():
    assert len(fit_pca(torch.from_numpy(random_points(3, 8)), 5).components) == 3
    assert len(fit_pca(torch.from_numpy(random_points(30, 4)), 5).components) == 4


def test_signs_do_not_depend_on_the_order_of_the_points():
    points = torch.from_numpy(random_points(100, 6))
    one, other = fit_pca(points, 6).components, fit_pca(points.flip(0), 6).components
    assert torch.allclose(one, other, atol=1e-9)


def test_a_plane_of_one_two_or_more_latents():
    two = torch.randn(50, 2, dtype=torch.float64)
    assert torch.equal(fit_plane(two).transform(two), two)
    one = fit_plane(two[:, :1]).transform(two[:, :1])
    assert torch.equal(one[:, 0], two[:, 0]) and not one[:, 1].any()
    assert fit_plane(torch.randn(50, 7)).components.shape == (2, 7)
