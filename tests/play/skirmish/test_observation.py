"""What a unit sees, and what it may do."""

import torch

from axone.play.random import make_keys
from axone.play.skirmish.actions import EAST, FIRST_TARGET, STOP, WEST
from axone.play.skirmish.observation import name_features, observe_battle
from axone.play.skirmish.rules import make_rules
from axone.play.skirmish.world import Skirmish
from tests.helpers.skirmish import draw_legal, make_battle

ATTACK = FIRST_TARGET


def see(world, state, team, unit):
    names = name_features(make_rules(world.scenario))
    row = world.observe_team(state, team)[0, unit].tolist()
    assert len(names) == len(row) == world.features
    return {name: value for name, value in zip(names, row) if value != 0}


def near(seen, expected):
    return seen.keys() == expected.keys() and all(abs(seen[name] - expected[name]) < 1e-6 for name in seen)


def test_a_unit_sees_itself_its_allies_and_the_enemies_relative_to_itself():
    world, state = make_battle(
        [("marine", 8, 16), ("marine", 8, 19)], [("stalker", 12, 16), ("stalker", 20, 16)], health={0: 9, 2: 80}
    )
    state["last_actions"] = torch.tensor([[STOP, EAST, ATTACK, STOP]])
    assert near(
        see(world, state, 0, 0),
        {
            "own health": 0.2, "own x": 0.25, "own y": 0.5, "own attackers": 0.5, "own type 0": 1,
            "ally 0 health": 1, "ally 0 y": 3 / 9, "ally 0 moved x": 1, "ally 0 in range": 1, "ally 0 type 0": 1,
            "enemy 0 health": 0.5, "enemy 0 x": 4 / 9, "enemy 0 in range": 1, "enemy 0 type 1": 1,
        },
    )  # fmt: skip
    assert "enemy 1 health" not in see(world, state, 0, 0)  # 12 cells away, sight is 9


def test_the_second_team_sees_the_mirror():
    one, first = make_battle([("marine", 8, 16), ("marine", 7, 18)], [("zealot", 14, 17)])
    other, second = make_battle([("zealot", 18, 17)], [("marine", 24, 16), ("marine", 25, 18)])
    first["last_actions"] = torch.tensor([[EAST, STOP, WEST]])
    second["last_actions"] = torch.tensor([[EAST, WEST, STOP]])
    # The types are numbered in the order of the scenario, which differs.
    for unit in (0, 1):
        seen, mirrored = (
            {name: value for name, value in view.items() if "type" not in name}
            for view in (see(one, first, 0, unit), see(other, second, 1, unit))
        )
        assert near(seen, mirrored)


def test_dead_units_see_nothing_and_are_not_seen():
    world, state = make_battle([("marine", 8, 16), ("marine", 8, 19)], [("marine", 12, 16)], health={1: 0})
    assert see(world, state, 0, 1) == {}
    assert not any(name.startswith("ally") for name in see(world, state, 0, 0))


def test_the_features_of_the_battle_hold_all_living_units():
    world, state = make_battle([("marine", 8, 16)], [("zealot", 30, 16), ("zealot", 31, 20)], health={2: 0})
    first, second = (observe_battle(state, team, world.rules(state))[0].reshape(4, 6).tolist() for team in (0, 1))
    assert first == [[1, -0.25, 0, 0, 1, 0], [0] * 6, [1, 0.4375, 0, 0, 0, 1], [0] * 6]
    assert second == [[1, -0.4375, 0, 0, 0, 1], [0] * 6, [1, 0.25, 0, 0, 1, 0], [0] * 6]


def test_only_what_is_in_range_can_be_attacked():
    world, state = make_battle([("marine", 8, 16), ("zealot", 8, 18)], [("marine", 12, 16), ("marine", 14, 16)])
    assert world.legal_team(state, 0)[0].int().tolist() == [[1, 1, 1, 1, 1, 1, 0], [1, 1, 1, 1, 1, 0, 0]]


def test_dead_units_may_only_stop_and_cannot_be_attacked():
    world, state = make_battle([("marine", 8, 16), ("marine", 8, 18)], [("marine", 12, 16)], health={0: 0})
    assert world.legal_team(state, 0)[0].int().tolist() == [[0, 0, 0, 0, 1, 0, 0], [1, 1, 1, 1, 1, 1, 0]]
    assert world.legal_team(state, 1)[0].int().tolist() == [[1, 1, 1, 1, 1, 0, 1]]


def test_a_medic_may_heal_hurt_allies_in_range():
    allies = [("medic", 8, 16), ("marine", 8, 18), ("marine", 9, 16), ("marine", 8, 25)]
    world, state = make_battle(allies, [("marine", 10, 16)], health={0: 20, 1: 20, 3: 20})
    assert world.legal_team(state, 0)[0, 0].int().tolist() == [1, 1, 1, 1, 1, 0, 1, 0, 0]


def test_a_legal_attack_of_a_ready_unit_always_has_an_effect():
    world = Skirmish("MMM").kernels()
    state, generator = world.reset(make_keys(0, 32)), torch.Generator().manual_seed(0)
    attacks = 0
    for _step in range(40):
        legal = world.legal_actions(state)
        actions = draw_legal(legal, generator)
        ready = (state["cooldown"][:, :10] <= 0) & (actions >= ATTACK) & (state["result"] == 0)[:, None]
        state, _outcome = world.step(state, actions)
        assert (state["cooldown"][:, :10][ready] > 0).all()
        attacks += int(ready.sum())
    assert attacks > 200
