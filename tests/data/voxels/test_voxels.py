"""Solids of voxels: connected components, enclosed cavities, and surfaces without holes."""

import io

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from axone.data.voxels.voxels import (
    close_edge_gaps,
    fill_interior,
    fill_occluded,
    flood_fill,
    is_connected,
    largest_component,
    surface_mesh,
    to_obj,
    to_stl,
)


def solid(seed, side=7, share=0.5):
    return np.random.default_rng(seed).random((side, side, side)) < share


@given(st.integers(0, 10_000), st.sampled_from([0.2, 0.35, 0.6]))
def test_components_equal_those_of_scipy(seed, share):
    shape = solid(seed, share=share)
    labels, count = ndimage.label(shape)
    assert is_connected(shape[None])[0] == (count == 1)
    first = np.zeros_like(shape)
    first.flat[shape.argmax()] = True
    assert np.array_equal(flood_fill(shape[None], first[None])[0], labels == 1)


@given(st.integers(0, 10_000), st.sampled_from([0.2, 0.35]))
def test_the_largest_component_has_the_most_voxels(seed, share):
    shapes = np.stack([solid(seed, share=share), np.zeros((7, 7, 7), dtype=bool)])
    largest, nothing = largest_component(shapes)
    labels, _count = ndimage.label(shapes[0])
    sizes = np.bincount(labels[shapes[0]])
    assert largest.sum() == sizes.max() and len(np.unique(labels[largest])) == 1
    assert not nothing.any()


def test_a_winding_path_is_one_component():
    space = np.zeros((1, 1, 9, 9), dtype=bool)
    for row in range(0, 9, 2):
        space[0, 0, row] = True
        if row < 8:
            space[0, 0, row + 1, 8 if row % 4 == 0 else 0] = True
    start = np.zeros_like(space)
    start[0, 0, 0, 0] = True
    assert np.array_equal(flood_fill(space, start), space)


def test_an_empty_solid_is_not_connected_and_one_voxel_is():
    shapes = np.zeros((2, 3, 3, 3), dtype=bool)
    shapes[1, 1, 1, 1] = True
    assert is_connected(shapes).tolist() == [False, True]


@given(st.integers(0, 10_000))
def test_filling_is_what_scipy_fills(seed):
    shell = solid(seed, share=0.7)
    assert np.array_equal(fill_interior(shell), ndimage.binary_fill_holes(shell))


def test_an_open_box_is_filled_only_where_all_six_sides_hide():
    box = np.zeros((6, 6, 6), dtype=bool)
    box[1:5, 1:5, 1:5] = True
    box[2:4, 2:4, 2:4] = False
    assert fill_occluded(box)[2:4, 2:4, 2:4].all()
    box[4, 2, 2] = False  # a hole in the lid
    assert not fill_interior(box)[2, 3, 3] and fill_occluded(box)[2, 3, 3] and not fill_occluded(box)[2, 2, 2]


@given(st.integers(0, 10_000), st.sampled_from([0.2, 0.5, 0.8]))
def test_the_surface_of_any_solid_is_watertight_and_holds_its_volume(seed, share):
    shape = solid(seed, side=5, share=share)
    shape[2, 2, 2] = True
    whole = close_edge_gaps(shape)
    assert (whole | shape == whole).all()
    for mesh in (
        trimesh.load_mesh(io.BytesIO(to_obj(shape)), file_type="obj"),
        trimesh.load_mesh(io.BytesIO(to_stl(shape)), file_type="stl"),
    ):
        assert mesh.is_watertight and mesh.is_winding_consistent
        assert mesh.volume == pytest.approx(whole.sum())


def test_gaps_at_edges_are_filled_symmetrically():
    shape = np.zeros((2, 2, 2), dtype=bool)
    shape[0, 0, 0] = shape[0, 1, 1] = True
    assert close_edge_gaps(shape)[0].all() and not close_edge_gaps(shape)[1].any()
    assert shape.sum() == 2  # what was given is not changed


def test_one_voxel_has_six_squares_in_the_right_place():
    shape = np.zeros((4, 4, 4), dtype=bool)
    shape[3, 2, 1] = True  # up 3, back 2, right 1
    points, squares = surface_mesh(shape)
    assert squares.shape == (6, 4) and len(points) == 8
    assert points.min(0).tolist() == [1, 2, 3] and points.max(0).tolist() == [2, 3, 4]


def test_an_empty_solid_has_no_surface_and_a_valid_file():
    nothing = np.zeros((3, 3, 3), dtype=bool)
    assert surface_mesh(nothing)[1].shape == (0, 4)
    assert len(to_stl(nothing)) == 84 and to_obj(nothing, "a chair").startswith(b"# 0 squares")
    assert b"\no achair\n" in to_obj(nothing, "a chair")
