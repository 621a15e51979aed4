"""The contract is general: two players, and a learner fed by play, pass through the same `fit`."""

import math
from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as binary_cross_entropy

from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.engine.loop import fit
from axone.engine.optimization.optimizer import Optimizer
from axone.engine.recorder import MemoryRecorder
from axone.errors import Stopped
from axone.settings import Settings
from tests.helpers.runs.stop_at import StopAt


class Points:
    """A data stream: points on a ring, drawn as a pure function of (seed, epoch)."""

    samples = 256

    def __init__(self, seed=0, batch_size=32):
        self.seed, self.batch_size = seed, batch_size

    def __len__(self):
        return self.samples // self.batch_size

    def batches(self, epoch, start=0):
        angles = (
            torch.rand(self.samples, generator=torch.Generator().manual_seed(self.seed * 1000 + epoch)) * 2 * math.pi
        )
        points = torch.stack([angles.cos(), angles.sin()], 1)
        for number in range(start, len(self)):
            yield points[number * self.batch_size : (number + 1) * self.batch_size]

    def to(self, device):
        return self

    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        assert state == {}


def dense(*sizes):
    layers = []
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers[:-1])


class TwoPlayers(Learner):
    """A GAN on two-dimensional points: a generator against a discriminator."""

    def __init__(self, settings):
        self.generator, self.discriminator = dense(4, 64, 64, 2), dense(2, 64, 64, 1)
        self.generator_optimizer = Optimizer(self.generator, settings, betas=(0.5, 0.99))
        self.discriminator_optimizer = Optimizer(self.discriminator, settings, betas=(0.5, 0.99))

    def train_step(self, real):
        fake = self.generator(torch.randn(len(real), 4))
        on_real, on_fake = self.discriminator(real), self.discriminator(fake.detach())
        loss = binary_cross_entropy(on_real, torch.ones_like(on_real)) + binary_cross_entropy(
            on_fake, torch.zeros_like(on_fake)
        )
        self.discriminator_optimizer.step(loss)
        answer = self.discriminator(fake)
        created = binary_cross_entropy(answer, torch.ones_like(answer))
        self.generator_optimizer.step(created)
        return {"loss": created.detach(), "discriminator_loss": loss.detach()}

    def eval_step(self, real):
        radius = self.generator(torch.randn(512, 4)).norm(dim=1)
        return {"loss": (radius - 1).abs().mean()}  # how far from the ring, which training never computes


class Corridors:
    """A world as a batch of tensors: 64 corridors of 7 cells, a reward at the right end. Play is the stream."""

    cells, steps = 7, 12
    samples = 64

    def __init__(self, policy):
        self.policy = policy
        self.generator = torch.Generator().manual_seed(3)
        self.position = torch.full((self.samples,), self.cells // 2)

    def __len__(self):
        return 20

    def batches(self, epoch, start=0):
        for _ in range(start, len(self)):
            seen, acted, rewarded = [], [], []
            for _ in range(self.steps):
                with torch.no_grad():
                    probabilities = self.policy(nn.functional.one_hot(self.position, self.cells).float()).softmax(1)
                action = torch.multinomial(probabilities, 1, generator=self.generator).squeeze(1)
                seen.append(self.position)
                acted.append(action)
                self.position = (self.position + 2 * action - 1).clamp(0, self.cells - 1)
                arrived = self.position == self.cells - 1
                rewarded.append(arrived.float())
                self.position = torch.where(arrived, self.cells // 2, self.position)
            yield torch.stack(seen, 1), torch.stack(acted, 1), torch.stack(rewarded, 1)

    def to(self, device):
        return self

    def state_dict(self):
        return {"position": self.position, "generator": self.generator.get_state()}

    def load_state_dict(self, state):
        self.position = state["position"]
        self.generator.set_state(state["generator"])


class PolicyGradient(Learner):
    """REINFORCE with the batch's mean return as baseline (Williams 1992)."""

    def __init__(self, settings):
        self.policy = dense(Corridors.cells, 32, 2)
        self.optimizer = Optimizer(self.policy, settings)

    def train_step(self, batch):
        seen, acted, rewarded = batch
        returns = rewarded.flip(1).cumsum(1).flip(1)
        logits = self.policy(nn.functional.one_hot(seen, Corridors.cells).float())
        chosen = logits.log_softmax(-1).gather(-1, acted[..., None]).squeeze(-1)
        loss = -(chosen * (returns - returns.mean(0))).mean()
        self.optimizer.step(loss)
        return {"loss": loss.detach(), "reward": rewarded.sum(1).mean()}


def two_players(settings):
    torch.manual_seed(settings.seed)
    return Experiment(TwoPlayers(settings), Points(), validation=Points(seed=1))


def player(settings):
    torch.manual_seed(settings.seed)
    learner = PolicyGradient(settings)
    return Experiment(learner, Corridors(learner.policy), monitor="reward", higher_is_better=True)


def test_two_players_learn_the_ring():
    settings = Settings(epochs=60, learning_rate=2e-3, ema=0.95)
    outcome = fit(two_players(settings), settings, MemoryRecorder())
    distances = [entry["validation"]["loss"] for entry in outcome.progress.history]
    assert distances[0] > 0.3
    assert min(distances) < 0.15


def test_a_learner_fed_by_play_learns():
    settings = Settings(epochs=8, learning_rate=1e-2)
    outcome = fit(player(settings), settings, MemoryRecorder())
    rewards = [entry["train"]["reward"] for entry in outcome.progress.history]
    # Straight to the right takes 3 steps, so 12 steps hold 4 rewards; a random walk gets under one.
    assert rewards[0] < 2.5
    assert rewards[-1] > 3.5


@pytest.mark.parametrize("make", [two_players, player])
@pytest.mark.parametrize("steps", [1, 7, 8, 9, 21, 40])
def test_stopped_and_resumed_is_the_same_to_the_bit(make, steps):
    settings = Settings(epochs=6, learning_rate=2e-3, ema=0.9, schedule="one-cycle", accumulate=3, gradient_clip=1.0)
    whole = MemoryRecorder()
    experiment = make(settings)
    fit(experiment, settings, whole)

    parts = MemoryRecorder()
    with pytest.raises(Stopped) as stopped:
        fit(make(settings), settings, parts, stop=StopAt(steps))
    assert stopped.value.exit_code == 130
    fit(make(settings), settings, parts, resume=True)

    for slot in ("last", "best"):
        expected, actual = whole.checkpoints[slot][0], parts.checkpoints[slot][0]
        assert expected.keys() == actual.keys()
        assert all(torch.equal(expected[name], actual[name]) for name in expected)
    ended, resumed = whole.checkpoints["last"][1], parts.checkpoints["last"][1]
    for state in (ended, resumed):  # the clock is the one thing that may differ
        state["progress"].pop("seconds")
        for entry in state["progress"]["history"]:
            entry.pop("seconds")
    assert ended["progress"] == resumed["progress"]
    assert torch.equal(ended["random"]["torch"], resumed["random"]["torch"])
