"""Furniture from a seed: all different, connected, on four supports, and the same on every machine."""

import numpy as np
import pytest

from axone.data.datasets.furniture import FURNITURE_CLASSES, make_furniture
from axone.data.voxels.voxels import is_connected
from axone.tasks.shapes.metrics import find_supported


@pytest.mark.parametrize("side", [16, 24, 32])
def test_every_piece_is_connected_and_touches_the_floor(side):
    solids, labels = make_furniture(400, side)
    assert is_connected(solids).all()
    wrong = np.flatnonzero(~find_supported(solids))
    assert not len(wrong), [(int(number), FURNITURE_CLASSES[labels[number]]) for number in wrong]
    assert np.bincount(labels).tolist() == [100] * 4
    assert solids[:, 0].any((1, 2)).all()  # all touch the floor


def test_no_two_are_alike_and_the_seed_decides():
    solids, labels = make_furniture(200, 24, seed=3)
    assert len({solid.tobytes() for solid in solids}) == 200
    again, _labels = make_furniture(60, 24, seed=3)
    assert np.array_equal(solids[:60], again) and labels[:5].tolist() == [0, 1, 2, 3, 0]
    assert not np.array_equal(make_furniture(60, 24, seed=4)[0], again)


def test_the_classes_differ_from_each_other_more_than_within():
    solids, labels = make_furniture(80, 16)
    flat = solids.reshape(len(solids), -1).astype(float)
    shared = flat @ flat.T
    overlap = shared / (flat.sum(1)[:, None] + flat.sum(1) - shared)
    same = labels[:, None] == labels
    assert overlap[same & ~np.eye(80, dtype=bool)].mean() > overlap[~same].mean() + 0.1


def test_a_tiny_cube_repeats_pieces_when_there_are_no_new_ones():
    solids, _labels = make_furniture(40, 8)
    assert solids.shape == (40, 8, 8, 8) and solids.any((1, 2, 3)).all()
