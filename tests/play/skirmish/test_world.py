"""The world: the contract of worlds with several agents, in copies that begin anew by themselves."""

import pytest
import torch

from axone.errors import UsageError
from axone.play.batch import Worlds
from axone.play.random import make_keys
from axone.play.skirmish.battle import RUNNING, WON
from axone.play.skirmish.world import Skirmish
from tests.helpers.skirmish import draw_legal


def test_shapes_have_the_agents_after_the_copies():
    world = Skirmish("2s3z")
    state = world.reset(make_keys(0, 7))
    assert world.observe(state).shape == (7, *world.observations.shape) == (7, 5, world.features)
    assert world.legal_actions(state).shape == (7, 5, world.actions.count) == (7, 5, 10)
    state, outcome = world.step(state, torch.full((7, 5), 4))
    assert [values.shape for values in outcome] == [(7,)] * 3
    assert world.max_steps == 120 and world.signs == (1.0,) * 5


def test_a_critic_receives_the_features_of_the_battle_as_each_team_sees_it():
    for opponent, teams in (("heuristic", 1), ("self", 2)):
        world = Skirmish("5m_vs_6m", opponent=opponent)
        features = world.observe_battle(world.reset(make_keys(0, 2)))
        assert world.teams == teams and features.shape == (2, teams, world.battle_features)


def test_in_self_play_the_agents_are_both_teams_and_rewards_are_opposite():
    world = Skirmish("5m_vs_6m", opponent="self").kernels()
    assert world.agents == 11 and world.signs == (1.0,) * 5 + (-1.0,) * 6
    state, generator = world.reset(make_keys(0, 16)), torch.Generator().manual_seed(0)
    total = torch.zeros(16)
    for _step in range(70):
        legal = world.legal_actions(state)
        assert legal.shape == (16, 11, 11) and world.observe(state).shape == (16, 11, world.features)
        state, outcome = world.step(state, draw_legal(legal, generator))
        total += outcome.rewards
    health = state["health"] / 45
    removed = (6 - health[:, 5:].sum(1)) / 6 - (5 - health[:, :5].sum(1)) / 5
    won = (state["result"] == 1).float() - (state["result"] == 2).float()
    assert torch.allclose(total, (removed + won).float(), atol=1e-5)


def test_mirrored_actions_lead_to_mirrored_battles():
    world = Skirmish("3m", opponent="self")
    state = world.reset(make_keys(0, 4))
    mirrored = state["positions"].clone()
    mirrored[:, 3:, 0], mirrored[:, 3:, 1] = 32 - mirrored[:, :3, 0], mirrored[:, :3, 1]
    state = {**state, "positions": mirrored, "starts": mirrored}
    actions = torch.tensor([[1, 0, 4]]).expand(4, 3)
    state, _outcome = world.step(state, torch.cat([actions, actions], 1))
    seen = world.observe(state)
    assert torch.allclose(seen[:, :3], seen[:, 3:], atol=1e-6)


def test_rewards_of_a_battle_against_the_heuristic_player_are_those_of_smac():
    world = Skirmish("3m").kernels()
    state = world.reset(make_keys(1, 64))
    total = torch.zeros(64)
    for _step in range(60):
        state, outcome = world.step(state, world.choose_heuristic(state, 0))
        total += outcome.rewards
    won = state["result"] == WON
    assert 0.2 < won.float().mean() < 0.8  # the same player on both sides
    assert torch.allclose(total[won], torch.tensor(2.0)) and (total[~won] <= 1).all()


def test_a_battle_resumes_in_its_middle_to_the_bit():
    def choose(worlds):
        return worlds.world.choose_heuristic(worlds.state, 0)

    worlds = Worlds(Skirmish("3m"), 6, seed=3)
    for _step in range(17):
        worlds.step(choose(worlds))
    assert (worlds.state["result"] == RUNNING).any()
    saved = worlds.state_dict()
    expected = [worlds.step(choose(worlds)) for _step in range(40)]
    assert torch.stack([step.terminated for step in expected]).any()
    resumed = Worlds(Skirmish("3m"), 6, seed=9, body="torch")
    resumed.load_state_dict(saved)
    for step in expected:
        assert all(torch.equal(one, other) for one, other in zip(resumed.step(choose(resumed)), step))


def test_an_unknown_scenario_is_refused():
    with pytest.raises(UsageError, match="Did you mean '8m'"):
        Skirmish("8mm")
