"""Recurrent network on series of numbers: classifies whole series, or forecasts their next steps.

The flow of shapes for a classification (B is the batch size, T the steps of the longest series, C the channels):

    values [B, T, C] -> standardized, gaps indicated [B, T, F] -> BiLSTM [B, T, 128]
    -> attention pooling and maximum over each series' own steps [B, 256] -> dropout -> logits [B, classes]

and for a forecast of H steps from the `context` steps before them:

    values [B, T, C] -> less the last value, over the window's own deviation [B, T, F]
    -> LSTM [B, T, 64] -> state after the last step [B, 64] -> linear [B, H x C']   } sum: differences to the last
    -> flattened [B, T x F] -> linear [B, H x C']                                   } value -> values [B, H, C']

Both linear layers of a forecast start at zero, so that training begins at the baseline "the last value stays". The one
on the flattened window learns what linear autoregression does; the LSTM learns what it cannot. Series of different
lengths that are classified are padded at the end, and `lengths` keeps the padding out of every result.

Papers: Hochreiter and Schmidhuber 1997, "Long short-term memory"; Zeng et al. 2023, "Are transformers effective for
time series forecasting?" (the linear part); Kim et al. 2022, "Reversible instance normalization for accurate
time-series forecasting against distribution shift" (scaling of windows). Differences:

1. Windows are scaled without learned weights, and by their last value instead of their mean.
2. All steps of the horizon are predicted at once from the last state, so that errors are not fed back.

Where to read on: how a table becomes series is `data/series/layout.py`; the baselines that every result is compared
with are `tasks/series/baselines.py`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from axone.data.series.stream import SeriesBatch
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.engine.machine.recurrent_precision import FACT, choose_recurrent_precision
from axone.engine.metrics import Metrics
from axone.engine.optimization.optimizer import Optimizer
from axone.graph import (
    RECURRENT_LAYERS,
    AttentionPooling,
    Concatenate,
    Dropout,
    Flatten,
    Input,
    Linear,
    MaxPooling,
    Model,
    Reshape,
)
from axone.messages import mark
from axone.settings import option, resolve
from axone.tasks.classification.learner import accuracy
from axone.tasks.series import predict as answers
from axone.tasks.series.completion import complete_settings, describe_choices
from axone.tasks.series.data import read_data
from axone.tasks.series.figures import make_figures
from axone.tasks.series.scaling import ChannelScaler, WindowScaler, count_features
from axone.tasks.series.settings import SeriesSettings


class Settings(SeriesSettings):
    """The settings of the network and its training."""

    cell: Literal["lstm", "gru", "rnn"] = option("lstm", mark("recurrent cell"))
    bidirectional: bool = option(True, mark("classification: read series in both directions"))
    units: int = option(64, mark("units of the recurrent layer, in each direction"), ge=1, le=4096)
    layers: int = option(1, mark("recurrent layers"), ge=1, le=8)
    dropout: float = option(0.2, mark("dropout rate before the output"), ge=0, lt=1)
    epochs: int = option(
        12, mark("number of passes over the training set"), auto=mark("more for few series"), ge=1, le=1_000_000
    )
    batch_size: int = option(
        32, mark("number of examples in a batch"), auto=mark("smaller for few series"), ge=1, le=1_000_000
    )
    validation: float = option(
        0.1,
        mark("fraction of the training set held out for validation"),
        auto=mark("none for few series"),
        ge=0,
        le=0.9,
    )
    learning_rate: float = option(4e-3, mark("highest learning rate of the schedule"), gt=0, le=100)
    optimizer: Literal["sgd", "adam", "adamw", "muon"] = option("adamw", mark("optimizer"))
    schedule: Literal["constant", "cosine", "one-cycle"] = option("cosine", mark("learning rate schedule"))
    gradient_clip: float = option(1.0, mark("largest norm of the gradients; 0: no clipping"), ge=0)

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "forecast": {"data": "seasons", "epochs": 6, "batch_size": 128},
    }


EXAMPLE_FACTS = {
    "task": "series-classification", "classes": ["cylinder", "bell", "funnel"], "horizon": 0, "predicted": [],
    "context": 48, "channels": [{"name": "value", "mean": 0.0, "std": 1.0, "missing": False}],
}  # fmt: skip
EXAMPLE_STEPS = 48  # of the input of a network that is described; others have as many as they have


def complete(settings: Settings, context: BuildContext) -> Settings:
    """Choose the preset for a forecast where the data are the generated seasons, and epochs for few series."""
    explicit = {name: getattr(settings, name) for name in settings.model_fields_set}
    if settings.preset == "default" and settings.data == "seasons":
        completed = resolve(Settings, {**explicit, "preset": "forecast"})
        assert isinstance(completed, Settings)
        return completed
    return complete_settings(settings, context)


def model(settings: Settings, facts: dict[str, Any]) -> nn.Module:
    """Return the network: features of the steps and lengths to logits, or to differences to the last value."""
    features = count_features(facts["channels"])
    cell = RECURRENT_LAYERS[settings.cell](
        settings.units, num_layers=settings.layers, dropout=settings.dropout if settings.layers > 1 else 0.0,
        bidirectional=settings.bidirectional and not facts["horizon"], precision=facts.get(FACT, "float32"),
    )  # fmt: skip
    if facts["horizon"]:
        x = Input(facts["context"], features, name="steps")
        _output, state = cell(x)
        hidden = state[0] if isinstance(state, tuple) else state  # of an LSTM without the memory cell
        size = facts["horizon"] * len(facts["predicted"])
        of_state = Linear(size, name="of_state")(Dropout(settings.dropout)(hidden[:, -1]))
        of_window = Linear(size, name="of_window")(Flatten()(x))
        network = Model(x, Reshape((facts["horizon"], -1))(of_state + of_window))
        for name in ("of_state", "of_window"):
            for parameter in network.get_submodule(name).parameters():
                nn.init.zeros_(parameter)
        return network
    x, lengths = Input(EXAMPLE_STEPS, features, name="steps"), Input(dtype="int64", name="lengths")
    h, _state = cell(x, lengths=lengths)
    pooled = Concatenate()(AttentionPooling()(h, lengths), MaxPooling()(h, lengths))
    logits = Linear(len(facts["classes"]), name="logits")(Dropout(settings.dropout)(pooled))
    return Model((x, lengths), logits)


class SeriesLearner(Learner):
    """Trains a network on SeriesBatch batches.

    Args:
        network: The network of `model`.
        settings: Settings of the optimizer and the loss.
        facts: `channels`, `predicted`, `horizon`.
    """

    def __init__(self, network: nn.Module, settings: Settings, facts: dict[str, Any]) -> None:
        self.network = network
        self.optimizer = Optimizer(network, settings)
        self.label_smoothing = settings.label_smoothing
        self.horizon, self.predicted = facts["horizon"], facts["predicted"]
        self.scaler = (WindowScaler if self.horizon else ChannelScaler)(facts["channels"])
        self._errors = self._last_errors = torch.zeros(0)

    def compute_outputs(self, batch: SeriesBatch) -> Float[Tensor, "batch ..."]:
        """Return the logits of a batch, or its differences to the last value in units of the windows' deviation."""
        features = self.scaler(batch.values, batch.lengths)
        outputs: Tensor = self.network(features) if self.horizon else self.network(features, batch.lengths)
        return outputs.float()

    def train_step(self, batch: SeriesBatch) -> Metrics:
        """Update the weights once, by the gradient of the mean loss of a batch."""
        outputs = self.compute_outputs(batch)
        if self.horizon:
            loss, _errors, _last = self.forecast_errors(outputs, batch)
            metrics = {"loss": loss.detach()}
        else:
            loss = functional.cross_entropy(outputs, batch.targets, label_smoothing=self.label_smoothing)
            metrics = {"loss": loss.detach(), "accuracy": accuracy(outputs.detach(), batch.targets)}
        self.optimizer.step(loss)
        return metrics

    def eval_step(self, batch: SeriesBatch) -> Metrics:
        """Measure a batch."""
        outputs = self.compute_outputs(batch)
        if not self.horizon:
            loss = functional.cross_entropy(outputs, batch.targets)
            return {"loss": loss, "accuracy": accuracy(outputs, batch.targets)}
        loss, errors, last_errors = self.forecast_errors(outputs, batch)
        self._errors, self._last_errors = self._errors + errors, self._last_errors + last_errors
        return {"loss": loss}

    def forecast_errors(self, outputs: Tensor, batch: SeriesBatch) -> tuple[Tensor, Tensor, Tensor]:
        """Return the loss of a forecast, and for each channel the sums of absolute errors: ours, and of the last value.

        The loss is the mean absolute error in units of the window's deviation; missing values do not count.
        """
        assert isinstance(self.scaler, WindowScaler)
        last, scale = (part[..., self.predicted] for part in self.scaler.measure(batch.values, batch.lengths))
        targets = batch.targets[..., self.predicted]  # [B, H, C']
        known = ~targets.isnan()
        differences = torch.where(known, (targets - last) / scale, torch.zeros_like(targets))
        errors = torch.where(known, (outputs - differences).abs(), torch.zeros_like(targets))
        loss = errors.sum() / known.sum().clamp(min=1)
        return loss, (errors * scale).detach().sum((0, 1)), (differences.abs() * scale).detach().sum((0, 1))

    def begin_evaluation(self, stream: Any) -> None:
        """Set the sums of errors to zero."""
        self._errors = self._last_errors = torch.zeros(len(self.predicted), device=self.context.device)

    def end_evaluation(self) -> dict[str, float]:
        """Return the error over that of the last value, the mean over channels: below 1 is better than it."""
        if not self.horizon:
            return {}
        return {"relative_error": float((self._errors / self._last_errors.clamp(min=1e-12)).mean())}


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Assemble data, network, learner and figures."""
    data = read_data(settings, context)
    steps = settings.context if data.horizon else int(data.series.lengths.float().mean())
    data.facts[FACT] = choose_recurrent_precision(
        settings, context.facts, cell=settings.cell, features=count_features(data.facts["channels"]),
        hidden=settings.units, steps=steps, batch=settings.batch_size, notify=data.notes.append,
    )  # fmt: skip
    return Experiment(
        learner=SeriesLearner(model(settings, data.facts), settings, data.facts),
        train=data.training_stream(settings.batch_size, settings.seed),
        validation=data.evaluation_stream("validation"),
        test=data.evaluation_stream("test"),
        facts=data.facts,
        monitor="loss" if data.horizon else "accuracy",
        notes=data.notes + describe_choices(settings, data.facts["samples"]["train"]),
        report=data.report,
        figures=make_figures,
    )


def answering(network: nn.Module, settings: Settings, facts: dict[str, Any]) -> nn.Module:
    """Return the module that answers about raw series."""
    return answers.answering(network, facts)


def read_inputs(source: Any, facts: dict[str, Any]) -> tuple[list[Any], bool] | None:
    """Convert what a person asks about into series."""
    return answers.read_inputs(source, facts)


def predict(network: nn.Module, settings: Settings, facts: dict[str, Any], inputs: list[Any]) -> list[Any]:
    """Answer about each series."""
    return answers.predict(network, facts, inputs)
