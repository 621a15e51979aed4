"""The trace of a neuron's training: the error and the weights at each step. It is part of a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

MAX_STEPS = 20_000  # recorded; of a longer training every second step, every fourth, ...
MAX_WEIGHTS = 12  # columns up to which the weights are recorded with the error


@dataclass(frozen=True)
class Example:
    """A typical sample of a class."""

    inputs: Float[Tensor, " columns"]  # standardized
    target: int
    name: str  # for example: child (age 9, weight 30.4)


@dataclass(frozen=True)
class Step:
    """The numbers of one training step, before the weights are updated."""

    inputs: Float[Tensor, "batch ..."]
    targets: Int64[Tensor, " batch"]
    sums: Float[Tensor, "batch neurons"]
    outputs: Float[Tensor, "batch neurons"]
    answers: Float[Tensor, "batch neurons"]  # the outputs on a scale from 0 to 1
    errors: Float[Tensor, " batch"]
    sum_gradients: Float[Tensor, "batch neurons"]  # of each sample's error with respect to its sums
    learning_rate: float

    def weight_gradients(self) -> Float[Tensor, "batch weights"]:
        """Return the gradient of each sample's error with respect to the weights and the bias of one neuron.

        By the chain rule, it is the gradient with respect to the sum times the input.
        """
        inputs = torch.cat([self.inputs.cpu(), torch.ones(len(self.inputs), 1)], 1)  # [B, C + 1]
        return self.sum_gradients.double().cpu() * inputs.double()  # [B, 1] * [B, C + 1]


class TrainingTrace:
    """Records the error and the weights of each step.

    Args:
        columns: The names of the inputs; empty for images.
        classes: The names of the classes.
        scale: Mean and standard deviation of each column.
        batches: Batches of an epoch.
        examples: Typical samples, whose answers are reported before and after training.
        prints_steps: Whether every step is printed.
        is_plain: Whether an update is the learning rate times the mean gradient, and nothing else.
    """

    def __init__(
        self,
        columns: Sequence[str],
        classes: Sequence[str],
        scale: tuple[Sequence[float], Sequence[float]],
        *,
        batches: int,
        examples: Sequence[Example] = (),
        prints_steps: bool = False,
        is_plain: bool = True,
    ) -> None:
        self.columns, self.classes, self.scale = tuple(columns), tuple(classes), scale
        self.batches, self.examples = batches, tuple(examples)
        self.prints_steps, self.is_plain = prints_steps, is_plain
        self.epoch, self.batch, self.every, self.count = 1, 0, 1, 0
        self.steps: list[Tensor] = []  # of each: epoch, mean error, weights, bias

    @property
    def is_new(self) -> bool:
        """Whether no step has been recorded yet."""
        return self.count == 0

    @property
    def has_weights(self) -> bool:
        """Whether the weights are recorded with the errors: those of one neuron with few inputs."""
        return len(self.classes) == 2 and 0 < len(self.columns) <= MAX_WEIGHTS

    def begin_epoch(self, epoch: int) -> None:
        """Set the epoch of the steps that follow."""
        self.epoch, self.batch = epoch, 0

    def record(self, network: nn.Module, error: Tensor) -> None:
        """Record the current weights and their mean error on the current batch, before the update."""
        self.batch, self.count = self.batch + 1, self.count + 1
        if (self.count - 1) % self.every:
            return
        parts = [torch.full((1,), float(self.epoch)), error.detach().reshape(1)]
        if self.has_weights:
            parts += [parameter.detach().flatten() for parameter in network.parameters()]
        self.steps.append(torch.cat([part.to(error.device, torch.float32) for part in parts]))
        if len(self.steps) > MAX_STEPS:
            self.steps, self.every = self.steps[::2], 2 * self.every

    def table(self) -> Float[Tensor, "steps numbers"]:
        """Return the steps: epoch, error and, where they are recorded, the weights in order and the bias."""
        if not self.steps:
            return torch.zeros(0, 2 + (len(self.columns) + 1 if self.has_weights else 0))
        self.steps = [step.cpu() for step in self.steps]  # from a device, or from a checkpoint
        return torch.stack(self.steps)

    def state_dict(self) -> dict[str, Any]:
        """Return the recorded steps and the position."""
        return {"steps": self.table(), "batch": self.batch, "every": self.every, "count": self.count}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore what `state_dict` returned."""
        self.steps = list(state["steps"])
        self.batch, self.every, self.count = state["batch"], state["every"], state["count"]
