"""Learning to predict from rows: classes by cross-entropy, numbers by squared error; one network or many in one.

A network answers (batch, outputs), or (batch, members, outputs) when it is an ensemble: its members learn each by
itself, as the papers on ensembles advise, and are averaged when measuring and predicting: their probabilities for
classes, their values for numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as functional
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from axone.data.tables.columns import Encoded
from axone.data.tables.stream import TableBatch
from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.engine.optimizer import Optimizer
from axone.settings import Settings

MOST_ROWS = 4096  # that are measured or predicted together


class TableLearner(Learner):
    """A network on the rows of a table; batches are TableBatch."""

    def __init__(self, network: nn.Module, settings: Settings, facts: Mapping[str, Any], **options: Any) -> None:
        self.network = network
        self.optimizer = Optimizer(network, settings, **options)
        self.label_smoothing = settings.label_smoothing
        self.classes = len(facts["classes"])
        self.spread = [target["std"] for target in facts["targets"]]

    def train_step(self, batch: TableBatch) -> Metrics:
        """Descend on the errors of one batch."""
        with self.casting():
            answers = self.network(*parts(batch)).float()
        loss = self.loss(answers, batch.targets)
        self.optimizer.step(loss)
        return {"loss": loss.detach()}

    def loss(self, answers: Float[Tensor, "batch ..."], targets: Shaped[Tensor, "batch ..."]) -> Float[Tensor, ""]:
        """Return the mean error over rows and members."""
        if answers.ndim == 3:  # each member answers every row
            members = answers.shape[1]
            answers = answers.flatten(0, 1)
            targets = targets.repeat_interleave(members, 0)
        if self.classes:
            return functional.cross_entropy(answers, targets, label_smoothing=self.label_smoothing)
        return functional.mse_loss(answers, targets)

    def eval_step(self, batch: TableBatch) -> Metrics:
        """Measure one batch: error and accuracy for classes; squared and absolute error for numbers."""
        with self.casting():
            answers = joined(self.network(*parts(batch)).float(), self.classes > 0)
        if self.classes:
            loss = functional.nll_loss(answers.clamp_min(1e-12).log(), batch.targets)
            return {"loss": loss, "accuracy": (answers.argmax(1) == batch.targets).float().mean()}
        found = {"loss": functional.mse_loss(answers, batch.targets)}
        if len(self.spread) == 1:  # in the target's own unit; of several targets each has another
            found["error"] = (answers - batch.targets).abs().mean() * self.spread[0]
        return found


def parts(rows: TableBatch | Encoded) -> list[Tensor]:
    """Return what a network for such rows takes: numbers, categories, or both, as there are."""
    return [part for part in (rows.numbers, rows.categories) if part.shape[1]]


def joined(answers: Float[Tensor, "batch ..."], classes: bool) -> Float[Tensor, "batch outputs"]:
    """Average over members: probabilities of classes, or values."""
    if classes:
        answers = answers.softmax(-1)
    return answers.mean(1) if answers.ndim == 3 else answers


@torch.inference_mode()
def outputs(network: nn.Module, rows: Encoded, classes: bool) -> Float[Tensor, "rows outputs"]:
    """Return the probabilities of classes, or the values as the network counts them, of many rows: on the processor."""
    network.eval()
    device = next(network.parameters()).device
    found = []
    for start in range(0, max(1, len(rows)), MOST_ROWS):
        some = slice(start, start + MOST_ROWS)
        batch = Encoded(rows.numbers[some].to(device), rows.categories[some].to(device))
        answer = network(*parts(batch))
        # Where float64 was asked for, a row's answer must not depend on the rows beside it: no rounding to float32.
        found.append(joined(answer if answer.dtype == torch.float64 else answer.float(), classes).cpu())
    return torch.cat(found)
