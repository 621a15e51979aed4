"""A classifier that trains sequences of dense layers with backpropagation that is written out."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from axone.engine.metrics import Metrics
from axone.tasks.classification.learner import Classifier, accuracy
from axone.tasks.dense.backpropagation import DenseNetwork, cross_entropy


class DenseClassifier(Classifier):
    """A classifier with a faster training step where its network is a sequence of dense layers.

    Every other network, and every batch that needs more than plain cross-entropy in float32, takes the training step
    of `Classifier`. The arguments are those of `Classifier`.
    """

    def __init__(self, network: nn.Module, *others: Any, **options: Any) -> None:
        super().__init__(network, *others, **options)
        self.dense = DenseNetwork.from_model(network)

    @torch.no_grad()
    def train_step(self, batch: Any) -> Metrics:
        """Update the weights once, by the gradient of the mean cross-entropy of a batch."""
        if self.dense is None or not self._is_plain(batch):
            with torch.enable_grad():
                return super().train_step(batch)
        outputs = self.dense.forward(batch[0])  # [B, ...] -> [B, I], [B, O], ..., [B, K]
        loss, gradient = cross_entropy(outputs[-1], batch[1], self.label_smoothing)  # [], [B, K]
        self.dense.backward(outputs, gradient)
        self.optimizer.apply_gradients(loss, self.dense.gradients_to_check)
        return {"loss": loss, "accuracy": accuracy(outputs[-1], batch[1])}

    def _is_plain(self, batch: Any) -> bool:
        """Return whether a batch is not mixed, weighted or sharded, is in float32 and is followed by an update."""
        return (
            self.context.dtype is torch.float32
            and self.class_weights is None
            and self.optimizer.settings.accumulate == 1
            and self.optimizer.exchange is None
            and getattr(batch, "partner_targets", None) is None
        )
