"""Worlds by name."""

import pytest

from axone.errors import UsageError
from axone.play.worlds.registry import WORLDS, make_world, make_worlds


@pytest.mark.parametrize("name", WORLDS)
def test_every_world_is_there_under_its_own_name(name):
    assert make_world(name).name == name
    worlds = make_worlds(name, 3)
    assert worlds.name == name and worlds.copies == 3 and len(worlds.observations) == 3


def test_a_mistyped_name_is_answered_with_the_nearest_one():
    with pytest.raises(UsageError, match="Did you mean 'cart_pole'"):
        make_worlds("cartpole", 3)
    with pytest.raises(UsageError, match="expected one of: cart_pole"):
        make_world("chess")
