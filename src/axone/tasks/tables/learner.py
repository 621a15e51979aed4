"""The training step of systems that predict columns: cross-entropy for classes, mean squared error for numbers.

A network returns [batch, outputs], or [batch, members, outputs] when it is an ensemble. In training each member has
its own loss. For evaluation and prediction the members are averaged: their probabilities, or their values.
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
from axone.engine.optimization.optimizer import Optimizer
from axone.settings import Settings

EVALUATION_BATCH = 4096  # rows that are evaluated or predicted together


class TableLearner(Learner):
    """A network trained on TableBatch batches.

    Args:
        network: Takes numbers, categories or both (see `network_inputs`).
        settings: Settings of the optimizer and the loss.
        facts: `classes` (empty for a regression) and `targets`.
        row_weights: The weight of each row of the table in the loss; None: 1.
        options: Further arguments of the optimizer.
    """

    def __init__(
        self,
        network: nn.Module,
        settings: Settings,
        facts: Mapping[str, Any],
        row_weights: Float[Tensor, " rows"] | None = None,
        **options: Any,
    ) -> None:
        self.network, self.row_weights = network, row_weights
        self.optimizer = Optimizer(network, settings, **options)
        self.label_smoothing = settings.label_smoothing
        self.is_classification = len(facts["classes"]) > 0
        self.target_scales = [target["std"] for target in facts["targets"]]

    def train_step(self, batch: TableBatch) -> Metrics:
        """Update the weights once, by the gradient of the mean loss of a batch."""
        with self.casting():
            outputs = self.network(*network_inputs(batch)).float()  # [B, K] or [B, M, K]
        loss = self.compute_loss(outputs, batch.targets, self._weights_of(batch))
        self.optimizer.step(loss)
        return {"loss": loss.detach()}

    def _weights_of(self, batch: TableBatch) -> Float[Tensor, " batch"] | None:
        return None if self.row_weights is None else self.row_weights[batch.index.cpu()].to(batch.index.device)

    def compute_loss(
        self,
        outputs: Float[Tensor, "batch ..."],
        targets: Shaped[Tensor, "batch ..."],
        weights: Float[Tensor, " batch"] | None = None,
    ) -> Float[Tensor, ""]:
        """Return the mean loss over rows and members.

        Args:
            outputs: Logits or standardized values, [batch, outputs] or [batch, members, outputs].
            targets: Class indices [batch], or standardized values [batch, outputs].
            weights: The weight of each row; None: 1.
        """
        if outputs.ndim == 3:
            members = outputs.shape[1]
            outputs = outputs.flatten(0, 1)  # [B, M, K] -> [B * M, K]
            targets = targets.repeat_interleave(members, 0)  # [B] -> [B * M], or [B, K] -> [B * M, K]
            weights = None if weights is None else weights.repeat_interleave(members)  # [B] -> [B * M]
        if weights is not None:
            if self.is_classification:
                losses = functional.cross_entropy(
                    outputs, targets, label_smoothing=self.label_smoothing, reduction="none"
                )
            else:
                losses = (outputs - targets).square().mean(1)
            return (weights * losses).mean()
        if self.is_classification:
            return functional.cross_entropy(outputs, targets, label_smoothing=self.label_smoothing)
        return functional.mse_loss(outputs, targets)

    def eval_step(self, batch: TableBatch) -> Metrics:
        """Return loss and accuracy for classes; loss and, for a single target, mean absolute error for numbers."""
        with self.casting():
            outputs = self.network(*network_inputs(batch)).float()
            outputs = average_members(outputs, self.is_classification)  # [B, K]
        weights = self._weights_of(batch)
        if self.is_classification:
            logs = outputs.clamp_min(1e-12).log()
            loss = functional.nll_loss(logs, batch.targets)
            if weights is not None:
                loss = (weights * functional.nll_loss(logs, batch.targets, reduction="none")).mean()
            return {"loss": loss, "accuracy": (outputs.argmax(1) == batch.targets).float().mean()}
        loss = functional.mse_loss(outputs, batch.targets)
        if weights is not None:
            loss = (weights * (outputs - batch.targets).square().mean(1)).mean()
        metrics = {"loss": loss}
        if len(self.target_scales) == 1:  # in the unit of the target; several targets have different units
            metrics["mean_absolute_error"] = (outputs - batch.targets).abs().mean() * self.target_scales[0]
        return metrics


def network_inputs(rows: TableBatch | Encoded) -> list[Tensor]:
    """Return the arguments of a network for these rows: numbers, categories or both, without the empty one."""
    return [part for part in (rows.numbers, rows.categories) if part.shape[1]]


def average_members(outputs: Float[Tensor, "batch ..."], is_classification: bool) -> Float[Tensor, "batch outputs"]:
    """Return class probabilities, or standardized values; of an ensemble, the mean over its members."""
    if is_classification:
        outputs = outputs.softmax(-1)
    return outputs.mean(1) if outputs.ndim == 3 else outputs


@torch.inference_mode()
def compute_outputs(network: nn.Module, rows: Encoded, is_classification: bool) -> Float[Tensor, "rows outputs"]:
    """Return the probabilities of classes, or the standardized values, of any number of rows, on the CPU."""
    network.eval()
    device = next(network.parameters()).device
    outputs = []
    for start in range(0, max(1, len(rows)), EVALUATION_BATCH):
        chunk = slice(start, start + EVALUATION_BATCH)
        batch = Encoded(rows.numbers[chunk].to(device), rows.categories[chunk].to(device))
        outputs.append(average_members(network(*network_inputs(batch)).float(), is_classification).cpu())
    return torch.cat(outputs)
