"""The voxels that a surface touches, whatever its triangles."""

import numpy as np
import pytest
import trimesh

from axone.data.voxels.rasterize import rasterize
from axone.data.voxels.voxels import fill_interior


def test_no_path_leads_through_a_rasterized_surface():
    box = trimesh.creation.icosphere(1, radius=10.3)
    shell = rasterize(np.asarray(box.triangles) + 12, 25)
    assert not shell[12, 12, 12]
    assert fill_interior(shell)[12, 12, 12]


def test_voxels_are_those_that_a_dense_sample_of_the_surface_touches():
    rng = np.random.default_rng(0)
    triangles = rng.uniform(0, 11, (6, 3, 3))
    weights = rng.dirichlet((0.7, 0.7, 0.7), 60_000)
    points = np.einsum("pc,tcx->tpx", weights, triangles).reshape(-1, 3)
    sampled = np.zeros((12, 12, 12), dtype=bool)
    sampled[tuple(np.rint(points).astype(int).T)] = True
    shell = rasterize(triangles, 12)
    assert not (sampled & ~shell).any()
    assert (shell & ~sampled).sum() <= 4  # those that a corner of a triangle only grazes


@pytest.mark.parametrize("diagonal", [((0, 1, 2), (0, 2, 3)), ((0, 1, 3), (1, 2, 3)), ((2, 0, 1), (3, 0, 2))])
def test_the_triangles_of_a_square_do_not_matter(diagonal):
    square = np.array([(0.3, 1.0, 1.1), (7.2, 1.5, 0.9), (8.0, 8.0, 8.4), (1.1, 7.5, 8.6)])
    expected = rasterize(square[np.array([(0, 1, 2), (0, 2, 3)])], 10)
    assert np.array_equal(rasterize(square[np.array(diagonal)], 10), expected)


def test_a_surface_on_a_border_touches_both_sides_in_every_precision():
    square = np.array([[(2.5, 1, 1), (2.5, 5, 1), (2.5, 5, 5)], [(2.5, 1, 1), (2.5, 5, 5), (2.5, 1, 5)]])
    for error in (-1e-6, 0.0, 1e-6):
        shell = rasterize(square + error, 8)
        assert shell.any((1, 2)).tolist() == [False, False, True, True, *[False] * 4] and shell.sum() == 50


def test_what_lies_outside_the_cube_is_ignored():
    assert not rasterize(np.full((1, 3, 3), 30.0), 8).any()
    assert rasterize(np.array([[(-40.0, 3, 3), (40, 3, 3), (40, 3, 3)]]), 8).sum() == 8
