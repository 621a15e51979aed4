"""How a network commands units: masks, and memory that ends with a battle."""

import torch

from axone.systems import skirmish
from axone.tasks.skirmish.policy import UnitPolicy, initial_memory, masked, reset_where, respond
from tests.helpers.battles import build_tiny


def test_illegal_actions_have_no_probability():
    legal = torch.tensor([[True, False, True], [False, True, False]])
    policy = masked(torch.tensor([[1.0, 50.0, 1.0], [0.0, -9.0, 99.0]]), legal)
    assert torch.allclose(policy.logarithms.exp(), torch.tensor([[0.5, 0, 0.5], [0, 1, 0]]))
    assert {tuple(policy.sample().tolist()) for _draw in range(50)} == {(0, 1), (2, 1)}
    assert torch.isfinite(policy.entropy()).all()


def test_a_network_without_memory_answers_for_each_unit_alone():
    _settings, experiment = build_tiny()
    network, battles = experiment.learner.network, experiment.train.battles
    outputs, memory = respond(network, battles.situation.observations, {})
    alone, _memory = respond(network, battles.situation.observations[2:3, 1:2], {})
    assert memory == {} and torch.allclose(outputs["policy"][2:3, 1:2], alone["policy"], atol=1e-6)


def test_the_memory_is_that_of_each_unit_and_is_reset_where_a_battle_ended():
    settings, experiment = build_tiny(cell="gru")
    network, battles = experiment.learner.network, experiment.train.battles
    memory = initial_memory(network, 6, 3)
    assert {name: part.shape for name, part in memory.items()} == {"hidden": (6, 3, 1, settings.hidden)}
    _outputs, after = respond(network, battles.situation.observations, memory)
    assert (after["hidden"] != 0).any()
    reset = reset_where(torch.arange(6) == 4, after)
    assert (reset["hidden"][4] == 0).all() and torch.equal(reset["hidden"][:4], after["hidden"][:4])


def test_the_exported_policy_returns_probabilities():
    settings, experiment = build_tiny()
    module = skirmish.answering(experiment.learner.network, settings, experiment.facts)
    legal = torch.tensor([[False] * 4 + [True] * 4])
    probabilities = module(torch.rand(1, *experiment.facts["input"]), legal)
    assert isinstance(module, UnitPolicy) and probabilities.shape == (1, 8)
    assert torch.allclose(probabilities.sum(), torch.tensor(1.0)) and (probabilities[:, :4] == 0).all()
