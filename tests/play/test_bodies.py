"""Which body runs, with numba and without."""

import importlib.util

import pytest

from axone.errors import UsageError
from axone.play import bodies
from axone.play.batch import Worlds
from axone.play.block import BlockWorld
from axone.play.worlds.cart_pole import CartPole


@pytest.fixture
def without_numba(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(bodies.importlib.util, "find_spec", lambda name: None if name == "numba" else find(name))


def test_kernels_run_where_they_can():
    assert isinstance(bodies.choose_body(CartPole()), BlockWorld)
    assert not isinstance(bodies.choose_body(CartPole(), body="torch"), BlockWorld)
    assert not isinstance(bodies.choose_body(CartPole(), "meta"), BlockWorld)
    assert bodies.numba_version() and bodies.is_compiled()
    with pytest.raises(UsageError, match="not on meta"):
        bodies.choose_body(CartPole(), "meta", "numba")


@pytest.mark.usefixtures("without_numba")
def test_without_numba_everything_works_as_tensor_operations():
    worlds = Worlds(CartPole(), 3)
    assert not isinstance(worlds.world, BlockWorld)
    assert worlds.step(worlds.legal_actions().long().argmax(1)).rewards.tolist() == [1, 1, 1]
    assert bodies.numba_version() is None and not bodies.is_compiled()


@pytest.mark.usefixtures("without_numba")
def test_asking_for_kernels_without_numba_says_what_to_install():
    with pytest.raises(UsageError, match="numba") as caught:
        Worlds(CartPole(), 3, body="numba")
    assert "axone[play]" in caught.value.hint


def test_kernels_that_are_not_compiled_are_reported(monkeypatch):
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    assert not bodies.is_compiled()


def test_a_world_keeps_its_attributes_and_a_subclass_its_functions():
    class Slippery(CartPole):
        pass

    world = CartPole()
    world.max_steps = 7
    kernels = bodies.choose_body(world, body="numba")
    assert kernels.max_steps == 7 and bodies.choose_body(kernels, body="numba").max_steps == 7
    own = Slippery()
    assert bodies.choose_body(own) is own
