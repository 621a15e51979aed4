"""The kernels compute the same bits as the tensor operations."""

from dataclasses import replace

import pytest
import torch

from axone.play.random import make_keys
from axone.play.skirmish.functions import TENSORS
from axone.play.skirmish.scenarios import SCENARIOS, Group, Scenario
from axone.play.skirmish.units import UNITS
from axone.play.skirmish.world import Skirmish
from tests.helpers.skirmish import draw_legal

ODD = Scenario(
    "odd",
    (Group(replace(UNITS["marine"], damage=3.3, health=17.7), 2), Group(UNITS["medic"], 1, (9.0, 4.0))),
    (Group(replace(UNITS["zergling"], cooldown=0.0), 4), Group(UNITS["hydralisk"])),
    step_limit=40,
    walls="stop",
)


def same(one, other):
    return torch.equal(one, other) and one.dtype == other.dtype


@pytest.mark.parametrize(
    "scenario", [SCENARIOS["3m"], SCENARIOS["MMM"], SCENARIOS["5m_vs_6m"], ODD], ids=lambda s: s.name
)
def test_all_functions_equal_the_tensor_operations_to_the_bit(scenario):
    reference = Skirmish(scenario)
    compiled = reference.kernels()
    generator = torch.Generator().manual_seed(0)
    one = other = reference.reset(make_keys(5, 12))
    ended = 0
    for step in range(min(scenario.step_limit, 45)):
        for team in (0, 1):
            for name in ("observe_team", "find_legal", "observe_battle", "choose_heuristic"):
                expected, actual = (
                    getattr(world.functions, name)(state, team, world.rules(state))
                    for world, state in ((reference, one), (compiled, other))
                )
                assert same(expected, actual), (step, name)
        legal = torch.cat([reference.legal_team(one, team) for team in (0, 1)], 1)
        heuristic = torch.cat([reference.choose_heuristic(one, team) for team in (0, 1)], 1)
        is_random = torch.rand(heuristic.shape, generator=generator) < 0.3
        actions = torch.where(is_random, draw_legal(legal, generator), heuristic)
        one, other = reference.advance(one, actions), compiled.advance(other, actions)
        assert all(same(one[name], other[name]) for name in one), step
        ended = int((one["result"] != 0).sum())
    assert ended > 3


def test_actions_that_are_not_legal_are_the_same_in_both():
    reference = Skirmish("2s3z")
    compiled = reference.kernels()
    one = other = reference.reset(make_keys(0, 8))
    for _step in range(25):
        actions = torch.randint(0, 12, (8, 10))
        one, other = reference.advance(one, actions), compiled.advance(other, actions)
        assert all(same(one[name], other[name]) for name in one)
        assert same(reference.observe(one), compiled.observe(other))


def test_the_kernels_of_kernels_are_themselves():
    world = Skirmish("3m", opponent="self").kernels()
    assert world.kernels().functions is world.functions is not TENSORS
    assert world.agents == 6
