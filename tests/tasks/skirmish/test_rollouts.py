"""The stream of rollouts: what it holds, and resuming in the middle of battles."""

import pytest
import torch

from axone.play.skirmish.battle import RUNNING
from tests.helpers.battles import build_tiny


def test_a_rollout_has_the_steps_of_all_battles():
    _settings, experiment = build_tiny()
    stream = experiment.train
    assert stream.samples == 2 * 8 * 6 and len(stream) == 2
    rollout = stream.play()
    assert rollout.actions.shape == rollout.log_probabilities.shape == (8, 6, 3)
    assert rollout.values.shape == rollout.next_values.shape == (8, 6, 1)
    assert torch.equal(rollout.values[1:][~rollout.terminated[:-1]], rollout.next_values[:-1][~rollout.terminated[:-1]])
    chosen = rollout.situations.legal.gather(3, rollout.actions[..., None])
    assert chosen.all() and rollout.situations.observations.shape[:3] == (8, 6, 3)


@pytest.mark.parametrize(("changes", "values"), [({"critic": "independent"}, 6), ({}, 2)])
def test_in_self_play_values_are_of_each_unit_or_of_each_team(changes, values):
    _settings, experiment = build_tiny(opponent="self", **changes)
    rollout = experiment.train.play()
    assert rollout.values.shape == (8, 6, values) and rollout.actions.shape == (8, 6, 6)


def test_after_a_step_limit_the_value_of_what_would_have_followed_is_estimated():
    _settings, experiment = build_tiny(step_limit=5)
    stream, learner = experiment.train, experiment.learner
    rollout = stream.play()
    assert rollout.truncated[4].all() and not rollout.terminated.any() and len(rollout.results) == 6
    assert (rollout.results != RUNNING).all()
    assert not torch.equal(rollout.next_values[4], rollout.values[5])  # that of a new battle
    assert torch.equal(rollout.next_values[3], rollout.values[4])
    with learner.acting():
        last = learner.estimate_values(stream.battles.situation, stream.memory)
    assert torch.equal(rollout.next_values[-1], last)


@pytest.mark.parametrize("changes", [{}, {"cell": "gru", "critic": "independent"}])
def test_a_stream_resumes_in_the_middle_of_battles_to_the_bit(changes):
    _settings, experiment = build_tiny(**changes)
    stream = experiment.train
    stream.play()
    assert (stream.battles.state["steps"] > 0).all()
    saved, random = stream.state_dict(), torch.get_rng_state()
    expected = stream.play()
    _settings, other = build_tiny(**{**changes, "seed": 5})
    other.learner.load_weights(experiment.learner.weights())
    other.train.load_state_dict(saved)
    torch.set_rng_state(random)
    rollout = other.train.play()
    for name in ("actions", "values", "rewards", "log_probabilities"):
        assert torch.equal(getattr(rollout, name), getattr(expected, name)), name
