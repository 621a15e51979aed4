"""DQN and PQN: their equations, that they learn small worlds, that they resume to the bit, and what they refuse."""

import json

import pytest
import torch

from axone.engine.context import BuildContext
from axone.engine.loop import fit
from axone.engine.recorder import MemoryRecorder
from axone.errors import DataError, Stopped, UsageError
from axone.play.worlds import registry
from axone.settings import resolve
from axone.systems import dqn
from axone.tasks.control.experience.replay import Transitions
from tests.helpers.runs.stop_at import StopAt

SMALL = {
    "seeds": 2, "copies": 8, "steps": 8, "rollouts": 2, "epochs": 3, "units": (8,), "batch_size": 16, "updates": 3,
    "replay": 200, "start": 50, "target_every": 4, "episodes": 3, "test_episodes": 2, "threads": 1,
}  # fmt: skip
PQN = {"preset": "pqn", **SMALL, "replay": 0, "passes": 2}

# A detour of two steps must be worth clearly less than the straight way.
LEARNS = {
    "epochs": 5, "rollouts": 4, "updates": 20, "learning_rate": 3e-3, "target_every": 30, "replay": 2000, "gamma": 0.8,
    "exploration": 0.6,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _small_worlds(monkeypatch):
    for name in ("Corridor", "Target", "Broken"):
        monkeypatch.setitem(registry.WORLDS, name.lower(), f"tests.helpers.control_worlds:{name}")


def make(world, **changes):
    settings = resolve(dqn.Settings, {**SMALL, "world": world, **changes})
    torch.manual_seed(settings.seed)
    return settings, dqn.build(settings, BuildContext())


def train(world, **changes):
    settings, experiment = make(world, **changes)
    recorder = MemoryRecorder()
    return experiment, fit(experiment, settings, recorder), recorder


@pytest.mark.parametrize("double", [True, False])
def test_the_target_is_evaluated_by_the_target_network(double):
    _settings, experiment = make("corridor", seeds=1, double=double)
    learner = experiment.learner
    torch.nn.init.normal_(learner.target.copy.ensemble.network.get_submodule("advantage").weight)
    observations, following = torch.rand(1, 5, 2), torch.rand(1, 5, 2)
    batch = Transitions(observations, torch.tensor([[0, 1, 0, 1, 1]]), torch.arange(5.0)[None],
                        torch.tensor([[0.9, 0.9, 0.0, 0.9, 0.9]]), following)  # fmt: skip
    errors, loss, _metrics = learner.compute_loss(batch, torch.ones(1, 5))
    own, other = learner.q_values(learner.network, following)[0], learner.q_values(learner.target, following)[0]
    now = learner.q_values(learner.network, observations)[0]
    expected = []
    for number in range(5):
        action = int((own if double else other)[number].argmax())
        target = float(batch.rewards[0, number] + batch.discounts[0, number] * other[number, action])
        expected.append(target - float(now[number, batch.actions[0, number]].detach()))
    assert errors[0].tolist() == pytest.approx(expected, abs=1e-5)
    huber = [0.5 * error**2 if abs(error) < 1 else abs(error) - 0.5 for error in expected]
    assert float(loss.detach()) == pytest.approx(sum(huber) / 5, abs=1e-5)


def test_advantages_are_relative_to_their_mean():
    _settings, experiment = make("corridor")
    network = experiment.learner.network
    observations = torch.rand(2, 4, 2)
    values = experiment.learner.q_values(network, observations)
    torch.testing.assert_close(values.mean(-1), network(observations)["value"].squeeze(-1))


def test_random_actions_become_rare():
    _settings, experiment = make("corridor", exploration=0.5)
    learner = experiment.learner
    learner.context = type(learner.context)(torch.device("cpu"), torch.float32, 100)
    shares = []
    for seen in (0, 25, 50, 100):
        learner.batches_seen = seen
        shares.append(learner.epsilon)
    assert shares == pytest.approx([1.0, 0.52, 0.04, 0.04])


@pytest.mark.parametrize(
    ("changes", "least"),
    [
        (LEARNS, 0.99),
        ({**LEARNS, "priority": 0.0, "double": False, "dueling": False, "lookahead": 1, "normalization": True}, 0.99),
        ({**PQN, "gamma": 0.8, "epochs": 6, "rollouts": 4, "learning_rate": 0.01}, 0.99),
    ],
    ids=["default", "plain", "pqn"],
)  # fmt: skip
def test_it_learns(changes, least):
    _experiment, outcome, _recorder = train("corridor", **changes)
    assert outcome.test["return"] > least


@pytest.mark.parametrize("readings", [1, 3, 5])
@pytest.mark.parametrize("changes", [{}, PQN], ids=["dqn", "pqn"])
def test_a_run_resumes_to_the_bit_in_the_middle_of_episodes(changes, readings):
    _experiment, _outcome, whole = train("corridor", **changes)
    parts = MemoryRecorder()
    settings, experiment = make("corridor", **changes)
    with pytest.raises(Stopped):
        fit(experiment, settings, parts, stop=StopAt(readings))
    _settings, experiment = make("corridor", **changes)
    fit(experiment, settings, parts, resume=True)
    for slot in ("last", "best"):
        expected, actual = whole.checkpoints[slot][0], parts.checkpoints[slot][0]
        assert all(torch.equal(expected[name], actual[name]) for name in expected)
    ended, resumed = whole.checkpoints["last"][1], parts.checkpoints["last"][1]
    assert ended["learner"]["history"] == resumed["learner"]["history"]
    if not changes:
        memory, again = ended["learner"]["replay"], resumed["learner"]["replay"]
        assert int(memory["count"].min()) > 100 and all(torch.equal(memory[name], again[name]) for name in memory)


def test_prediction_and_play():
    settings, experiment = make("corridor")
    network, facts = experiment.learner.network.eval(), experiment.facts
    (first,) = dqn.predict(network, settings, facts, ["0.5, 0"])
    assert set(first.probabilities.values()) == {0.0, 1.0} and json.dumps(first.to_json())
    values = experiment.learner.q_values(network, torch.tensor([0.5, 0.0]).expand(2, 1, 2))[int(network.best), 0]
    assert first.value == pytest.approx(float(values.max())) and first.action == ("left", "right")[values.argmax()]
    session = dqn.play(network, settings, facts, seed=1, options=dqn.PlayOptions())
    while not session.finished:
        session.advance()
    assert session.files()[".gif"].startswith(b"GIF")


def test_pixels_are_read_by_convolutions():
    _settings, experiment = make("breakout", replay=500, episode_steps=100)
    batch = next(experiment.train.batches(1))
    assert batch.observations.ndim == 6
    assert "value" in experiment.learner.network(batch.observations[0])


def test_what_is_refused():
    with pytest.raises(UsageError, match="actions of 'target' are real numbers") as error:
        dqn.complete(resolve(dqn.Settings, {**SMALL, "world": "target"}), BuildContext())
    assert error.value.exit_code == 2 and error.value.hint == "type: axone train ppo --world target"
    with pytest.raises(UsageError, match="replay memory \\(50\\) is smaller than a rollout \\(64\\)"):
        dqn.complete(resolve(dqn.Settings, {**SMALL, "replay": 50}), BuildContext())
    with pytest.raises(DataError, match="not finite"):
        train("broken")
