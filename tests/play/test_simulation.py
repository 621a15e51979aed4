"""The contract of simulations: selecting and replacing copies, and which body runs."""

import pytest
import torch

from axone.errors import UsageError
from axone.play.bodies import choose_body
from axone.play.simulation import Outcome, World, replace_where, select
from axone.play.spaces import Continuous, Discrete


class Line(World):
    """A line of cells, with an end to the right."""

    name = "line"
    observations = Continuous((1,))
    actions = Discrete(2, ("left", "right"))

    def reset(self, keys):
        return {"key": keys, "counter": torch.zeros_like(keys), "steps": torch.zeros_like(keys), "cell": keys * 0}

    def step(self, state, actions):
        cell = state["cell"] + 2 * actions - 1
        ended = cell == 3
        return {**state, "cell": cell, "steps": state["steps"] + 1}, Outcome(ended.float(), ended, ended & False)

    def observe(self, state):
        return state["cell"][:, None].float()

    def render_image(self, state, copy=0):
        return torch.zeros(1, 1, 3, dtype=torch.uint8)


def test_copies_are_selected_and_replaced():
    world = Line()
    state = world.reset(torch.arange(4))
    moved, _outcome = world.step(state, torch.ones(4, dtype=torch.int64))
    mixed = replace_where(torch.tensor([True, False, False, True]), moved, state)
    assert mixed["cell"].tolist() == [1, 0, 0, 1]
    assert select(mixed, torch.tensor([3, 1]))["key"].tolist() == [3, 1]


def test_the_defaults_are_all_actions_and_the_observation_as_text():
    state = Line().reset(torch.arange(2))
    assert Line().legal_actions(state).tolist() == [[True, True]] * 2
    assert Line().render_text(state) == "0"


def test_kernels_that_are_not_there_are_refused_by_name():
    with pytest.raises(UsageError, match="line"):
        choose_body(Line(), body="numba")
    world = Line()
    assert choose_body(world) is world and choose_body(world, body="torch") is world


def test_spaces_refuse_what_makes_no_sense():
    with pytest.raises(ValueError, match="at least 1"):
        Discrete(0)
    with pytest.raises(ValueError, match="names"):
        Discrete(2, ("one",))
    with pytest.raises(ValueError, match="below"):
        Continuous((1,), 1.0, 1.0)
