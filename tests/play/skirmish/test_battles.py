"""Battles that begin anew, and what is known of them."""

import pytest
import torch

from axone.errors import DataError
from axone.play.batch import Worlds
from axone.play.skirmish.battle import RUNNING
from axone.play.skirmish.battles import Battles
from axone.play.skirmish.scenarios import SCENARIOS
from axone.play.skirmish.world import Skirmish


def test_a_situation_has_what_units_see_may_do_and_the_whole_battle():
    battles = Battles(SCENARIOS["5m_vs_6m"], 3, opponent="self")
    observations, legal, battle = battles.situation
    world = battles.world
    assert observations.shape == (3, 11, world.features) and legal.shape == (3, 11, 11)
    assert battle.shape == (3, 2, world.battle_features)


def test_the_final_situation_is_that_before_the_new_battle():
    battles = Battles(SCENARIOS["3m"], 16)
    for _step in range(40):
        played = battles.step(battles.world.choose_heuristic(battles.state, 0))
        ended = played.ended
        assert torch.equal(played.results != RUNNING, ended)
        now, final = battles.situation, battles.final_situation
        assert torch.equal(now.battle[~ended], final.battle[~ended])
        if ended.any():
            assert not torch.equal(now.battle[ended], final.battle[ended])
            return
    pytest.fail("no battle ended")


def test_battles_are_those_of_worlds():
    battles, worlds = Battles("3m", 6, seed=4), Worlds(Skirmish("3m"), 6, seed=4)
    for _step in range(30):
        actions = battles.world.choose_heuristic(battles.state, 0)
        played, step = battles.step(actions), worlds.step(actions)
        assert torch.equal(played.rewards, step.rewards) and torch.equal(played.ended, step.terminated | step.truncated)
        assert torch.equal(battles.situation.observations, step.observations)


def test_a_state_of_other_battles_is_refused():
    with pytest.raises(DataError, match="4 copies of the world were saved, not 5"):
        Battles("3m", 5).load_state_dict(Battles("3m", 4).state_dict())
