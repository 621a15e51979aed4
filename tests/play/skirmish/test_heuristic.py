"""The heuristic player: what it does in situations written by hand."""

import pytest
import torch

from axone.play.random import make_keys
from axone.play.skirmish.actions import EAST, FIRST_TARGET, NORTH, SOUTH, STOP, WEST
from axone.play.skirmish.battle import LOST
from axone.play.skirmish.world import Skirmish
from tests.helpers.skirmish import draw_legal, make_battle

ATTACK = FIRST_TARGET


def choose(world, state, team=1):
    return world.choose_heuristic(state, team)[0].tolist()


def test_it_attacks_the_closest_in_range():
    world, state = make_battle([("marine", 10, 10), ("marine", 12, 10)], [("marine", 14, 10)])
    assert choose(world, state) == [ATTACK + 1]
    assert choose(world, state, team=0) == [ATTACK, ATTACK]


def test_it_keeps_its_last_target_while_that_is_in_range_and_alive():
    world, state = make_battle([("marine", 10, 10), ("marine", 12, 10)], [("marine", 14, 10)])
    state["last_actions"] = torch.tensor([[STOP, STOP, ATTACK]])
    assert choose(world, state) == [ATTACK]
    state["positions"][0, 0, 0] = 8.5
    assert choose(world, state) == [ATTACK + 1]
    state["positions"][0, 0, 0] = 10
    state["health"][0, 0] = 0
    assert choose(world, state) == [ATTACK + 1]


@pytest.mark.parametrize(
    ("x", "y", "action"), [(20, 10, EAST), (1, 11, WEST), (11, 18, NORTH), (9, 2, SOUTH)]
)  # fmt: skip
def test_it_chases_who_is_in_sight(x, y, action):
    world, state = make_battle([("marine", x, y)], [("marauder", 10, 10)], range=5.0, sight=12.0)
    assert choose(world, state) == [action]


def test_it_chases_a_random_one():
    world, state = make_battle([("marine", 10, 18), ("marine", 10, 2)], [("marine", 10, 10)])
    state = {name: values.expand(300, *values.shape[1:]) for name, values in state.items()}
    state["key"] = make_keys(0, 300)
    counts = torch.bincount(world.choose_heuristic(state, 1)[:, 0], minlength=4)
    assert counts[NORTH] + counts[SOUTH] == 300 and 120 < counts[NORTH] < 180


def test_it_goes_to_the_point_opposite_to_its_start_when_it_sees_no_one():
    world, state = make_battle([("marine", 2, 2)], [("marine", 20, 16)])
    state["starts"] = torch.tensor([[[2.0, 2.0], [24.0, 14.0]]], dtype=torch.float64)  # the aim is (8, 18)
    assert choose(world, state) == [WEST]
    state["positions"][0, 1] = torch.tensor([8.5, 14.0])
    assert choose(world, state) == [NORTH]


def test_its_medics_heal_the_closest_hurt_ally_and_follow_the_others():
    team = [("medic", 20, 10), ("marine", 20, 13), ("marine", 22, 10)]
    world, state = make_battle([("marine", 2, 2)], team, health={2: 30, 3: 40})
    assert choose(world, state)[0] == ATTACK + 2
    state["health"][0, 3] = 45
    assert choose(world, state)[0] == ATTACK + 1
    state["positions"][0, 2, 1] = 16
    assert choose(world, state)[0] == NORTH
    state["health"][0, 2] = 45
    state["positions"][0, 3] = torch.tensor([20.0, 17.0])
    assert choose(world, state)[0] == NORTH  # after its allies, which are out of its range
    state["positions"][0, 2:] = torch.tensor([20.0, 12.0])
    assert choose(world, state)[0] == STOP


def test_its_dead_units_stop():
    world, state = make_battle([("marine", 10, 10)], [("marine", 12, 10), ("marine", 12, 12)], health={1: 0})
    assert choose(world, state) == [STOP, ATTACK]


def test_it_wins_against_random_players():
    world = Skirmish("3m").kernels()
    state, generator = world.reset(make_keys(0, 64)), torch.Generator().manual_seed(0)
    for _step in range(60):
        state, _outcome = world.step(state, draw_legal(world.legal_actions(state), generator))
    assert (state["result"] == LOST).float().mean() > 0.8
