"""One neuron that tells children from adults by age and weight.

The flow of shapes, for a table with two columns and a target of two values:

    (2) -> weighted sum, 1 -> activation, 1          sum = w1 * age + w2 * weight + bias, output = activation(sum)

The first chapter of the course, in its own order. The *sum* weighs the inputs, the *activation* bends it into an
*output*. At first the neuron answers 0.55 to everybody: it cannot tell them apart. An *error* compares the answer with
the truth (0 for a child, 1 for an adult), its *gradient* says how the error changes with each weight, and each weight
is corrected against its gradient: `weight -= learning_rate * gradient`. That is done after each *batch* of samples; an
*epoch* is once through all of them. `--show-steps 15 --batch-size 5` prints every number of it.

Beyond two classes there is a neuron for each, and softmax turns their sums into probabilities: (pixels) -> classes.

Papers: Rosenblatt 1958, "The perceptron: a probabilistic model for information storage and organization in the brain";
Widrow & Hoff 1960, "Adaptive switching circuits", for the gradient of a squared error. We differ: Rosenblatt's neuron
jumps from 0 to 1, so it has no gradient; ours rises, so it has one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar, Literal

import torch
import torch.nn.functional as functional
from jaxtyping import Float, Int64
from torch import Tensor, nn

import axone.settings
from axone.engine.context import BuildContext
from axone.engine.experiment import Experiment
from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.engine.optimizer import Optimizer
from axone.errors import DataError
from axone.graph import ACTIVATIONS, Activation, Flatten, Input, Linear, Model
from axone.messages import mark
from axone.settings import option, resolve
from axone.tasks.answers import Prediction
from axone.tasks.neuron import data, figures
from axone.tasks.neuron import predict as neuron_predict
from axone.tasks.neuron.figures import Neuron
from axone.tasks.neuron.trace import Step, Story
from axone.tasks.tables.inputs import read_rows

FIRST_ANSWER = 0.55  # what the untrained neuron says to everybody, as in the course


class Settings(axone.settings.Settings):
    """What can be changed about the neuron and its training."""

    data: str = option("people", mark("people, a table (CSV, Parquet, a known one), pictures (a folder, a known set)"))
    activation: Literal["linear", "sigmoid", "tanh", "relu", "leaky_relu"] = option(
        "sigmoid", mark("what bends the sum into the output; beyond two classes it is softmax")
    )
    loss: Literal["cross-entropy", "squared-error"] = option("cross-entropy", mark("what an error is"))
    positive: str = option("", mark("the class that the neuron should say 1 to (default: the last by name)"))
    show_steps: int = option(
        0, mark("train on so many samples only, and print each one's sum, output, error and correction"), ge=0, le=1000
    )
    epochs: int = option(20, mark("times the network sees the training set"), ge=1, le=1_000_000)
    batch_size: int = option(10, mark("samples in a batch; 1: one by one; 0: all at once"), ge=0, le=1_000_000)
    learning_rate: float = option(0.3, mark("highest learning rate"), gt=0, le=100)
    optimizer: Literal["sgd", "adam", "adamw", "muon"] = option("sgd", mark("rule that changes the weights"))
    precision: Literal["auto", "float32", "bfloat16"] = option("float32", mark("number format of the products"))
    validation: float = option(0.2, mark("share of the training set held out to check progress"), ge=0, le=0.9)

    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "default": {},
        "pictures": {
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
    """For pictures, take what was not asked for from their preset: many samples with many inputs want other steps."""
    if settings.preset != "default" or not data.are_pictures(context.source(settings.data)):
        return settings
    asked = {name: getattr(settings, name) for name in settings.model_fields_set}
    found = resolve(Settings, {**asked, "preset": "pictures"})
    assert isinstance(found, Settings)
    return found


def model(settings: Settings, facts: dict[str, Any]) -> Model:
    """Write down one neuron for two classes, or one for each of more; all weights begin at zero."""
    x = Input(*facts["input"])
    flat = x if len(facts["input"]) == 1 else Flatten()(x)
    classes = len(facts["classes"])
    total = Linear(1 if classes == 2 else classes, name="sum")(flat)
    network = Model(x, Activation(settings.activation, name="output")(total) if classes == 2 else total)
    neuron = network.get_submodule("sum")
    assert isinstance(neuron, nn.Linear)
    nn.init.zeros_(neuron.weight)
    nn.init.constant_(neuron.bias, sum_for(FIRST_ANSWER, settings) if classes == 2 else 0.0)
    return network


# From sums to answers and errors. `sums` has a column for each neuron: one for two classes, else one a class.


def output(sums: Float[Tensor, "batch neurons"], settings: Settings) -> Float[Tensor, "batch neurons"]:
    """Bend the sums: by the activation, or for several neurons by softmax, whose outputs add up to one."""
    return sums.softmax(1) if sums.shape[1] > 1 else ACTIVATIONS[settings.activation].function(sums)


def answer(sums: Float[Tensor, "batch neurons"], settings: Settings) -> Float[Tensor, "batch neurons"]:
    """Read the outputs on a scale of 0 (surely not) to 1 (surely): -0.4 is hard to read, 0.40 is not.

    A sigmoid's output is on it already, a tanh's runs from -1 to 1. A linear neuron and its kin have no scale: the
    squared error teaches them to answer 0 and 1 themselves, for the cross-entropy a sigmoid makes them readable.
    """
    outputs = output(sums, settings)
    if sums.shape[1] > 1 or settings.activation == "sigmoid":
        return outputs
    if settings.activation == "tanh":
        return (1 + outputs) / 2
    return outputs if settings.loss == "squared-error" else outputs.sigmoid()


def error(
    sums: Float[Tensor, "batch neurons"], targets: Int64[Tensor, " batch"], settings: Settings
) -> Float[Tensor, " batch"]:
    """Compare each answer a with the truth t: (a - t)^2, or the cross-entropy -log(a) for t = 1, -log(1 - a) for 0.

    Several neurons have a truth each: 1 for the neuron of the right class, 0 for the others.
    """
    if sums.shape[1] > 1:
        if settings.loss == "cross-entropy":
            return functional.cross_entropy(sums, targets, reduction="none")
        return (answer(sums, settings) - functional.one_hot(targets, sums.shape[1])).square().sum(1)
    if settings.loss == "squared-error":
        return (answer(sums, settings)[:, 0] - targets).square()
    # The same as -log of `answer`, which is the sigmoid of these; but exact where it comes near to 0 or 1.
    logits = {"sigmoid": sums, "tanh": 2 * sums}.get(settings.activation, output(sums, settings))
    return functional.binary_cross_entropy_with_logits(logits[:, 0], targets.to(sums.dtype), reduction="none")


def sum_for(share: float, settings: Settings) -> float:
    """Return the (positive) sum at which one neuron answers a share of at least a half: `answer` backwards."""
    logit = math.log(share / (1 - share))
    if settings.activation == "tanh":
        return logit / 2
    return logit if settings.activation == "sigmoid" or settings.loss == "cross-entropy" else share


class Perceptron(Learner):
    """Sum, output, error, gradient, correction; batch after batch. It writes all of it into its story."""

    def __init__(self, network: Model, settings: Settings, story: Story) -> None:
        self.network, self.settings, self.story = network, settings, story
        # Gradient descent as the course writes it: no momentum.
        plain: dict[str, Any] = {"momentum": 0.0, "nesterov": False} if settings.optimizer == "sgd" else {}
        self.optimizer = Optimizer(network, settings, **plain)

    def sums(self, inputs: Tensor) -> Float[Tensor, "batch neurons"]:
        """Weigh the inputs: w1 * x1 + w2 * x2 + ... + bias, for each neuron."""
        with self.casting():
            sums = self.network.activations(inputs, "sum")
        assert isinstance(sums, Tensor)
        return sums.float()

    def train_step(self, batch: Any) -> Metrics:
        """Correct the weights once, by the mean error of a batch."""
        if self.story.is_new and self.story.examples:
            self.context.tell(self.story.beginning(self.answers))
        sums = self.sums(batch.inputs)
        errors = error(sums, batch.targets, self.settings)
        mean = errors.mean()
        step = self._begun(batch, sums, errors) if self.story.is_shown else None
        self.story.remember(self.network, mean)
        self.optimizer.step(mean)
        if step:
            self.context.tell(self.story.told(step, self.network))
        return {"loss": mean.detach(), "accuracy": self.accuracy(sums, batch.targets)}

    def eval_step(self, batch: Any) -> Metrics:
        """Measure error and accuracy on a held-out batch."""
        sums = self.sums(batch.inputs)
        loss = error(sums, batch.targets, self.settings).mean()
        return {"loss": loss, "accuracy": self.accuracy(sums, batch.targets)}

    def answers(self, inputs: Tensor) -> Float[Tensor, "batch neurons"]:
        """Answer, on the scale of 0 to 1, with the weights of the moment."""
        with torch.no_grad():
            return answer(self.sums(inputs.to(self.context.device)), self.settings)

    def accuracy(self, sums: Tensor, targets: Tensor) -> Float[Tensor, ""]:
        """Return the share of right answers."""
        answers = answer(sums.detach(), self.settings)
        said = answers.argmax(1) if answers.shape[1] > 1 else answers[:, 0] > 0.5
        return (said == targets).float().mean()

    def _begun(self, batch: Any, sums: Tensor, errors: Tensor) -> Step:
        """Note the numbers of each sample, before the weights are corrected."""
        # How a sample's error changes with its sums; its gradient for a weight is this times the weight's input.
        (slopes,) = torch.autograd.grad(errors.sum(), sums, retain_graph=True)
        sums = sums.detach()
        outputs, answers = output(sums, self.settings), answer(sums, self.settings)
        return Step(batch.inputs, batch.targets, sums, outputs, answers, errors.detach(), slopes, self.optimizer.rate)

    def begin_epoch(self, epoch: int) -> None:
        """Begin a new page of the story."""
        super().begin_epoch(epoch)
        self.story.begin_epoch(epoch)

    def state_dict(self) -> dict[str, Any]:
        """Return the descent and the story so far."""
        return {**super().state_dict(), "story": self.story.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
        super().load_state_dict(state)
        self.story.load_state_dict(state["story"])


def build(settings: Settings, context: BuildContext) -> Experiment:
    """Read people, a table or pictures, and put a neuron in front of them."""

    def learner(facts: dict[str, Any], story: Story) -> Perceptron:
        return Perceptron(model(settings, facts), settings, story)

    made = data.experiment(settings, context, learner, positive=settings.positive, shown=settings.show_steps)
    made.figures = make_figures
    return made


def make_figures(made: Experiment, final: bool) -> Iterable[Any]:
    """Show the neuron with its numbers, the line that it draws, the error surface and the way down it."""
    learner = made.learner
    assert isinstance(learner, Perceptron)
    settings = learner.settings
    neuron = Neuron(
        learner.network,
        settings.activation,
        output=lambda sums: output(sums, settings),
        answer=lambda sums: answer(sums, settings),
        error=lambda sums, targets: error(sums, targets, settings),
        middle=sum_for(0.5, settings),
    )
    yield from figures.make_figures(made, neuron, learner.story, settings.epochs, final)


def read_inputs(given: Any, facts: dict[str, Any]) -> tuple[list[Any], bool] | None:
    """Read rows ("age=35,weight=70", a mapping, an array, a file); None for a neuron on pictures."""
    return read_rows(given, facts["columns"]) if "columns" in facts else None


def predict(
    network: Model, settings: Settings, facts: dict[str, Any], inputs: list[Any]
) -> list[Prediction | DataError]:
    """Answer about each row or picture, with the sum that the answer comes from."""

    def answers(batch: Tensor) -> tuple[Tensor, Tensor]:
        sums = network.activations(batch, "sum")
        assert isinstance(sums, Tensor)
        return sums, answer(sums, settings)

    return neuron_predict.predict(answers, facts, inputs, next(network.parameters()).device)
