"""The figures of a report on neurons: before the first step, after some epochs, and at the end of training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from axone.data.images.stream import ImageStream
from axone.data.tables.row_stream import RowStream
from axone.engine.experiment import Experiment, Stream
from axone.figures.confusion import draw_confusion
from axone.figures.figure import Figure, Table
from axone.figures.kernels import draw_kernel_sheet
from axone.graph import Model
from axone.messages import _
from axone.tasks.classification.metrics import confusion_counts
from axone.tasks.neuron.charts import SampleNumbers, decision_line, neuron_diagram
from axone.tasks.neuron.error_surface import error_surface, step_chart
from axone.tasks.neuron.functions import (
    FunctionSettings,
    Sums,
    compute_answers,
    compute_errors,
    compute_outputs,
    predict_classes,
    sum_for_answer,
)
from axone.tasks.neuron.labels import label_activation
from axone.tasks.neuron.trace import Example, TrainingTrace

MOMENTS = 12  # of a training for which figures are drawn, spread over its epochs
MAX_SAMPLES = 400  # that are drawn, and whose mean error makes the error surface
MAX_ROWS = 2000  # steps in the table


@runtime_checkable
class NeuronLearner(Protocol):
    """What the figures need of a learner."""

    network: Model
    trace: TrainingTrace

    @property
    def settings(self) -> FunctionSettings:
        """The activation function and the loss function."""


def make_neuron_figures(
    experiment: Experiment, learner: NeuronLearner, epochs: int, final: bool
) -> Iterable[Figure | Table]:
    """Yield figures after up to twelve of the `epochs`, and those of the whole training at the end (`final`)."""
    trace = learner.trace
    rows = experiment.train if isinstance(experiment.train, RowStream) else None
    is_drawable = rows is not None and trace.has_weights and _sum_layer(learner).out_features == 1
    if trace.epoch == 1 and not final and is_drawable:
        title = _("The neuron before training")
        caption = _("Its weights are zero, so it gives the same answer for every sample.")
        yield _neuron_figure(learner, trace.table()[0, 2:], "untrained", title, caption)
    if final or trace.epoch <= MOMENTS // 2 or trace.epoch % -(-epochs // MOMENTS) == 0:
        if rows is not None and is_drawable:
            yield from _epoch_figures(rows, learner)
        if isinstance(experiment.train, ImageStream):
            shape = experiment.facts["input"]
            weights = _sum_layer(learner).weight.detach().float().cpu().reshape(-1, *shape).numpy()
            yield Figure(
                "weights", _("Weights of the neurons"), draw_kernel_sheet(weights),
                _("One weight for each pixel: bright pixels with a red weight increase the sum, with a blue one "
                  "decrease it."),
            )  # fmt: skip
    if final:
        yield from _final_figures(experiment, learner)


def _sum_layer(learner: NeuronLearner) -> nn.Linear:
    layer = learner.network.get_submodule("sum")
    assert isinstance(layer, nn.Linear)
    return layer


def _compute_sums(learner: NeuronLearner, inputs: Tensor) -> Sums:
    """Return the weighted sums of inputs on any device, on the CPU."""
    sums = learner.network.activations(inputs.to(_sum_layer(learner).weight.device), "sum")
    assert isinstance(sums, Tensor)
    return sums.float().cpu()


def _epoch_figures(rows: RowStream, learner: NeuronLearner) -> Iterator[Figure]:
    """Yield one neuron with its numbers and, for two columns, its decision line and the error surface."""
    trace, settings = learner.trace, learner.settings
    weights = torch.cat([part.detach().flatten().float().cpu() for part in learner.network.parameters()])
    caption = _("A typical sample of each class. The gradient is the derivative of the error with respect to a weight.")
    yield _neuron_figure(learner, weights, "neuron", _("The neuron and its numbers"), caption)
    if len(trace.columns) != 2:
        return
    inputs, targets = rows.inputs[:MAX_SAMPLES].cpu(), rows.targets[:MAX_SAMPLES].cpu()
    mean, deviation = (np.array(part) for part in trace.scale)
    a, b, bias = weights.double().tolist()
    plane = (a / deviation[0], b / deviation[1], bias - a * mean[0] / deviation[0] - b * mean[1] / deviation[1])
    predicted = predict_classes(compute_answers(_compute_sums(learner, inputs), settings))
    drawing = decision_line(
        trace.columns,
        trace.classes,
        inputs.double().numpy() * deviation + mean,
        targets.numpy(),
        (predicted == targets).numpy(),
        plane,
        lambda sums: compute_answers(torch.from_numpy(sums).float()[:, None], settings)[:, 0].double().numpy(),
        sum_for_answer(0.5, settings),
    )
    caption = _("The neuron predicts 1 on the red side and 0 on the blue side. Dark rings mark wrong predictions.")
    yield Figure("line", _("Decision boundary of the neuron"), drawing, caption)

    def mean_errors(pairs: Float[Tensor, "points 2"]) -> Float[Tensor, " points"]:
        sums = pairs @ inputs.T + bias  # [P, S]
        errors = compute_errors(sums.reshape(-1, 1), targets.repeat(len(pairs)), settings)  # [P * S]
        return errors.reshape(len(pairs), -1).mean(1)

    steps = trace.table()
    epoch_starts = (steps[1:, 0] != steps[:-1, 0]).nonzero().flatten().add(1).tolist()
    path = torch.cat([steps[:, 2:4], weights[None, :2]])
    drawing = error_surface(trace.columns, path.numpy(), [0, *epoch_starts], mean_errors)
    caption = _("The mean error as a function of both weights, with the current bias, and the path of gradient "
                "descent. A dot marks the start of each epoch.")  # fmt: skip
    yield Figure("surface", _("Error surface"), drawing, caption)


def _neuron_figure(learner: NeuronLearner, weights: Tensor, name: str, title: str, caption: str) -> Figure:
    """Return the diagram of the neuron with these weights, for the examples of the trace."""
    trace, settings = learner.trace, learner.settings
    *values, bias = weights.tolist()

    def activation(total: float) -> float:
        return float(compute_outputs(torch.tensor([[total]]), settings))

    samples = [_sample_numbers(learner, example, weights) for example in trace.examples]
    drawing = neuron_diagram(trace.columns, values, bias, label_activation(settings.activation), activation, samples)
    return Figure(name, title, drawing, caption)


def _sample_numbers(learner: NeuronLearner, example: Example, weights: Tensor) -> SampleNumbers:
    settings = learner.settings
    with torch.inference_mode(False), torch.enable_grad():  # figures are drawn in inference mode
        inputs = example.inputs.detach().clone().cpu()
        parameters = weights.detach().clone().requires_grad_()
        sums = (parameters[:-1] @ inputs + parameters[-1]).reshape(1, 1)
        error = compute_errors(sums, torch.tensor([example.target]), settings)[0]
        (gradient,) = torch.autograd.grad(error, parameters)
        sums = sums.detach()
    raw = [value * std + mean for value, mean, std in zip(inputs.tolist(), *learner.trace.scale)]
    return SampleNumbers(
        example.name, raw, inputs.tolist(), float(sums), float(compute_outputs(sums, settings)),
        float(compute_answers(sums, settings)), example.target, float(error.detach()), gradient.tolist(),
    )  # fmt: skip


def _final_figures(experiment: Experiment, learner: NeuronLearner) -> Iterator[Figure | Table]:
    """Yield errors and weights at each step, and the confusion matrix of the test set."""
    trace, steps = learner.trace, learner.trace.table().double().numpy()
    if len(steps):
        size = max(1, trace.batches // trace.every)
        title = _("Error and weights at each step")
        yield Figure("steps", title, step_chart(trace.columns, steps[:, 1], steps[:, 2:], size))
        every = -(-len(steps) // MAX_ROWS)
        names = [*trace.columns, _("bias")] if trace.has_weights else []
        rows = [
            [1 + k * trace.every, int(steps[k, 0]), *(float(f"{value:.6g}") for value in steps[k, 1:])]
            for k in range(0, len(steps), every)
        ]
        yield Table("steps", title, [_("step"), _("epoch"), _("error"), *names], rows)
    stream = experiment.test or experiment.validation
    if stream is None:
        return
    targets, predicted = _predict_stream(learner, stream)
    classes = trace.classes
    counts = confusion_counts(targets, predicted, len(classes))
    if len(classes) > 2:
        yield Figure(
            "confusion", _("Confusion matrix"), draw_confusion(counts.numpy(), classes),
            _("Rows: true classes; columns: predicted classes."),
        )  # fmt: skip
    else:
        counted = [[name, *counts[k].tolist()] for k, name in enumerate(classes)]
        heads = [_("true class"), *(_("predicted: {name}", name=name) for name in classes)]
        yield Table("confusion", _("Confusion matrix"), heads, counted)


def _predict_stream(
    learner: NeuronLearner, stream: Stream
) -> tuple[Int64[Tensor, " samples"], Int64[Tensor, " samples"]]:
    """Return the true and the predicted class of each sample."""
    targets, predicted = [], []
    for batch in stream.batches(1):
        targets.append(batch.targets.cpu())
        predicted.append(predict_classes(compute_answers(_compute_sums(learner, batch.inputs), learner.settings)))
    return torch.cat(targets), torch.cat(predicted)
