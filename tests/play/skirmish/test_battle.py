"""The rules of a battle, in situations written by hand."""

import pytest
import torch

from axone.play.random import make_keys
from axone.play.skirmish.actions import EAST, FIRST_TARGET, NORTH, STOP, WEST
from axone.play.skirmish.battle import DRAWN, LOST, RUNNING, TIMED_OUT, WON
from axone.play.skirmish.world import Skirmish
from tests.helpers.skirmish import make_battle, play

ATTACK = FIRST_TARGET
FAR = ("marine", 28.0, 28.0)


def test_units_start_around_their_places_without_overlap():
    world = Skirmish("8m")
    state = world.reset(make_keys(0, 200))
    positions = state["positions"]
    assert (positions[:, :8] - torch.tensor([8.0, 16.0])).abs().max() < 2.6
    assert (positions[:, 8:] - torch.tensor([24.0, 16.0])).abs().max() < 2.6
    assert len({tuple(row) for row in positions.flatten(0, 1).tolist()}) == 200 * 16
    assert torch.equal(world.reset(make_keys(0, 3))["positions"], positions[:3])


def test_an_attack_removes_the_damage_once_in_a_cooldown():
    world, state = make_battle([("marine", 10, 10)], [("marine", 14, 10)])
    state = play(world, state, ATTACK)  # half a second, the cooldown is 0.61 s
    assert state["health"].tolist() == [[45, 36]]
    assert 0.61 - 1 / 16 - 7 / 16 <= float(state["cooldown"][0, 0]) < 0.61 + 2 / 16 - 7 / 16
    assert play(world, state, ATTACK)["health"].tolist() == [[45, 27]]


def test_the_random_part_of_a_cooldown_is_within_its_bounds():
    world, state = make_battle([("marauder", 10, 10)], [("stalker", 14, 10)])
    state = {name: values.expand(500, *values.shape[1:]).clone() for name, values in state.items()}
    state["key"] = make_keys(1, 500)
    after = world.advance(state, torch.tensor([[ATTACK, STOP]]).expand(500, 2))
    noise = (after["cooldown"][:, 0] + 7 / 16 - 1.07) * 16
    assert -1 <= noise.min() < -0.95 and 1.95 < noise.max() < 2 and abs(noise.mean() - 0.5) < 0.15


def test_an_attack_out_of_range_or_on_a_dead_unit_does_nothing():
    world, state = make_battle([("marine", 10, 10)], [("marine", 15.5, 10)])
    assert play(world, state, ATTACK)["health"].tolist() == [[45, 45]]
    world, state = make_battle([("marine", 10, 10)], [("marine", 13, 10), FAR], health={1: 0})
    after = play(world, state, ATTACK)
    assert after["health"].tolist() == [[45, 0, 45]] and after["cooldown"][0, 0] == 0
    assert play(world, state, ATTACK + 2)["health"].tolist() == [[45, 0, 45]]  # a target that does not exist


def test_units_that_kill_each_other_at_once_are_a_draw():
    world, state = make_battle([("marine", 10, 10)], [("marine", 13, 10)], health={0: 9, 1: 9})
    after, outcome = world.step_teams(state, torch.tensor([[ATTACK]]), torch.tensor([[ATTACK]]))
    assert after["health"].tolist() == [[0, 0]] and after["result"].tolist() == [DRAWN]
    assert outcome.terminated.item() and not outcome.truncated.item()
    assert outcome.rewards.tolist() == [[0.2, 0.2]]  # 9 of 45, and no bonus


def test_all_attacks_of_a_moment_count():
    allies = [("marine", 10, 9), ("marine", 10, 10), ("marine", 10, 11)]
    world, state = make_battle(allies, [("marine", 13, 10)], health={3: 27})
    after, outcome = world.step_teams(state, torch.full((1, 3), ATTACK), torch.tensor([[ATTACK]]))
    assert after["health"].tolist() == [[36, 45, 45, 0]] and after["result"].tolist() == [WON]
    assert torch.allclose(outcome.rewards, torch.tensor([[27 / 45 + 1, 9 / 135]], dtype=torch.float64))


def test_a_medic_heals_allies_up_to_their_health_and_never_the_dead():
    world, state = make_battle([("medic", 10, 10), ("marine", 12, 10), ("marine", 10, 12)], [FAR], health={1: 20, 2: 0})
    state = play(world, state, ATTACK + 1)
    assert state["health"][0, :3].tolist() == [60, 29, 0]
    assert play(world, state, ATTACK + 1, steps=9)["health"][0, 1] == 45
    assert play(world, state, ATTACK + 2, steps=9)["health"][0, 2] == 0


def test_healing_of_the_same_moment_counts_against_damage():
    world, state = make_battle([("medic", 10, 10), ("marine", 12, 10)], [("marine", 14, 10)], health={1: 9})
    after = play(world, state, ATTACK + 1, STOP, ATTACK + 1)
    assert after["health"].tolist() == [[60, 9, 45]]


def test_a_medic_does_not_heal_itself():
    world, state = make_battle([("medic", 10, 10)], [FAR], health={0: 20})
    assert play(world, state, ATTACK)["health"][0, 0] == 20


def test_units_move_by_their_speed():
    world, state = make_battle([("marine", 10, 10), ("stalker", 10, 20)], [FAR])
    moved = (play(world, state, EAST, NORTH)["positions"] - state["positions"])[0]
    assert torch.allclose(moved, torch.tensor([[3.15 / 2, 0], [0, 4.13 / 2], [0, 0]], dtype=torch.float64))


def test_the_border_of_the_map_kills_or_stops():
    for walls, health, result in (("kill", 0, LOST), ("stop", 45, RUNNING)):
        world, state = make_battle([("marine", 1, 10)], [FAR], walls=walls)
        state = play(world, state, WEST)
        assert state["positions"][0, 0].tolist() == [0, 10]
        assert state["health"][0, 0] == health and state["result"].tolist() == [result]


def test_bodies_push_each_other_apart():
    world, state = make_battle([("marine", 10, 10), ("marine", 10.25, 10)], [FAR])
    positions = play(world, state)["positions"][0]
    assert float(positions[1, 0] - positions[0, 0]) == pytest.approx(0.75, abs=1e-3)
    assert float(positions[0, 0] + positions[1, 0]) == pytest.approx(20.25, abs=1e-5)


def test_dead_units_neither_move_nor_collide_nor_act():
    allies = [("marine", 10, 10), ("marine", 10.25, 10), ("medic", 10, 11)]
    world, state = make_battle(allies, [("marine", 13, 10)], health={1: 0, 2: 0, 0: 30})
    after = play(world, state, STOP, ATTACK, ATTACK)
    assert after["positions"][0, :2].tolist() == [[10, 10], [10.25, 10]]
    assert after["health"].tolist() == [[30, 0, 0, 45]]
    assert play(world, state, STOP, EAST)["positions"][0, 1].tolist() == [10.25, 10]
    assert after["last_actions"][0, 1:3].tolist() == [STOP, STOP]


def test_the_step_limit_ends_a_battle_without_a_winner():
    world, state = make_battle([("marine", 10, 10)], [FAR])
    state["steps"] = torch.tensor([18])
    stop = torch.tensor([[STOP]])
    state, outcome = world.step_teams(state, stop, stop)
    assert not outcome.truncated.item()
    state, outcome = world.step_teams(state, stop, stop)
    assert outcome.truncated.item() and not outcome.terminated.item() and state["result"].tolist() == [TIMED_OUT]


def test_a_finished_battle_does_not_change_any_more():
    world, state = make_battle([("marine", 10, 10), ("marine", 10, 12)], [("marine", 13, 10)], health={2: 9})
    ended, _outcome = world.step_teams(state, torch.full((1, 2), ATTACK), torch.tensor([[STOP]]))
    after, outcome = world.step_teams(ended, torch.full((1, 2), EAST), torch.tensor([[STOP]]))
    assert all(torch.equal(after[name], ended[name]) for name in ended)
    assert outcome.rewards.tolist() == [[0, 0]] and outcome.terminated.item()


def test_functions_do_not_change_their_arguments():
    world = Skirmish("2s3z")
    state = world.reset(make_keys(0, 4))
    before = {name: values.clone() for name, values in state.items()}
    for body in (world, world.kernels()):
        body.step(state, torch.full((4, 5), EAST))
        assert all(torch.equal(state[name], before[name]) for name in state)
