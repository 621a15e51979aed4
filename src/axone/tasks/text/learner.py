"""The training step of text classifiers: each member of the network has its own loss.

A network returns {"logits": [batch, members, classes], ...}. In training each member has its own cross-entropy, so that
one that fits the training texts at once does not leave the others nothing to learn. For evaluation and prediction
their logits are averaged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as functional
from jaxtyping import Float, Shaped
from torch import Tensor

from axone.data.tokens.encoder import UNKNOWN
from axone.data.tokens.stream import TextBatch
from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.engine.optimization.optimizer import Optimizer
from axone.graph import Model
from axone.settings import Settings
from axone.tasks.text.metrics import micro_f1


class TextLearner(Learner):
    """A network trained on batches of texts.

    Args:
        network: Takes inputs of `TextBatch` by their names, and returns a dict with "logits".
        settings: Settings of the optimizer and the loss.
        facts: `several_labels`: whether a text may have any number of labels.
        word_dropout: The fraction of the tokens of a text that are unknown in training.
        text_weights: The weight of each text in the loss; None: 1.
    """

    def __init__(
        self,
        network: Model,
        settings: Settings,
        facts: Mapping[str, Any],
        *,
        word_dropout: float,
        text_weights: Float[Tensor, " texts"] | None = None,
    ) -> None:
        self.network, self.word_dropout, self.text_weights = network, word_dropout, text_weights
        self.optimizer = Optimizer(network, settings)
        self.label_smoothing = settings.label_smoothing
        self.has_several_labels = bool(facts["several_labels"])
        self._answers: list[tuple[Tensor, Tensor]] = []

    def train_step(self, batch: TextBatch) -> Metrics:
        """Update the weights once, by the gradient of the mean loss over texts and members."""
        batch = self.drop_words(batch)
        with self.casting():
            logits = self.network(batch.inputs(self.network.input_names))["logits"].float()  # [B, M, K]
        loss = self.weigh(self.compute_losses(logits, batch.targets).mean(1), batch)
        self.optimizer.step(loss)
        return {"loss": loss.detach()}

    def eval_step(self, batch: TextBatch) -> Metrics:
        """Return the loss of the mean logits, and the accuracy; with several labels, that of each yes or no."""
        with self.casting():
            logits = self.network(batch.inputs(self.network.input_names))["logits"].float().mean(1)  # [B, K]
        loss = self.weigh(self.compute_losses(logits[:, None], batch.targets, smoothing=0.0).mean(1), batch)
        if not self.has_several_labels:
            return {"loss": loss, "accuracy": (logits.argmax(1) == batch.targets).float().mean()}
        self._answers.append((logits > 0, batch.targets > 0.5))
        return {"loss": loss, "accuracy": ((logits > 0) == (batch.targets > 0.5)).float().mean()}

    def begin_evaluation(self, stream: Any) -> None:
        """Forget the answers of an earlier evaluation."""
        self._answers = []

    def end_evaluation(self) -> dict[str, float]:
        """Return the F1 score over all labels of all texts, where a text may have several."""
        if not self._answers:
            return {}
        predicted, true = (torch.cat(column) for column in zip(*self._answers))
        return {"f1": micro_f1(predicted, true)}

    def compute_losses(
        self, logits: Float[Tensor, "batch members classes"], targets: Shaped[Tensor, "batch ..."],
        smoothing: float | None = None,
    ) -> Float[Tensor, "batch members"]:  # fmt: skip
        """Return the loss of each member for each text: cross-entropy; with several labels, the mean over labels."""
        smoothing = self.label_smoothing if smoothing is None else smoothing
        members = logits.shape[1]
        if self.has_several_labels:
            smooth = targets * (1 - smoothing) + smoothing / 2
            expanded = smooth[:, None].expand(-1, members, -1)
            return functional.binary_cross_entropy_with_logits(logits, expanded, reduction="none").mean(2)
        flat = functional.cross_entropy(
            logits.flatten(0, 1), targets.repeat_interleave(members), label_smoothing=smoothing, reduction="none"
        )
        return flat.view(-1, members)

    def weigh(self, losses: Float[Tensor, " batch"], batch: TextBatch) -> Float[Tensor, ""]:
        """Return the mean of losses, each with the weight of its text."""
        if self.text_weights is None:
            return losses.mean()
        return (self.text_weights[batch.index.cpu()].to(losses.device) * losses).mean()

    def drop_words(self, batch: TextBatch) -> TextBatch:
        """Return a batch in which some tokens are unknown and have no pieces."""
        if not self.word_dropout:
            return batch
        dropped = (torch.rand(batch.tokens.shape, device=batch.tokens.device) < self.word_dropout) & (batch.tokens > 0)
        return batch._replace(
            tokens=batch.tokens.masked_fill(dropped, UNKNOWN), pieces=batch.pieces.masked_fill(dropped[:, :, None], 0)
        )
