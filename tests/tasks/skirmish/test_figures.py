"""The figures of a report on battles."""

import torch

from axone.tasks.skirmish import figures
from axone.tasks.skirmish.scenario_facts import restore_scenario
from tests.helpers.battles import build_tiny


def test_a_strip_after_each_epoch_and_films_and_players_at_the_end(monkeypatch):
    monkeypatch.setattr(figures, "COMPARED", 8)
    _settings, experiment = build_tiny()
    network, scenario = experiment.learner.network, restore_scenario(experiment.facts["scenario"])
    before = torch.get_rng_state()
    assert [figure.name for figure in figures.make_figures(network, scenario, 0, False)] == ["battle"]
    *drawn, table = figures.make_figures(network, scenario, 0, True)
    assert [figure.name for figure in drawn] == ["battle", "battle-1", "battle-2", "battle-3"]
    assert [row[0] for row in table.rows][2:] == ["heuristic player", "random actions"]
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert torch.equal(torch.get_rng_state(), before)
