"""Perceptron: one neuron, trained by gradient descent, with every number of its training visible.

The flow of shapes, for a table with two columns and a target of two classes (B is the batch size):

    inputs [B, 2] -> sum [B, 1] -> output [B, 1]     sum = w1 * age + w2 * weight + bias, output = activation(sum)

This is the first chapter of the course, in its order. The neuron computes a weighted *sum* of its inputs; the
*activation function* turns the sum into an *output*. The *error* (loss) compares the output with the target (0 for a
child, 1 for an adult). The *gradient* is the derivative of the error with respect to each weight, and gradient descent
updates each weight in the opposite direction: `weight -= learning_rate * gradient`. One update uses one *batch* of
samples; an *epoch* is a pass over the training set. Before training, the neuron outputs 0.55 for every sample.
`--show-steps 15 --batch-size 5` prints every number of every step.

For more than two classes there is one neuron per class, and their probabilities are the softmax of the sums. For
images, the inputs are pixels:

    image [B, C, H, W] -> flattened [B, C H W] -> sums [B, K] -> probabilities [B, K]

The functions of outputs and errors are in `tasks/neuron/functions.py`; the training step is `Perceptron.train_step`.

Papers: Rosenblatt 1958, "The perceptron: a probabilistic model for information storage and organization in the brain";
Widrow, Hoff 1960, "Adaptive switching circuits", for the gradient of a squared error. Differences:

1. Rosenblatt's neuron has a step function as its activation, whose gradient is zero; ours is differentiable.
2. The loss is the cross-entropy unless `--loss squared-error` is given.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Literal, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.engine.optimization.optimizer import Optimizer
from axone.errors import DataError, SettingsError
from axone.graph import Activation, Flatten, Input, Linear, Model
from axone.messages import _, mark
from axone.settings import option, resolve
from axone.tasks.answers import Prediction
from axone.tasks.images.completion import complete_settings
from axone.tasks.images.settings import BATCH_RULE, EPOCHS_RULE
from axone.tasks.neuron import predict as neuron_predict
from axone.tasks.neuron.data import NeuronData, is_image_source, read_data
from axone.tasks.neuron.figures import make_neuron_figures
from axone.tasks.neuron.functions import (
    compute_answers,
    compute_errors,
    compute_outputs,
    predict_classes,
    sum_for_answer,
)
from axone.tasks.neuron.labels import label_names
from axone.tasks.neuron.settings import NeuronSettings
from axone.tasks.neuron.step_text import format_answers_before, format_step
from axone.tasks.neuron.trace import Step, TrainingTrace
from axone.tasks.tables.inputs import read_rows

FIRST_ANSWER = 0.55  # the answer of the untrained neuron for every sample, as in the course


class Settings(NeuronSettings):
    """The settings of the neuron and its training."""

    UNUSED: ClassVar[frozenset[str]] = frozenset({"label_smoothing"})

    data: str = option(
        "people", mark("people, a table (.csv, .parquet, a known name), a known image dataset, or an image folder")
    )
    activation: Literal["linear", "sigmoid", "tanh", "relu", "leaky_relu"] = option(
        "sigmoid", mark("activation function; for more than two classes it is always softmax")
    )
    loss: Literal["cross-entropy", "squared-error"] = option("cross-entropy", mark("loss function"))
    positive: str = option("", mark("two classes: the class with target 1 (default: the last by name)"))
    show_steps: int = option(
        0, mark("train on this many samples only, and print the numbers of every step; 0: off"), ge=0, le=1000
    )
    epochs: int = option(20, mark("passes over the training set"), auto=EPOCHS_RULE, ge=1, le=1_000_000)
    batch_size: int = option(
        10, mark("samples in a batch; 1: one at a time; 0: all at once"), auto=BATCH_RULE, ge=0, le=1_000_000
    )
    learning_rate: float = option(0.3, mark("highest learning rate"), gt=0, le=100)
    optimizer: Literal["sgd", "adam", "adamw", "muon"] = option("sgd", mark("optimizer"))
    precision: Literal["auto", "float32", "bfloat16"] = option(
        "float32", mark("floating-point precision: auto, float32 or bfloat16")
    )
    validation: float = option(0.2, mark("fraction of the training set held out for validation"), ge=0, le=0.9)

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "images": {
            "data": "fashion-mnist",
            "epochs": 4,
            "batch_size": 250,
            "optimizer": "adam",
            "learning_rate": 3e-3,
            "schedule": "cosine",
            "validation": 0.05,
        },
    }


EXAMPLE_FACTS = {"input": [2], "columns": ["age", "weight"], "classes": ["child", "adult"]}


def complete(settings: Settings, context: BuildContext) -> Settings:
    """Choose the preset for images unless a preset was set, and epochs and batch size by the number of images.

    Settings that were set explicitly stay as they are.
    """
    if not is_image_source(context.source(settings.data)):
        return settings
    if settings.preset == "default":
        explicit = {name: getattr(settings, name) for name in settings.model_fields_set}
        settings = cast(Settings, resolve(Settings, {**explicit, "preset": "images"}))
    return complete_settings(settings, context)


def model(settings: Settings, facts: dict[str, Any]) -> Model:
    """Return one neuron for two classes, or one for each of more; all weights are initialized to zero."""
    x = Input(*facts["input"])
    flat = x if len(facts["input"]) == 1 else Flatten()(x)
    classes = len(facts["classes"])
    sums = Linear(1 if classes == 2 else classes, name="sum")(flat)
    network = Model(x, Activation(settings.activation, name="output")(sums) if classes == 2 else sums)
    layer = network.get_submodule("sum")
    assert isinstance(layer, nn.Linear)
    nn.init.zeros_(layer.weight)
    nn.init.constant_(layer.bias, sum_for_answer(FIRST_ANSWER, settings) if classes == 2 else 0.0)
    return network


class Perceptron(Learner):
    """Trains the neurons by gradient descent, and records each step in a trace."""

    def __init__(
        self,
        network: Model,
        settings: Settings,
        trace: TrainingTrace,
        row_weights: Float[Tensor, " rows"] | None = None,
    ) -> None:
        self.network, self.settings, self.trace = network, settings, trace
        self.row_weights = row_weights  # of each training row in the error; None: 1
        # Plain gradient descent, as in the course: no momentum.
        plain: dict[str, Any] = {"momentum": 0.0, "nesterov": False} if settings.optimizer == "sgd" else {}
        self.optimizer = Optimizer(network, settings, **plain)

    def train_step(self, batch: Any) -> Metrics:
        """Update the weights once, by the gradient of the mean error of a batch."""
        # 1. Before the very first step: what the untrained neuron answers.
        if self.trace.is_new and self.trace.examples:
            self.context.log_text(format_answers_before(self.trace, self.answers))
        # 2. Forward: weighted sums [B, N], the error of each sample [B], and their mean.
        sums = self.sums(batch.inputs)
        errors = compute_errors(sums, batch.targets, self.settings)
        if self.row_weights is not None:
            errors = errors * self.row_weights[batch.index.cpu()].to(errors.device)
        error = errors.mean()
        step = self._record_step(batch, sums, errors) if self.trace.prints_steps else None
        self.trace.record(self.network, error)
        # 3. Backward and update: weight -= learning_rate * gradient.
        self.optimizer.step(error)
        if step:
            self.context.log_text(format_step(self.trace, step, self.network))
        return {"loss": error.detach(), "accuracy": self.accuracy(sums, batch.targets)}

    def eval_step(self, batch: Any) -> Metrics:
        """Return error and accuracy of a batch."""
        sums = self.sums(batch.inputs)
        error = compute_errors(sums, batch.targets, self.settings).mean()
        return {"loss": error, "accuracy": self.accuracy(sums, batch.targets)}

    def sums(self, inputs: Tensor) -> Float[Tensor, "batch neurons"]:
        """Return w1 * x1 + w2 * x2 + ... + bias for each neuron."""
        with self.casting():
            sums = self.network.activations(inputs, "sum")  # [B, ...] -> [B, N]
        assert isinstance(sums, Tensor)
        return sums.float()

    def answers(self, inputs: Tensor) -> Float[Tensor, "batch neurons"]:
        """Return the answers from 0 to 1 with the current weights."""
        with torch.no_grad():
            return compute_answers(self.sums(inputs.to(self.context.device)), self.settings)

    def accuracy(self, sums: Tensor, targets: Tensor) -> Float[Tensor, ""]:
        """Return the fraction of correct predictions."""
        answers = compute_answers(sums.detach(), self.settings)
        return (predict_classes(answers) == targets).float().mean()

    def _record_step(self, batch: Any, sums: Tensor, errors: Tensor) -> Step:
        """Return the numbers of each sample before the weights are updated."""
        (gradients,) = torch.autograd.grad(errors.sum(), sums, retain_graph=True)
        sums = sums.detach()
        outputs, answers = compute_outputs(sums, self.settings), compute_answers(sums, self.settings)
        return Step(
            batch.inputs, batch.targets, sums, outputs, answers, errors.detach(), gradients, self.optimizer.rate
        )

    def begin_epoch(self, epoch: int) -> None:
        """Set the epoch of the optimizer and of the trace."""
        super().begin_epoch(epoch)
        self.trace.begin_epoch(epoch)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the optimizer and the trace."""
        return {**super().state_dict(), "trace": self.trace.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        super().load_state_dict(state)
        self.trace.load_state_dict(state["trace"])


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Assemble data, network, learner and figures."""
    if settings.show_steps and settings.shards > 1:  # a step is then a sum over shards, which no printed line shows
        raise SettingsError(_("--show-steps shows the steps of whole batches."), hint=_("type --shards 1"))
    data = read_data(settings, context, positive=settings.positive, show_steps=settings.show_steps)
    return Experiment(
        learner=Perceptron(model(settings, data.facts), settings, make_trace(settings, data), data.weights),
        train=data.train,
        validation=data.validation,
        test=data.test,
        facts=data.facts,
        monitor="loss",
        notes=data.notes,
        report=data.report,
        figures=make_figures,
    )


def make_trace(settings: Settings, data: NeuronData) -> TrainingTrace:
    """Return an empty trace for the training on these data."""
    facts = data.facts
    return TrainingTrace(
        label_names(facts.get("columns", ()), settings.data),
        label_names(facts["classes"], settings.data),
        (facts["mean"], facts["std"]),
        batches=len(data.train),
        examples=data.examples,
        prints_steps=settings.show_steps > 0,
        is_plain=settings.optimizer == "sgd"
        and settings.accumulate == 1
        and not (settings.weight_decay or settings.gradient_clip),
    )


def make_figures(experiment: Experiment, final: bool) -> Iterable[Any]:
    """Yield the figures of the neurons: see `axone.tasks.neuron.figures`."""
    learner = experiment.learner
    assert isinstance(learner, Perceptron)
    return make_neuron_figures(experiment, learner, learner.settings.epochs, final)


def answering(network: Model, settings: Settings, facts: dict[str, Any]) -> nn.Module:
    """Return the module that answers about raw rows or images."""
    return neuron_predict.answering(network, settings, facts)


def read_inputs(source: Any, facts: dict[str, Any]) -> tuple[list[Any], bool] | None:
    """Convert what a person asks about into rows of a table; return None for neurons on images."""
    return read_rows(source, facts["columns"]) if "columns" in facts else None


def predict(
    network: Model, settings: Settings, facts: dict[str, Any], inputs: list[Any]
) -> list[Prediction | DataError]:
    """Answer about each row or image."""
    return neuron_predict.predict(network, settings, facts, inputs)
