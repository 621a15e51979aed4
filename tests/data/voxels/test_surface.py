"""Closed surfaces, whose vertices files may split, and open ones."""

import numpy as np
import pytest
import trimesh

from axone.data.voxels.surface import is_closed


def ball(scale: float = 1.0) -> np.ndarray:
    return scale * np.array(trimesh.creation.icosphere(2).triangles)


@pytest.mark.parametrize("scale", [1e-30, 1e-4, 1.0, 1e9, 1e100])
@pytest.mark.parametrize("offset", [0.0, 3.0])
def test_corners_are_compared_by_place_at_every_scale(scale, offset):
    triangles = ball(scale) + offset * scale
    assert is_closed(triangles)
    assert is_closed(triangles + scale * np.random.default_rng(0).uniform(-4e-7, 4e-7, triangles.shape))
    assert not is_closed(triangles[1:])


def test_a_gap_that_is_not_rounding_stays_a_gap():
    triangles = ball()
    triangles[0, 0] *= 1.001
    assert not is_closed(triangles)


def test_triangles_without_an_area_do_not_open_a_surface():
    triangles = ball()
    corner, other, _third = triangles[0]
    assert is_closed(np.concatenate([triangles, [[corner, corner, corner]], [[corner, corner, other]]]))


def test_solids_that_touch_along_an_edge_are_closed():
    box = np.array(trimesh.creation.box((1, 1, 1)).triangles)
    for offset in ((1.0, 1.0, 0.0), (1.0, 0.0, 0.0)):
        assert is_closed(np.concatenate([box, box + np.array(offset)]))
