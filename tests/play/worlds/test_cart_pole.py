"""CartPole: first states, and the time limit apart from a fall. Equality with Gymnasium is tested for all worlds."""

import torch

from axone.play.random import make_keys
from axone.play.worlds.cart_pole import PARTS, CartPole


def test_the_time_limit_is_no_fall():
    world = CartPole()
    state = {**world.reset(make_keys(0, 3)), "steps": torch.tensor([499, 499, 498])}
    state["angle"][1] = 0.3
    _state, outcome = world.step(state, torch.tensor([0, 1, 0]))
    assert outcome.truncated.tolist() == [True, False, False]
    assert outcome.terminated.tolist() == [False, True, False]
    assert outcome.rewards.tolist() == [1, 1, 1]


def test_first_states_fill_their_range():
    state = CartPole().reset(make_keys(0, 2000))
    for name in PARTS:
        assert -0.05 <= state[name].min() < -0.049 and 0.049 < state[name].max() <= 0.05


def test_the_image_has_the_pole_where_it_leans():
    world = CartPole()
    state = world.reset(make_keys(0, 2))
    state["position"], state["angle"] = torch.zeros(2).double(), torch.tensor([0.4, -0.4]).double()
    right, left = (world.render_image(state, copy)[20:80].float().std(2).amax(0) for copy in (0, 1))
    assert right[210:].sum() > 0 and right[:190].sum() == 0
    assert left[:190].sum() > 0 and left[210:].sum() == 0
    assert world.render_text(state, 0) != world.render_text(state, 1)
