"""The road's kernels: the same bits as tensor operations."""

import pytest

from axone.play.worlds.road import Road, RoadKeys
from tests.helpers.worlds import compare_bodies

pytest.importorskip("numba")


@pytest.mark.parametrize("world", [Road("circuit", max_steps=150), RoadKeys("random-1")], ids=lambda world: world.name)
def test_both_bodies_compute_the_same_bits(world):
    assert compare_bodies(world) > 64
