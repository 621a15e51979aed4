"""The worlds that Gymnasium has, too: equal step for step. `benchmarks/worlds.py` counts more steps."""

import pytest

from axone.play.bodies import choose_body
from axone.play.worlds.registry import make_world
from tests.helpers.search import load_benchmark

peers = load_benchmark("gymnasium_worlds")

STEPS = {"acrobot": 300, "mountain_car_continuous": 1200}  # Gymnasium's Acrobot is slow; the other has long episodes
EVERY = {"acrobot": 50}  # it is chaotic


@pytest.mark.parametrize("body", ["torch", "numba"])
@pytest.mark.parametrize("name", peers.PEERS)
def test_equal_step_for_step(name, body):
    steps = STEPS.get(name, 600)
    result = peers.compare(choose_body(make_world(name), body=body), steps, every=EVERY.get(name, 0))
    assert result.steps == steps and (result.episodes > 0 or name == "acrobot")
    assert result.observation < 1e-5 and result.reward < 1e-5 and result.flags == 0


def test_a_balanced_pole_reaches_the_time_limit_in_the_same_step():
    result = peers.compare(make_world("cart_pole"), 900, every=50, skilled=True)
    assert result.observation < 1e-5 and result.flags == 0
    assert result.episodes > result.terminated > 0


def test_a_difference_is_seen():
    world = make_world("pendulum")
    world.max_steps = 150
    assert peers.compare(world, 160).flags > 0
