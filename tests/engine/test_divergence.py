"""Losses that are not numbers: a warning, a skipped step, a rollback, and in the end a stop with exit code 6."""

import pytest
import torch
from torch import nn

from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.engine.loop import fit
from axone.engine.optimization.optimizer import Optimizer
from axone.engine.recorder import MemoryRecorder
from axone.engine.training import ROLLBACKS
from axone.errors import DivergedError
from axone.settings import Settings


class Numbers:
    """Batches of numbers, some of which may be spoilt: {(epoch, batch): value}."""

    samples = 40

    def __init__(self, bad_gradients=None):
        self.bad_gradients = bad_gradients or {}

    def __len__(self):
        return 10

    def batches(self, epoch, start=0):
        generator = torch.Generator().manual_seed(epoch)
        drawn = torch.randn(10, 4, 3, generator=generator)
        for number in range(start, 10):
            if (epoch, number + 1) in self.bad_gradients:
                drawn[number, 0, 0] = self.bad_gradients[epoch, number + 1]
            yield drawn[number]

    def to(self, device):
        return self

    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        pass


class Mean(Learner):
    """Learns to add three numbers; with a norm, a bad batch leaves its mark on the running means."""

    def __init__(self, settings, norm=False):
        self.network = nn.Sequential(*([nn.BatchNorm1d(3)] if norm else []), nn.Linear(3, 1))
        self.optimizer = Optimizer(self.network, settings)

    def train_step(self, batch):
        loss = (self.network(batch).squeeze(1) - batch.sum(1)).square().mean()
        self.optimizer.step(loss)
        return {"loss": loss.detach()}


def train(bad_gradients=None, norm=False, **settings):
    settings = Settings(**{"epochs": 3, "learning_rate": 0.01, **settings})
    torch.manual_seed(0)
    recorder = MemoryRecorder()
    outcome = fit(Experiment(Mean(settings, norm), Numbers(bad_gradients)), settings, recorder)
    return outcome, recorder


def kinds(recorder):
    return [event["kind"] for event in recorder.events if event["kind"] in ("warning", "rollback")]


def finite(recorder):
    return all(torch.isfinite(w).all() for slot in recorder.checkpoints.values() for w in slot[0].values())


def test_one_bad_batch_is_skipped_with_a_warning():
    outcome, recorder = train({(2, 4): float("nan")})
    assert kinds(recorder) == ["warning"]
    (warning,) = [event for event in recorder.events if event["kind"] == "warning"]
    assert (warning["epoch"], warning["batch"]) == (2, 4)
    assert outcome.progress.skipped == 1 and outcome.progress.step == 30
    assert all(entry["train"]["loss"] == entry["train"]["loss"] for entry in outcome.progress.history)
    assert finite(recorder)


def test_a_batch_that_spoils_a_norm_is_passed_over_after_a_rollback():
    outcome, recorder = train({(2, 4): float("inf")}, norm=True)
    assert kinds(recorder) == ["warning", "rollback"]
    assert outcome.progress.passed_over == [[2, 4]] and outcome.progress.rollbacks == 1
    assert outcome.progress.epoch == 4 and finite(recorder)


def test_a_loss_that_stays_bad_ends_with_exit_code_6():
    with pytest.raises(DivergedError) as caught:
        train({(epoch, number): float("nan") for epoch in (2, 3) for number in range(1, 11)})
    assert caught.value.exit_code == 6 and "--learning-rate" in caught.value.hint


def test_the_last_checkpoint_of_a_diverged_run_is_good(monkeypatch):
    monkeypatch.setattr("axone.engine.checkpointing.CheckpointSchedule.is_due", lambda self, within_epoch: True)
    settings = Settings(epochs=3, learning_rate=0.01)
    recorder = MemoryRecorder()
    bad_gradients = {(2, number): float("nan") for number in range(1, 11)}
    with pytest.raises(DivergedError):
        fit(Experiment(Mean(settings), Numbers(bad_gradients)), settings, recorder)
    assert kinds(recorder).count("rollback") == ROLLBACKS
    assert finite(recorder)
    assert recorder.checkpoints["last"][1]["progress"]["epoch"] == 2


class TooFast(Mean):
    """Overflows while its rate is above a quarter of the one in the settings."""

    def train_step(self, batch):
        loss = (self.network(batch).squeeze(1) - batch.sum(1)).square().mean()
        self.optimizer.step(loss * (float("inf") if self.optimizer.rate > 0.0026 else 1.0))
        return {"loss": loss.detach()}


def test_a_rate_too_high_is_halved_until_it_fits():
    settings = Settings(epochs=2, learning_rate=0.01)
    recorder = MemoryRecorder()
    outcome = fit(Experiment(TooFast(settings), Numbers()), settings, recorder)
    assert outcome.progress.rollbacks == kinds(recorder).count("rollback") == 2
    assert outcome.progress.history[-1]["learning_rate"] == pytest.approx(0.0025)
    assert outcome.progress.epoch == 3 and finite(recorder)
