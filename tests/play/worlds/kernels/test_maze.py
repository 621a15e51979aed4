"""The maze's kernel: the same bits as tensor operations."""

import pytest

from axone.play.worlds.maze import Maze
from axone.play.worlds.maze_map import MAPS
from tests.helpers.worlds import compare_bodies

pytest.importorskip("numba")


@pytest.mark.parametrize(("map", "slip"), [("small", 0.2), ("four_rooms", 0.0), ("cliff", 1.0)])
def test_both_bodies_compute_the_same_bits(map, slip):
    assert compare_bodies(Maze(MAPS[map], slip=slip, step_reward=-0.04, max_steps=70)) > 64
