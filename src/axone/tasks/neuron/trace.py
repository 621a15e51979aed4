"""The story of a neuron's training: weights and error at each step, and the numbers of a step as lines to read.

The story is part of a checkpoint, so a resumed run tells it from the beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from axone.messages import _, plural
from axone.numbers import localized, number

MOST_STEPS = 20_000  # remembered; of a longer training every second one, every fourth, ...
MOST_WEIGHTS = 12  # of a neuron, up to which they are remembered with the error
MOST_INPUTS = 4  # columns shown of a step
MOST_RAW = 2  # columns up to which they are shown as they are too, not only as the neuron sees them
MOST_NEURONS = 6
SLOT = 10  # characters of a number in a line


@dataclass(frozen=True)
class Example:
    """A typical sample of a class: what it is (scaled), which class, and how to call it."""

    inputs: Float[Tensor, " columns"]
    target: int
    name: str  # for example: child (age 9, weight 30.4)


@dataclass(frozen=True)
class Step:
    """The numbers of one step, before the weights are corrected; the last axis is the neurons'."""

    inputs: Float[Tensor, "batch ..."]
    targets: Int64[Tensor, " batch"]
    sums: Float[Tensor, "batch neurons"]
    outputs: Float[Tensor, "batch neurons"]
    answers: Float[Tensor, "batch neurons"]  # the outputs, read on a scale of 0 to 1
    errors: Float[Tensor, " batch"]
    slopes: Float[Tensor, "batch neurons"]  # how a sample's error changes with the sums
    rate: float


class Story:
    """What happened to the weights; `is_shown` tells whether each step is to be printed."""

    def __init__(
        self,
        columns: Sequence[str],
        classes: Sequence[str],
        scale: tuple[Sequence[float], Sequence[float]],
        *,
        batches: int,
        examples: Sequence[Example] = (),
        is_shown: bool = False,
        is_plain: bool = True,
    ) -> None:
        """Take the inputs' names (none for pictures), their mean and deviation, and the batches of an epoch.

        `is_plain`: a weight is corrected by the learning rate times its mean gradient, and by nothing else.
        """
        self.columns, self.classes, self.scale = tuple(columns), tuple(classes), scale
        self.batches, self.examples = batches, tuple(examples)
        self.is_shown, self.is_plain = is_shown, is_plain
        self.epoch, self.batch, self.every, self.count = 1, 0, 1, 0
        self.steps: list[Tensor] = []  # of each: epoch, mean error, weights, bias

    @property
    def is_new(self) -> bool:
        """Nothing has been learned yet."""
        return self.count == 0

    @property
    def has_weights(self) -> bool:
        """Whether the weights are remembered beside the errors: of one neuron with few inputs."""
        return len(self.classes) == 2 and 0 < len(self.columns) <= MOST_WEIGHTS

    def begin_epoch(self, epoch: int) -> None:
        """Begin a page."""
        self.epoch, self.batch = epoch, 0

    def remember(self, network: nn.Module, error: Tensor) -> None:
        """Keep the weights as they are and the error that they make on the batch at hand."""
        self.batch, self.count = self.batch + 1, self.count + 1
        if (self.count - 1) % self.every:
            return
        kept = [torch.full((1,), float(self.epoch)), error.detach().reshape(1)]
        if self.has_weights:
            kept += [parameter.detach().flatten() for parameter in network.parameters()]
        self.steps.append(torch.cat([part.to(error.device, torch.float32) for part in kept]))
        if len(self.steps) > MOST_STEPS:
            self.steps, self.every = self.steps[::2], 2 * self.every

    def table(self) -> Float[Tensor, "steps numbers"]:
        """Return the steps: epoch, error, then (where remembered) the weights in order, and the bias."""
        if not self.steps:
            return torch.zeros(0, 2 + (len(self.columns) + 1 if self.has_weights else 0))
        self.steps = [step.cpu() for step in self.steps]  # learned on a device, or read from a checkpoint
        return torch.stack(self.steps)

    def state_dict(self) -> dict[str, Any]:
        """Return all of it."""
        return {"steps": self.table(), "batch": self.batch, "every": self.every, "count": self.count}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
        self.steps = list(state["steps"])
        self.batch, self.every, self.count = state["batch"], state["every"], state["count"]

    def beginning(self, answers: Callable[[Tensor], Tensor]) -> str:
        """Say what the untrained neuron answers to a typical sample of each class."""
        return _("Before it learns: {answers}.", answers=self._said(answers))

    def end(self, answers: Callable[[Tensor], Tensor]) -> str:
        """Say the same of the trained neuron."""
        return _("After it learned: {answers}.", answers=self._said(answers))

    def _said(self, answers: Callable[[Tensor], Tensor]) -> str:
        said = []
        for example in self.examples[:MOST_NEURONS]:
            given = answers(example.inputs[None])[0].cpu()
            value = given[0] if len(given) == 1 else given[example.target]
            said.append(f"{example.name} -> {fixed(float(value), 2)}")
        return "; ".join(said)

    def told(self, step: Step, network: nn.Module) -> str:
        """Write the numbers of a step, after it: a line a sample, their corrections, the weights before and after."""
        place = {"epoch": self.epoch, "batch": self.batch, "batches": self.batches}
        lines = [_("epoch {epoch}, batch {batch} of {batches}", **place)]
        names, values = self._samples(step)
        corrections = self._corrections(step)
        heads = [f"Δ {name}" if self.is_plain else f"∂ {name}" for name in self._weights] if corrections else []
        lines.append("".join(slot(name) for name in [*names, *heads]))
        for row in range(len(step.targets)):
            cells = [*(column[row] for column in values), *(signed(column[row], 4) for column in corrections)]
            lines.append("".join(slot(cell) for cell in cells))
        lines.append(_("mean error {error}", error=fixed(float(step.errors.mean()), 3)))
        if corrections:
            gradient = self._gradients(step).mean(0).tolist()
            lines[-1] += "; " + _("mean gradient: {gradient}", gradient=self._named([signed(g, 4) for g in gradient]))
            if self.is_plain:  # each weight is corrected by this
                total = self._named([signed(sum(column), 4) for column in corrections])
                rate = number(step.rate)
                lines.append(_("corrections, -{rate} x gradient (the sums of the Δ): {total}", rate=rate, total=total))
            before = self.steps[-1][2:].tolist()
            after = [float(v) for parameter in network.parameters() for v in parameter.detach().flatten()]
            changed = [f"{signed(old, 3)} -> {signed(new, 3)}" for old, new in zip(before, after)]
            lines.append(_("weights: {weights}", weights=self._named(changed)))
        return "\n".join(lines) + "\n"

    @property
    def _weights(self) -> list[str]:
        return [*self.columns[:MOST_INPUTS], _("bias")]

    def _named(self, values: Sequence[str]) -> str:
        return ", ".join(f"{name} {value}" for name, value in zip([*self.columns, _("bias")], values))

    def _samples(self, step: Step) -> tuple[list[str], list[list[str]]]:
        """Return the heads and the columns: inputs as they are and as the neuron sees them, sum, output, error."""
        shown = self.columns[:MOST_INPUTS]
        scaled = step.inputs[:, : len(shown)].double().cpu() if shown else torch.zeros(len(step.targets), 0)
        means, deviations = (torch.tensor(part[: len(shown)], dtype=torch.float64) for part in self.scale)
        raw = scaled * deviations + means if shown else scaled
        names, columns = [f"{name}'" for name in shown], []
        if len(shown) <= MOST_RAW:
            names = [*shown, *names]
            columns = [[number(float(f"{value:.6g}")) for value in column] for column in raw.T.tolist()]
        columns += [[signed(value, 3) for value in column] for column in scaled.T.tolist()]
        sums, answers = step.sums.T.tolist()[:MOST_NEURONS], step.answers.T.tolist()[:MOST_NEURONS]
        is_read = not torch.equal(step.outputs, step.answers)
        one = len(sums) == 1
        names += [_("sum")] if one else [f"Σ {name}" for name in self.classes[:MOST_NEURONS]]
        columns += [[signed(value, 3) for value in column] for column in sums]
        if is_read:
            names.append(_("output"))
            columns.append([signed(value, 3) for value in step.outputs[:, 0].tolist()])
        names += [_("answer") if is_read else _("output")] if one else list(self.classes[:MOST_NEURONS])
        columns += [[fixed(value, 3) for value in column] for column in answers]
        names += [_("truth"), _("error")]
        columns.append([str(target) if one else self.classes[target] for target in step.targets.tolist()])
        columns.append([fixed(value, 3) for value in step.errors.tolist()])
        return names, columns

    def _corrections(self, step: Step) -> list[list[float]]:
        """Return what each sample asks of each weight: its part of the correction, or (not plain) its gradient."""
        if not self.has_weights or len(self.columns) > MOST_INPUTS:
            return []
        gradients = self._gradients(step)
        scale = -step.rate / len(gradients) if self.is_plain else 1.0
        return [list(column) for column in (gradients * scale).T.tolist()]

    @staticmethod
    def _gradients(step: Step) -> Float[Tensor, "batch weights"]:
        """Return how each sample's error changes with each weight, and with the bias: its slope times the input."""
        inputs = torch.cat([step.inputs.cpu(), torch.ones(len(step.inputs), 1)], 1)
        return step.slopes.double().cpu() * inputs.double()


def fixed(value: float, digits: int) -> str:
    """Write a number with so many decimals in the reader's language."""
    return localized(f"{value:.{digits}f}")


def signed(value: float, digits: int) -> str:
    """Write a number with so many decimals and its sign; what is rounded to zero has a plus."""
    return localized(f"{round(value, digits) + 0.0:+.{digits}f}")


def slot(text: str) -> str:
    """Put a text at the right of a slot, cut to it."""
    return f"{text if len(text) < SLOT else text[: SLOT - 2] + '…':>{SLOT}}"


def introduction(samples: int, batch_size: int, epochs: int) -> str:
    """Say what a batch and an epoch are, with the numbers of this training."""
    batches = -(-samples // batch_size)
    return _(
        "n = {samples} samples, batch size {size}: {batches}; {epochs}: {corrections} of the weights.",
        samples=number(samples),
        size=number(min(batch_size, samples)),
        batches=plural("{count} batch an epoch", "{count} batches an epoch", batches),
        epochs=plural("{count} epoch", "{count} epochs", epochs),
        corrections=plural("{count} correction", "{count} corrections", batches * epochs),
    )
