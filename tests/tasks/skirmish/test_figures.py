"""The figures of a report on battles."""

import pytest
import torch

from axone.play.skirmish.scenarios import find_scenario
from axone.tasks.skirmish import figures
from axone.tasks.skirmish.scenario_facts import restore_scenario
from tests.helpers.battles import build_tiny


def test_a_strip_after_each_epoch_and_films_and_players_at_the_end(monkeypatch):
    monkeypatch.setattr(figures, "COMPARED", 8)
    _settings, experiment = build_tiny()
    learner, scenario = experiment.learner, restore_scenario(experiment.facts["scenario"])
    before = torch.get_rng_state()
    assert [figure.name for figure in figures.make_figures(learner, scenario, 0, False, 64)] == ["battle"]
    learner.history = [{"batches": 2, "win_rate": 0.25, "battles": 32, "exploring": None}]
    *drawn, table = figures.make_figures(learner, scenario, 0, True, 64)
    assert [figure.name for figure in drawn] == ["win-rate", "battle", "battle-1", "battle-2", "battle-3"]
    assert [row[0] for row in table.rows][2:] == ["heuristic player", "random actions"]
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_win_rate_has_an_interval_and_that_of_the_training():
    history = [
        {"batches": 2, "win_rate": 0.0, "battles": 32, "exploring": None},
        {"batches": 4, "win_rate": 0.5, "battles": 32, "exploring": 0.25},
    ]
    drawing = figures.draw_win_rate(history, 100)
    assert "greedy battles: 32" in drawing and "while exploring" in drawing and ">400<" in drawing
    low, high = figures.estimate_interval(0.5, 32)
    assert low == pytest.approx(0.336, abs=1e-3) and high == pytest.approx(0.664, abs=1e-3)  # Wilson, 1927
    assert figures.estimate_interval(0.0, 10)[0] == 0 and figures.estimate_interval(1.0, 10)[1] == 1


def test_letters_are_named_where_there_are_several_types():
    assert figures.describe_letters(find_scenario("3m")) == ""
    assert "zealot" in figures.describe_letters(find_scenario("2s3z"))
