"""PPO: its equations, that it learns small worlds of every kind, that it resumes to the bit, and what it refuses."""

import json

import pytest
import torch

from axone.engine.context import BuildContext
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.errors import DataError, Stopped, UsageError
from axone.play.worlds import registry
from axone.settings import resolve
from axone.systems import ppo
from axone.tasks.control.networks.optimizer import MemberOptimizer
from tests.helpers.runs.stop_at import StopAt

SMALL = {
    "seeds": 2, "copies": 8, "steps": 8, "rollouts": 2, "epochs": 3, "units": (8,), "batch_size": 32, "passes": 2,
    "episodes": 3, "test_episodes": 2, "threads": 1,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _small_worlds(monkeypatch):
    for name in ("Corridor", "Target", "Memory", "Broken"):
        monkeypatch.setitem(registry.WORLDS, name.lower(), f"tests.helpers.control_worlds:{name}")


def make(world, **changes):
    settings = resolve(ppo.Settings, {**SMALL, "world": world, **changes})
    torch.manual_seed(settings.seed)
    return settings, ppo.build(settings, BuildContext())


def train(world, **changes):
    settings, experiment = make(world, **changes)
    recorder = MemoryRecorder()
    return experiment, fit(experiment, settings, recorder), recorder


def test_the_loss_is_clipped_where_the_ratio_has_left_its_range():
    _settings, experiment = make("corridor", seeds=1, value_weight=0.0)
    learner = experiment.learner
    observations, actions = torch.rand(1, 4, 2), torch.tensor([[0, 1, 0, 1]])
    distribution, _values, _memory = learner.respond(observations, {})
    now = distribution.log_probability(actions).detach()
    ratios, advantages = torch.tensor([[1.5, 0.5, 1.5, 1.0]]), torch.tensor([[1.0, -1.0, -1.0, 2.0]])
    batch = {
        "observations": observations, "actions": actions, "advantages": advantages, "returns": torch.zeros(1, 4),
        "log_probabilities": now - ratios.log(),
    }  # fmt: skip
    loss, metrics = learner.compute_loss(batch, 0.2)
    # Two ratios are clipped (1.2 and 0.8), one that makes the loss worse is not, one is within the range.
    assert float(loss.detach()) == pytest.approx(-(1.2 - 0.8 - 1.5 + 2.0) / 4, abs=1e-5)
    assert float(metrics["clipped_share"]) == 0.75


def test_gradients_are_clipped_for_each_policy():
    settings, experiment = make("corridor", gradient_clip=0.5, optimizer="sgd")
    network = experiment.learner.network
    optimizer = MemberOptimizer(network, settings)
    optimizer.prepare(torch.device("cpu"), 1)
    factors = torch.tensor([1.0, 1000.0])
    for parameter in network.parameters():
        parameter.grad = torch.full_like(parameter, 1e-3) * factors.view(-1, *[1] * (parameter.ndim - 1))
    optimizer.clip_gradients(torch.ones(()))
    norms = torch.stack([parameter.grad.flatten(1).norm(dim=1) for parameter in network.parameters()]).norm(dim=0)
    assert float(norms[1]) == pytest.approx(0.5, rel=1e-4) and float(norms[0]) < 0.1
    assert all(float(parameter.grad[0].max()) == pytest.approx(1e-3) for parameter in network.parameters())


@pytest.mark.parametrize(
    ("world", "changes", "least"),
    [
        ("corridor", {"epochs": 4, "rollouts": 4, "learning_rate": 0.02}, 0.99),
        ("target", {"epochs": 4, "rollouts": 20, "learning_rate": 0.05, "normalize": True, "gamma": 0.0}, -0.3),
        ("memory", {"cell": "gru", "hidden": 8, "epochs": 4, "rollouts": 6, "learning_rate": 0.03, "copies": 16,
                    "steps": 6, "passes": 4, "batch_size": 48}, 0.99),
    ],
    ids=["choices", "real-numbers", "memory"],
)  # fmt: skip
def test_it_learns(world, changes, least):
    _experiment, outcome, _recorder = train(world, **changes)
    assert outcome.test["return"] > least
    assert outcome.test["lowest_return"] <= outcome.test["return"] <= outcome.test["highest_return"]


def test_without_memory_the_bit_is_not_known():
    _experiment, outcome, _recorder = train("memory", epochs=2)
    assert outcome.test["return"] < 0.9


@pytest.mark.parametrize("readings", [1, 3, 5])
@pytest.mark.parametrize("changes", [{}, {"cell": "lstm", "hidden": 4}, {"normalize": True}], ids=str)
def test_a_run_resumes_to_the_bit_in_the_middle_of_episodes(changes, readings):
    _experiment, _outcome, whole = train("corridor", **changes)
    parts = MemoryRecorder()
    settings, experiment = make("corridor", **changes)
    with pytest.raises(Stopped):  # within an epoch, in an evaluation, and after some
        fit(experiment, settings, parts, stop=StopAt(readings))
    _settings, experiment = make("corridor", **changes, seed=0)
    fit(experiment, settings, parts, resume=True)
    for slot in ("last", "best"):
        expected, actual = whole.checkpoints[slot][0], parts.checkpoints[slot][0]
        assert all(torch.equal(expected[name], actual[name]) for name in expected)
    ended, resumed = whole.checkpoints["last"][1], parts.checkpoints["last"][1]
    assert ended["learner"]["history"] == resumed["learner"]["history"]
    assert torch.equal(ended["random"]["torch"], resumed["random"]["torch"])
    state, again = ended["stream"]["worlds"]["worlds"]["state"], resumed["stream"]["worlds"]["worlds"]["state"]
    assert all(torch.equal(state[name], again[name]) for name in state)


def test_the_policy_that_is_used_is_the_best_one():
    experiment, outcome, recorder = train("corridor", epochs=2)
    network = experiment.learner.network
    best = max(range(2), key=lambda number: experiment.learner.history[-1]["returns"][number])
    assert outcome.validation["best_return"] == outcome.validation["highest_return"]
    observations = torch.rand(5, 2)
    answer = ppo.answering(network, ppo.Settings(**SMALL), experiment.facts)
    probabilities, values = answer(observations)
    outputs = network(observations.expand(2, 5, 2))
    torch.testing.assert_close(probabilities, outputs["policy"][int(network.best)].softmax(-1))
    torch.testing.assert_close(values, outputs["value"][int(network.best), :, 0])
    assert best in (0, 1) and {figure.name for figure, _epoch in recorder.figures} >= {"returns", "episode", "film"}


@pytest.mark.parametrize("changes", [{}, {"cell": "gru", "hidden": 4}], ids=str)
def test_prediction_and_play(changes):
    settings, experiment = make("corridor", **changes)
    network, facts = experiment.learner.network.eval(), experiment.facts
    inputs, single = ppo.read_inputs(["0.5, 0", "0.5 1", "1"], facts)
    first, _second, wrong = ppo.predict(network, settings, facts, inputs)
    assert not single and sum(first.probabilities.values()) == pytest.approx(1) and first.action in ("left", "right")
    assert isinstance(wrong, DataError) and wrong.expected == "expected 2 numbers"
    assert json.dumps(first.to_json()) and "value" in first.text()
    session = ppo.play(network, settings, facts, seed=1, options=ppo.PlayOptions(explore=True))
    while not session.finished:
        session.advance()
    assert session.to_json()["steps"] == session.text().count("step") * session.to_json()["steps"] > 0
    assert session.files()[".gif"].startswith(b"GIF")


def test_play_refuses_a_world_of_other_spaces():
    settings, experiment = make("corridor")
    with pytest.raises(UsageError, match="does not fit the world 'cart_pole'"):
        options = ppo.PlayOptions(world="cart_pole")
        ppo.play(experiment.learner.network, settings, experiment.facts, seed=0, options=options)


def test_an_unknown_world_is_a_usage_error_with_the_nearest_name():
    with pytest.raises(UsageError, match="no world 'cart_pol'") as error:
        ppo.complete(resolve(ppo.Settings, {"world": "cart_pol"}), BuildContext())
    assert error.value.exit_code == 2


def test_a_world_that_returns_nan_stops_the_training():
    with pytest.raises(DataError, match="'broken' returned a reward that is not finite") as error:
        train("broken")
    assert error.value.exit_code == 3


def test_settings_of_a_world_are_used_unless_others_were_set():
    settings = ppo.complete(resolve(ppo.Settings, {"world": "pendulum", "gamma": 0.5}), BuildContext())
    assert settings.gamma == 0.5 and settings.normalize and settings.copies != ppo.Settings().copies
    assert ppo.complete(resolve(ppo.Settings, {}), BuildContext()) == ppo.Settings()
