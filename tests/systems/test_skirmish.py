"""Skirmishes: the equations, what a training step changes, and resuming in the middle of battles."""

import pytest
import torch

import axone
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.errors import Stopped, UsageError
from axone.systems import skirmish
from axone.tasks.skirmish.policy import masked, respond
from tests.helpers.battles import build_tiny
from tests.helpers.runs.stop_at import StopAt


@pytest.fixture(autouse=True)
def _without_figures(monkeypatch):
    """Figures play battles of their own, which takes longer than these trainings."""
    monkeypatch.setattr(skirmish, "make_figures", lambda *_arguments: ())


@pytest.mark.parametrize("changes", [{}, {"critic": "independent"}, {"cell": "gru"}])
def test_dead_units_are_left_out_of_the_policy_loss(changes):
    _settings, experiment = build_tiny(passes=1, batch_size=1000, **changes)
    learner, rollout = experiment.learner, experiment.train.play()
    rollout.situations.observations[:, :, 1] = 0  # unit 1 is dead
    losses = []

    def step(loss):
        losses.append(loss.detach())

    learner.optimizer.step = step
    learner.update_critic = lambda batch: {}
    for value in (0.0, 100.0):
        rollout.log_probabilities[:, :, 1] = -value
        learner.train_step(rollout)
    assert torch.allclose(losses[0], losses[1], atol=1e-5)
    rollout.log_probabilities[:, :, 0] = -3.0
    learner.train_step(rollout)
    assert not torch.allclose(losses[0], losses[2], atol=1e-5)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_sequences_have_the_same_outputs_as_steps(cell):
    settings, experiment = build_tiny(cell=cell, critic="independent", step_limit=5, copies=3)
    learner, stream = experiment.learner, experiment.train
    stream.play()  # so that the memory at the start is not zero
    rollout = stream.play()
    assert rollout.ended.any() and not rollout.ended[-1].any()
    batch = {name: values.transpose(0, 1) for name, values in rollout.situations._asdict().items()}
    batch |= {"ended": rollout.ended.T, **rollout.memory}
    learner.network.eval()
    outputs = learner.respond_to_sequences(batch)
    assert torch.allclose(outputs["value"].squeeze(-1).transpose(0, 1), rollout.values, atol=1e-5)
    policy = masked(outputs["policy"], batch["legal"])
    drawn = policy.log_probability(rollout.actions.transpose(0, 1)).transpose(0, 1)
    assert torch.allclose(drawn, rollout.log_probabilities, atol=1e-5)
    assert settings.hidden == 4


def test_the_first_policy_is_nearly_uniform_over_the_legal_actions():
    _settings, experiment = build_tiny()
    outputs, _memory = respond(experiment.learner.network, experiment.train.battles.situation.observations, {})
    assert outputs["policy"].abs().max() < 0.1


@pytest.mark.parametrize("changes", [{}, {"cell": "gru"}, {"critic": "independent", "opponent": "self"}])
@pytest.mark.parametrize("steps", [1, 3])
def test_a_training_resumes_in_the_middle_of_battles_to_the_bit(changes, steps):
    settings, experiment = build_tiny(**changes)
    whole = MemoryRecorder()
    fit(experiment, settings, whole)
    parts = MemoryRecorder()
    with pytest.raises(Stopped):
        fit(build_tiny(**changes)[1], settings, parts, stop=StopAt(steps))
    torch.manual_seed(99)
    fit(build_tiny(**changes)[1], settings, parts, resume=True)
    expected, actual = whole.checkpoints["last"][0], parts.checkpoints["last"][0]
    assert expected.keys() == actual.keys()
    assert all(torch.equal(expected[name], actual[name]) for name in expected)


def test_metrics_of_greedy_battles_and_of_exploring_ones_are_apart():
    settings, experiment = build_tiny(steps=40, epochs=1)
    outcome = fit(experiment, settings, MemoryRecorder())
    (entry,) = outcome.progress.history
    assert {"win_rate", "draw_rate", "unfinished_rate", "return", "episode_length"} <= entry["validation"].keys()
    assert {"exploring_win_rate", "exploring_draw_rate", "entropy", "clipped_share"} <= entry["train"].keys()
    assert "win_rate" not in entry["train"]


def test_an_unknown_scenario_is_refused_before_a_run_is_created(tmp_path):
    with pytest.raises(UsageError, match="Did you mean '2s3z'"):
        axone.train("skirmish", scenario="2s4z", runs_folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_network_with_memory_has_no_answer_to_a_single_observation():
    settings, experiment = build_tiny(cell="gru")
    with pytest.raises(UsageError, match="has a memory"):
        skirmish.answering(experiment.learner.network, settings, experiment.facts)


def test_a_centralized_critic_is_no_part_of_the_network_that_acts():
    _settings, experiment = build_tiny()
    learner = experiment.learner
    assert learner.networks.keys() == {"network", "critic"}
    assert list(learner.network.output_names) == ["policy"]
    _settings, experiment = build_tiny(critic="independent")
    assert experiment.learner.networks.keys() == {"network"}
    assert set(experiment.learner.network.output_names) == {"policy", "value"}


def test_units_learn_to_win():
    settings, experiment = build_tiny(
        copies=32, steps=32, rollouts=15, epochs=2, batch_size=256, units=(32,), battles=64, learning_rate=5e-3,
        schedule="constant",
    )  # fmt: skip
    outcome = fit(experiment, settings, MemoryRecorder())
    rates = [entry["train"]["exploring_win_rate"] for entry in outcome.progress.history]
    assert rates[1] > rates[0] and rates[1] > 0.2
