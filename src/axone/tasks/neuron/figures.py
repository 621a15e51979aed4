"""What a report shows of one neuron, or of one a class: at each check, before the first step, and at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

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
from axone.tasks.neuron.charts import Working, decision_line, neuron
from axone.tasks.neuron.error_surface import error_surface, steps
from axone.tasks.neuron.trace import Example, Story

MOMENTS = 12  # epochs shown of a training
MOST_POINTS = 400  # samples drawn, and samples whose mean error makes the surface
MOST_ROWS = 2000  # steps in the table

Sums = Float[Tensor, "batch neurons"]


@dataclass(frozen=True)
class Neuron:
    """A network of one layer, and what its system says of sums."""

    network: Model
    activation: str
    output: Callable[[Sums], Sums]
    answer: Callable[[Sums], Sums]
    error: Callable[[Sums, Int64[Tensor, " batch"]], Float[Tensor, " batch"]]
    middle: float  # the sum at which one neuron is undecided

    @property
    def layer(self) -> nn.Linear:
        """The layer of sums."""
        found = self.network.get_submodule("sum")
        assert isinstance(found, nn.Linear)
        return found

    def sums(self, inputs: Tensor) -> Sums:
        """Weigh inputs of any device; the sums come back to the processor."""
        found = self.network.activations(inputs.to(self.layer.weight.device), "sum")
        assert isinstance(found, Tensor)
        return found.float().cpu()


def make_figures(made: Experiment, neuron: Neuron, story: Story, epochs: int, final: bool) -> Iterable[Figure | Table]:
    """Show what changes at up to twelve moments of a training, and the whole of it at the end."""
    rows = made.train if isinstance(made.train, RowStream) else None
    is_one = neuron.layer.out_features == 1
    if story.epoch == 1 and not final and rows and is_one and story.has_weights:
        first = story.table()[0, 2:]
        title = _("The neuron before it learned")
        caption = _("Its weights are zero, so it answers the same to everybody: it cannot tell them apart.")
        yield _drawn(neuron, story, first, "untrained", title, caption)
    if final or story.epoch <= MOMENTS // 2 or story.epoch % -(-epochs // MOMENTS) == 0:
        if rows and is_one and story.has_weights:
            yield from _moment(rows, neuron, story, made)
        if isinstance(made.train, ImageStream):
            shape = made.facts["input"]
            weights = neuron.layer.weight.detach().float().cpu().reshape(-1, *shape).numpy()
            yield Figure(
                "weights", _("What each neuron looks for"), draw_kernel_sheet(weights),
                _("A weight for each pixel: red speaks for the class, blue against it."),
            )  # fmt: skip
    if final:
        yield from _end(made, neuron, story)


def _moment(rows: RowStream, neuron: Neuron, story: Story, made: Experiment) -> Iterator[Figure]:
    """Draw one neuron as it is now."""
    weights = torch.cat([part.detach().flatten().float().cpu() for part in neuron.network.parameters()])
    caption = _("A typical sample of each class; a gradient says how the error changes with a weight.")
    yield _drawn(neuron, story, weights, "neuron", _("The neuron with its numbers"), caption)
    if len(story.columns) != 2:
        return
    inputs, targets = rows.inputs[:MOST_POINTS].cpu(), rows.targets[:MOST_POINTS].cpu()
    mean, deviation = (np.array(part) for part in story.scale)
    a, b, bias = weights.double().tolist()
    plane = (a / deviation[0], b / deviation[1], bias - a * mean[0] / deviation[0] - b * mean[1] / deviation[1])
    said = neuron.answer(neuron.sums(inputs))[:, 0] > 0.5
    drawing = decision_line(
        story.columns,
        story.classes,
        inputs.double().numpy() * deviation + mean,
        targets.numpy(),
        (said == targets).numpy(),
        plane,
        lambda sums: neuron.answer(torch.from_numpy(sums).float()[:, None])[:, 0].double().numpy(),
        neuron.middle,
    )
    caption = _("On the red side the neuron says 1, on the blue side 0; a dark ring marks what it gets wrong.")
    yield Figure("line", _("The line that the neuron draws"), drawing, caption)

    def error(pairs: Float[Tensor, "points 2"]) -> Float[Tensor, " points"]:
        sums = pairs @ inputs.T + bias
        many = neuron.error(sums.reshape(-1, 1), targets.repeat(len(pairs)))
        return many.reshape(len(pairs), -1).mean(1)

    told = story.table()
    began = (told[1:, 0] != told[:-1, 0]).nonzero().flatten().add(1).tolist()
    path = torch.cat([told[:, 2:4], weights[None, :2]])
    drawing = error_surface(story.columns, path.numpy(), [0, *began], error)
    caption = _("The mean error for each pair of weights, with the bias of the moment; a dot for each epoch.")
    yield Figure("surface", _("The error surface, and the way down it"), drawing, caption)


def _drawn(neuron_: Neuron, story: Story, weights: Tensor, name: str, title: str, caption: str) -> Figure:
    """Draw the neuron with some weights, on the examples of the story."""
    *values, bias = weights.tolist()

    def curve(value: float) -> float:
        return float(neuron_.output(torch.tensor([[value]])))

    workings = [_working(neuron_, story, example, weights) for example in story.examples]
    return Figure(name, title, neuron(story.columns, values, bias, neuron_.activation, curve, workings), caption)


def _working(neuron: Neuron, story: Story, example: Example, weights: Tensor) -> Working:
    with torch.inference_mode(False), torch.enable_grad():  # checks are made without gradients; this shows them
        inputs = example.inputs.detach().clone().cpu()
        learned = weights.detach().clone().requires_grad_()
        sums = (learned[:-1] @ inputs + learned[-1]).reshape(1, 1)
        error = neuron.error(sums, torch.tensor([example.target]))[0]
        (gradient,) = torch.autograd.grad(error, learned)
        sums = sums.detach()
    raw = [value * std + mean for value, mean, std in zip(inputs.tolist(), *story.scale)]
    return Working(
        example.name, raw, inputs.tolist(), float(sums), float(neuron.output(sums)), float(neuron.answer(sums)),
        example.target, float(error), gradient.tolist(),
    )  # fmt: skip


def _end(made: Experiment, neuron: Neuron, story: Story) -> Iterator[Figure | Table]:
    """Show every step, and how the answers to the test samples meet the truth."""
    told = story.table().double().numpy()
    if len(told):
        size = max(1, story.batches // story.every)
        yield Figure("steps", _("Error and weights at each step"), steps(story.columns, told[:, 1], told[:, 2:], size))
        every = -(-len(told) // MOST_ROWS)
        names = [*story.columns, _("bias")] if story.has_weights else []
        rows = [
            [1 + place * story.every, int(told[place, 0]), *(float(f"{value:.6g}") for value in told[place, 1:])]
            for place in range(0, len(told), every)
        ]
        yield Table("steps", _("Error and weights at each step"), [_("step"), _("epoch"), _("error"), *names], rows)
    stream = made.test or made.validation
    if stream is None:
        return
    targets, said = _answers(neuron, stream)
    classes = made.facts["classes"]
    counts = confusion_counts(targets, said, len(classes))
    if len(classes) > 2:
        yield Figure(
            "confusion", _("Confusion matrix"), draw_confusion(counts.numpy(), classes),
            _("Rows: the true class; columns: the answer."),
        )  # fmt: skip
    else:
        rows = [[name, *counts[place].tolist()] for place, name in enumerate(classes)]
        heads = [_("truth"), *(_("answer: {name}", name=name) for name in classes)]
        yield Table("confusion", _("Answers to samples that it never saw"), heads, rows)


def _answers(neuron: Neuron, stream: Stream) -> tuple[Int64[Tensor, " samples"], Int64[Tensor, " samples"]]:
    targets, said = [], []
    for batch in stream.batches(1):
        answers = neuron.answer(neuron.sums(batch.inputs))
        targets.append(batch.targets.cpu())
        said.append(answers.argmax(1) if answers.shape[1] > 1 else (answers[:, 0] > 0.5).long())
    return torch.cat(targets), torch.cat(said)
