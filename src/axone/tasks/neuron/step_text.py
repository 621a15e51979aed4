"""The numbers of a neuron's training steps as text: a line for each sample, its gradients, the weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from axone.messages import _, plural
from axone.numbers import format_number, localize
from axone.tasks.neuron.trace import Step, TrainingTrace

MAX_INPUTS = 4  # columns that are printed
MAX_RAW = 2  # columns up to which their original values are printed, too
MAX_NEURONS = 6
WIDTH = 10  # characters of a number in a line


def describe_training(samples: int, batch_size: int, epochs: int) -> str:
    """Return what batch and epoch mean in this training, in numbers."""
    batches = -(-samples // batch_size)
    return _(
        "n = {samples} samples, batch size {size}: {batches}; {epochs}: {updates} of the weights.",
        samples=format_number(samples),
        size=format_number(min(batch_size, samples)),
        batches=plural("{count} batch an epoch", "{count} batches an epoch", batches),
        epochs=plural("{count} epoch", "{count} epochs", epochs),
        updates=plural("{count} update", "{count} updates", batches * epochs),
    )


def format_answers_before(trace: TrainingTrace, answers: Callable[[Tensor], Tensor]) -> str:
    """Return what the untrained neuron answers for a typical sample of each class."""
    return _("Before training: {answers}.", answers=_format_answers(trace, answers))


def _format_answers(trace: TrainingTrace, answers: Callable[[Tensor], Tensor]) -> str:
    parts = []
    for example in trace.examples[:MAX_NEURONS]:
        answer = answers(example.inputs[None])[0].cpu()
        value = answer[0] if len(answer) == 1 else answer[example.target]
        parts.append(f"{example.name} -> {fixed(float(value), 2)}")
    return "; ".join(parts)


def format_step(trace: TrainingTrace, step: Step, network: nn.Module) -> str:
    """Return the numbers of a step, after its update.

    The lines are: epoch and batch; the heads; each sample; the mean error and gradient; the update; the weights before
    and after it.
    """
    position = {"epoch": trace.epoch, "batch": trace.batch, "batches": trace.batches}
    lines = [_("epoch {epoch}, batch {batch} of {batches}", **position)]
    heads, columns = _sample_columns(trace, step)
    corrections = _correction_columns(trace, step)
    if corrections:
        names = [*trace.columns[:MAX_INPUTS], _("bias")]
        heads += [f"Δ {name}" if trace.is_plain else f"∂ {name}" for name in names]
    lines.append("".join(pad(head) for head in heads))
    for row in range(len(step.targets)):
        cells = [*(column[row] for column in columns), *(signed(column[row], 4) for column in corrections)]
        lines.append("".join(pad(cell) for cell in cells))
    lines.append(_("mean error {error}", error=fixed(float(step.errors.mean()), 3)))
    if corrections:
        gradient = [signed(value, 4) for value in step.weight_gradients().mean(0).tolist()]
        lines[-1] += "; " + _("mean gradient: {gradient}", gradient=_name_weights(trace, gradient))
        if trace.is_plain:
            total = _name_weights(trace, [signed(sum(column), 4) for column in corrections])
            rate = format_number(step.learning_rate)
            lines.append(_("update, -{rate} x mean gradient (the sums of the Δ): {total}", rate=rate, total=total))
        before = trace.steps[-1][2:].tolist()
        after = [float(v) for parameter in network.parameters() for v in parameter.detach().flatten()]
        changes = [f"{signed(old, 3)} -> {signed(new, 3)}" for old, new in zip(before, after)]
        lines.append(_("weights: {weights}", weights=_name_weights(trace, changes)))
    return "\n".join(lines) + "\n"


def _name_weights(trace: TrainingTrace, values: Sequence[str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in zip([*trace.columns, _("bias")], values))


def _sample_columns(trace: TrainingTrace, step: Step) -> tuple[list[str], list[list[str]]]:
    """Return the heads and the columns: original and standardized inputs, sum, output, target, error."""
    inputs = trace.columns[:MAX_INPUTS]
    scaled = step.inputs[:, : len(inputs)].double().cpu() if inputs else torch.zeros(len(step.targets), 0)
    heads, columns = [f"{name}'" for name in inputs], []
    if 0 < len(inputs) <= MAX_RAW:
        mean, std = (torch.tensor(part[: len(inputs)], dtype=torch.float64) for part in trace.scale)
        heads = [*inputs, *heads]
        columns = [[format_number(float(f"{v:.6g}")) for v in column] for column in (scaled * std + mean).T.tolist()]
    columns += [[signed(value, 3) for value in column] for column in scaled.T.tolist()]
    sums, answers = step.sums.T.tolist()[:MAX_NEURONS], step.answers.T.tolist()[:MAX_NEURONS]
    is_rescaled = not torch.equal(step.outputs, step.answers)
    is_single = len(sums) == 1
    heads += [_("sum")] if is_single else [f"Σ {name}" for name in trace.classes[:MAX_NEURONS]]
    columns += [[signed(value, 3) for value in column] for column in sums]
    if is_rescaled:
        heads.append(_("output"))
        columns.append([signed(value, 3) for value in step.outputs[:, 0].tolist()])
    answer = _("answer") if is_rescaled else _("output")
    heads += [answer] if is_single else list(trace.classes[:MAX_NEURONS])
    columns += [[fixed(value, 3) for value in column] for column in answers]
    heads += [_("target"), _("error")]
    columns.append([str(target) if is_single else trace.classes[target] for target in step.targets.tolist()])
    columns.append([fixed(value, 3) for value in step.errors.tolist()])
    return heads, columns


def _correction_columns(trace: TrainingTrace, step: Step) -> list[list[float]]:
    """Return each sample's part of the update of each weight; its gradients where the update is not plain."""
    if not trace.has_weights or len(trace.columns) > MAX_INPUTS:
        return []
    gradients = step.weight_gradients()
    scale = -step.learning_rate / len(gradients) if trace.is_plain else 1.0
    return [list(column) for column in (gradients * scale).T.tolist()]


def fixed(value: float, digits: int) -> str:
    """Return a number with a fixed number of decimals, in the user's language."""
    return localize(f"{value:.{digits}f}")


def signed(value: float, digits: int) -> str:
    """Return a number with its sign and a fixed number of decimals; a plus where it rounds to zero."""
    return localize(f"{round(value, digits) + 0.0:+.{digits}f}")


def pad(text: str) -> str:
    """Return a text right-aligned in `WIDTH` characters; a longer one is shortened."""
    return f"{text if len(text) < WIDTH else text[: WIDTH - 2] + '…':>{WIDTH}}"
