"""Which epoch remains, and the postprocessing: from the best weights, saved with them, again after a resume."""

import pytest
import torch
from torch import nn

from axone.engine.experiment import Experiment
from axone.engine.interrupt import StopFlag
from axone.engine.learner import Learner
from axone.engine.loop import fit
from axone.engine.optimization.optimizer import Optimizer
from axone.engine.recorder import MemoryRecorder
from axone.errors import Stopped
from axone.settings import Settings


class Shifted(nn.Module):
    """y = w x, and after training also + shift."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.register_buffer("shift", torch.zeros(()))

    def forward(self, x):
        return self.weight * x + self.shift


class Fitting(Learner):
    def __init__(self, settings):
        self.network = Shifted()
        self.optimizer = Optimizer(self.network, settings)

    def train_step(self, batch):
        loss = (self.network(batch[0]) - batch[1]).square().mean()
        self.optimizer.step(loss)
        return {"loss": loss.detach()}

    def eval_step(self, batch):
        return {"loss": (self.network(batch[0]) - batch[1]).square().mean()}


class Line:
    """y = 2 x + 1, a few batches of it."""

    samples = 12

    def __len__(self):
        return 3

    def batches(self, epoch, start=0):
        for number in range(start, 3):
            x = torch.arange(4.0) + number - 1.5
            yield x, 2 * x + 1

    def to(self, device):
        return self

    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        pass


def experiment(settings, finish):
    return Experiment(Fitting(settings), Line(), validation=Line(), test=Line(), fit_postprocessing=finish)


def shift(experiment, ending):
    """Fit the best shift for the current weight; the network must be in evaluation mode."""
    network = experiment.learner.network
    assert not network.training and torch.is_inference_mode_enabled() and ending.seconds >= 0
    ending.progress("shifting")
    network.shift.fill_(0)
    errors = [(y - network(x)).mean() for x, y in experiment.train.batches(1)]
    network.shift.copy_(torch.stack(errors).mean())
    ending.progress("shifting", 1, 1)


@pytest.mark.parametrize("changes", [{"epochs": 3}, {"epochs": 3, "ema": 0.5}, {"epochs": 1, "ema": 0.9}])
def test_it_is_fitted_to_the_best_weights_and_saved_with_them(changes):
    settings = Settings(learning_rate=0.02, **changes)
    recorder, new_experiment = MemoryRecorder(), experiment(settings, shift)
    outcome = fit(new_experiment, settings, recorder)
    best, _state = recorder.load_checkpoint("best")
    network = new_experiment.learner.network
    assert best["network.shift"] == network.shift and network.shift.abs() > 0.1
    assert recorder.checkpoints["last"][0]["network.shift"] == 0
    # What is measured at the end is the whole: less wrong than the best epoch was.
    assert outcome.validation == outcome.test and outcome.test["loss"] < -outcome.progress.best[0]
    assert next(event["done"] for event in recorder.events if event["kind"] == "progress") == 0


def test_a_resumed_run_fits_it_again():
    settings = Settings(learning_rate=0.02, epochs=2)
    whole = MemoryRecorder()
    fit(experiment(Settings(learning_rate=0.02, epochs=4), shift), Settings(learning_rate=0.02, epochs=4), whole)
    recorder = MemoryRecorder()
    fit(experiment(settings, shift), settings, recorder)
    longer = Settings(learning_rate=0.02, epochs=4)
    fit(experiment(longer, shift), longer, recorder, resume=True)
    for slot in ("best", "last"):
        one, other = whole.checkpoints[slot][0], recorder.checkpoints[slot][0]
        assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_stop_meanwhile_loses_nothing():
    settings, flag = Settings(learning_rate=0.02, epochs=2), StopFlag()

    def stopping(stopped_experiment, ending):
        flag.request("test")
        shift(stopped_experiment, ending)

    recorder, whole = MemoryRecorder(), MemoryRecorder()
    with pytest.raises(Stopped):
        fit(experiment(settings, stopping), settings, recorder, stop=flag)
    assert recorder.checkpoints["best"][0]["network.shift"] == 0
    fit(experiment(settings, shift), settings, recorder, resume=True)
    fit(experiment(settings, shift), settings, whole)
    assert recorder.checkpoints["best"][0]["network.shift"] == whole.checkpoints["best"][0]["network.shift"] != 0


def test_without_epochs_there_is_still_something_to_learn():
    class Free(Settings):
        epochs: int = 0

    recorder = MemoryRecorder()
    outcome = fit(experiment(Free(), shift), Free(), recorder)
    assert outcome.progress.step == 0 and outcome.progress.history == []
    assert recorder.checkpoints["best"][0]["network.shift"] == 2  # the mean of (2 x + 1) - x, where x is 1 on average
    assert outcome.test["loss"] == outcome.validation["loss"]


def overshoot(epochs, patience=0):
    """Return a training without validation whose loss is lowest after its first epochs, and its settings."""
    settings = Settings(learning_rate=0.3, optimizer="sgd", epochs=epochs, patience=patience)
    return Experiment(Fitting(settings), Line(), test=Line(), without_validation="last"), settings


def test_without_validation_the_last_epoch_is_kept_whatever_its_training_loss_is():
    recorder = MemoryRecorder()
    new_experiment, settings = overshoot(4)
    outcome = fit(new_experiment, settings, recorder)
    assert outcome.progress.best_epoch == 4 and not any(entry["best"] for entry in outcome.progress.history)
    best, last = (recorder.checkpoints[slot][0] for slot in ("best", "last"))
    assert torch.equal(best["network.weight"], last["network.weight"])
    (event,) = (event for event in recorder.events if event["kind"] == "best_epoch")
    assert event["epoch"] == 4 and event["split"] == ""


def test_early_stopping_without_validation_compares_the_training_metrics_also_after_a_resume():
    recorder = MemoryRecorder()
    new_experiment, settings = overshoot(2)
    fit(new_experiment, settings, recorder)
    longer, patient = overshoot(6, patience=2)
    outcome = fit(longer, patient, recorder, resume=True)
    losses = [entry["train"]["loss"] for entry in outcome.progress.history]
    assert outcome.progress.best == [-losses[outcome.progress.best_epoch - 1]]
