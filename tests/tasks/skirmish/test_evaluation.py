"""Greedy battles: each counts once, and the metrics are those of whole battles."""

from functools import partial

import pytest

from axone.play.skirmish.battles import Battles
from axone.play.skirmish.scenarios import SCENARIOS
from axone.tasks.skirmish.evaluation import Evaluation, measure_player
from axone.tasks.skirmish.players import HeuristicPlayer, RandomPlayer


def test_shares_of_results_add_up_and_returns_are_those_of_one_battle():
    measured = measure_player(lambda _battles: HeuristicPlayer(), Battles(SCENARIOS["3m"], 200, seed=3))
    assert 0.3 < measured["win_rate"] < 0.7 and measured["draw_rate"] < 0.2 and measured["unfinished_rate"] == 0
    assert 0.5 < measured["return"] < 2 and 8 < measured["episode_length"] < 25


def test_random_actions_lose():
    measured = measure_player(lambda _battles: RandomPlayer(), Battles(SCENARIOS["3m"], 50, seed=3))
    assert measured["win_rate"] < 0.1 and measured["return"] < 1


def test_each_evaluation_begins_with_the_same_battles():
    evaluation = Evaluation(partial(Battles, SCENARIOS["3m"], 20, seed=1))
    assert evaluation.samples == 20 and len(evaluation) == 3
    measured = []
    for epoch in (1, 2):
        for part in evaluation.batches(epoch):
            part.play(HeuristicPlayer())
        measured.append(evaluation.measure())
    assert measured[0] == measured[1] and not evaluation.running.any()


def test_an_evaluation_ends_with_its_last_battle():
    evaluation = Evaluation(partial(Battles, SCENARIOS["3m"], 4, seed=1))
    parts = 0
    for part in evaluation.batches(1):
        part.play(HeuristicPlayer())
        parts += 1
    assert parts == pytest.approx(1, abs=1) and parts < len(evaluation)
