"""Shards: the same bits in one process and in several."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, multiprocessing, nn

from axone.data.images.stream import Batch as ImageBatch
from axone.engine.group import SingleProcess, tree_sum
from axone.engine.learner import Learner
from axone.engine.loop import fit
from axone.engine.optimization.optimizer import Optimizer
from axone.engine.recorder import MemoryRecorder
from axone.engine.shards import ShardedStep, split_batch
from axone.engine.training import Training
from axone.errors import SettingsError
from axone.settings import Settings, resolve
from axone.systems import gan
from tests.helpers.runs.sharded import experiment, train_in_group


class Batch(NamedTuple):
    inputs: Tensor
    targets: Tensor
    note: str


def test_a_batch_is_cut_into_consecutive_parts():
    batch = Batch(torch.arange(5), torch.arange(10).view(5, 2), "same for all")
    first, second = split_batch(batch, 5, 2)
    assert first.inputs.tolist() == [0, 1, 2] and second.inputs.tolist() == [3, 4]
    assert second.targets.tolist() == [[6, 7], [8, 9]] and first.note == second.note == "same for all"
    assert [part["x"].tolist() for part in split_batch({"x": torch.arange(4)}, 4, 2)] == [[0, 1], [2, 3]]


def test_sums_are_binary_trees():
    values = [torch.tensor(value) for value in (1.0, 2.0**24, 1.0, -(2.0**24))]
    assert tree_sum(values).item() == 1.0  # from left to right it would be 0
    assert SingleProcess().sum([[torch.ones(2)], [torch.ones(2)]])[0].tolist() == [2.0, 2.0]


def test_without_norms_and_random_numbers_shards_compute_the_gradient_of_the_batch():
    weights = []
    for shards in (1, 4):
        settings = Settings(epochs=2, batch_size=8, optimizer="sgd", learning_rate=0.1, shards=shards)
        recorder = MemoryRecorder()
        fit(experiment(settings, norms=False), settings, recorder)
        weights.append(recorder.checkpoints["last"][0])
    assert all(torch.allclose(value, weights[1][name], rtol=1e-4) for name, value in weights[0].items())
    assert any(not torch.equal(value, weights[1][name]) for name, value in weights[0].items())


def test_running_statistics_are_the_mean_of_the_shards():
    settings = Settings(epochs=1, batch_size=8, shards=2)
    new_experiment = experiment(settings, norms=True)
    training = Training(new_experiment, settings, MemoryRecorder(), torch.device("cpu"), torch.float32, stop=_never())
    batch = next(iter(new_experiment.train.batches(1)))
    assert training.sharded is not None
    norm = next(m for m in new_experiment.learner.network.modules() if isinstance(m, nn.BatchNorm1d))
    first = new_experiment.learner.network[0](batch[0]).detach()
    with new_experiment.learner.training():
        training.sharded.run(batch, 1, 0)
    expected = 0.1 * (first[:4].mean(0) + first[4:].mean(0)) / 2
    assert torch.allclose(norm.running_mean, expected, atol=1e-6) and int(norm.num_batches_tracked) == 1


def _never():
    from axone.engine.interrupt import StopFlag

    return StopFlag()


class TwoSteps(Learner):
    """Two optimizers, the second of which uses what the first has just changed."""

    def __init__(self, settings):
        self.network, self.other = nn.Linear(2, 1), nn.Linear(1, 1)
        self.optimizer, self.second = Optimizer(self.network, settings), Optimizer(self.other, settings)

    def train_step(self, batch):
        loss = self.network(batch).square().mean()
        self.optimizer.step(loss)
        self.second.step((self.other(self.network(batch).detach()) - 1).square().mean())
        return {"loss": loss.detach()}


def test_the_second_step_of_a_batch_sees_the_weights_after_the_first():
    results = []
    for shards in (1, 2):
        torch.manual_seed(0)
        settings = Settings(optimizer="sgd", learning_rate=0.1, shards=shards)
        learner = TwoSteps(settings)
        learner.prepare(learner.context)
        sharded = ShardedStep(learner, shards, SingleProcess(), 0) if shards > 1 else None
        for number in range(5):
            batch = torch.randn(8, 2, generator=torch.Generator().manual_seed(number))
            if sharded is None:
                learner.train_step(batch)
            else:
                sharded.run(batch, 1, number)
        results.append(learner.weights())
    assert all(torch.allclose(value, results[1][name], rtol=1e-4) for name, value in results[0].items())


def test_networks_with_batch_norms_that_are_trained_against_each_other():
    """The generator's graph is used again after the discriminator's step, when other shards have run."""
    settings = resolve(gan.Settings, {"shards": 2, "width": 4})
    networks = [build(settings, gan.EXAMPLE_FACTS) for build in (gan.model, gan.discriminator)]
    learner = gan.GanLearner(settings, *networks)
    learner.prepare(learner.context)
    batch = ImageBatch(torch.rand(8, 1, 28, 28), torch.arange(8), torch.arange(8))
    before = [[parameter.clone() for parameter in network.parameters()] for network in networks]
    with learner.training():
        metrics = ShardedStep(learner, 2, SingleProcess(), 0).run(batch, 1, 0)
    assert all(bool(torch.isfinite(value)) for value in metrics.values())
    for network, parameters in zip(networks, before):
        assert not all(torch.equal(old, new) for old, new in zip(parameters, network.parameters(), strict=True))


def test_a_failing_shard_fails_the_batch_and_leaves_no_thread():
    class Fails(TwoSteps):
        def train_step(self, batch):
            if (batch > 3).any():
                raise RuntimeError("too large")
            return super().train_step(batch)

    learner = Fails(Settings(shards=2))
    learner.prepare(learner.context)
    sharded = ShardedStep(learner, 2, SingleProcess(), 0)
    with pytest.raises(RuntimeError, match="too large"):
        sharded.run(torch.tensor([[0.0, 1.0], [2.0, 4.0]]), 1, 0)
    sharded.run(torch.zeros(2, 2), 1, 1)


def test_a_batch_smaller_than_its_shards_is_an_error():
    learner = TwoSteps(Settings(shards=4))
    learner.prepare(learner.context)
    with pytest.raises(SettingsError, match="shards cannot be '4'"):
        ShardedStep(learner, 4, SingleProcess(), 0).run(torch.zeros(2, 2), 1, 0)


def sha256(weights):
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(weights[name].contiguous().numpy().tobytes())
    return digest.hexdigest()


def test_cnn_in_one_process_and_on_two_has_the_same_bits(tmp_path):
    whole = train_in_group(None)
    multiprocessing.spawn(train_in_group, args=(2, str(tmp_path)), nprocs=2)
    halves = [torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(2)]
    assert sha256(halves[0]) == sha256(halves[1]) == sha256(whole)
