"""The training step of all classifiers: cross-entropy on the logits of a network, and accuracy.

cnn, vgg, resnet, inception, mobilenet, cnn_xgboost and mlp differ in their network; this learner trains all of them.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as functional
from jaxtyping import Float, Int64
from torch import Tensor, nn

from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.engine.optimization.layer_groups import LayerGroups
from axone.engine.optimization.optimizer import Optimizer
from axone.settings import Settings
from axone.tasks.classification.views import Views, average_logits

MOST_COLLECTED = 20_000_000  # logits of one evaluation that are kept for its figures


class Evaluated:
    """The targets and the logits of the batches of a stream, in its order.

    Args:
        stream: The stream.
        most: The number of logits from which on nothing is collected; None: all are.
    """

    def __init__(self, stream: Any, most: int | None = MOST_COLLECTED) -> None:
        self.stream, self.most = stream, most
        self.targets: list[Tensor] = []
        self.logits: list[Tensor] = []

    def add(self, targets: Tensor, logits: Float[Tensor, "batch classes"]) -> None:
        """Collect a batch."""
        if self.most is None or self.stream.samples * logits.shape[1] <= self.most:
            self.targets.append(targets)
            self.logits.append(logits)

    @property
    def is_complete(self) -> bool:
        """Whether all samples of the stream are here."""
        return sum(len(part) for part in self.targets) == self.stream.samples


class Classifier(Learner):
    """Trains a network that maps inputs to one logit per class, on batches (inputs, targets, ...).

    Args:
        network: The network. In training it may return a tuple: the logits, then those of auxiliary heads.
        settings: The settings of the optimizer, and `label_smoothing`.
        views: The views of an input whose logits are averaged in evaluation (see `views.py`).
        class_weights: The weight of each class's examples in the training loss; None: 1.
        trainable: The part of the network that the optimizer trains; None: all of it.
        layer_groups: How learning rates differ between groups of layers, and which groups are frozen.
        auxiliary_weight: The weight of each auxiliary head's loss, as in the Inception paper.
    """

    def __init__(
        self,
        network: nn.Module,
        settings: Settings,
        views: Views | None = None,
        *,
        class_weights: Float[Tensor, " classes"] | None = None,
        trainable: nn.Module | None = None,
        layer_groups: LayerGroups | None = None,
        auxiliary_weight: float = 0.4,
    ) -> None:
        self.network = network
        self.optimizer = Optimizer(trainable or network, settings, layer_groups=layer_groups)
        self.label_smoothing = settings.label_smoothing
        self.views = views
        self.class_weights = class_weights
        self.auxiliary_weight = auxiliary_weight
        self._collected: Evaluated | None = None  # of an evaluation that is running
        self._evaluated: Evaluated | None = None  # of the last one with the present weights

    def compute_outputs(self, inputs: Tensor) -> Any:
        """Return the logits of normalized inputs; in training also those of auxiliary heads, in a tuple."""
        return self.network(inputs)

    def train_step(self, batch: Any) -> Metrics:
        """Take one optimizer step on the cross-entropy of a batch."""
        with self.casting():
            outputs = self.compute_outputs(batch[0])
        logits, *auxiliary = outputs if isinstance(outputs, tuple) else (outputs,)  # [batch, classes] each
        loss = self.loss(logits.float(), batch)
        for auxiliary_logits in auxiliary:
            loss = loss + self.auxiliary_weight * self.loss(auxiliary_logits.float(), batch)
        self.optimizer.step(loss)
        return {"loss": loss.detach(), "accuracy": accuracy(logits.detach(), batch[1])}

    def loss(self, logits: Float[Tensor, "batch classes"], batch: Any) -> Float[Tensor, ""]:
        """Return the mean cross-entropy of a batch. A mixed image has two targets, weighted by their shares."""
        losses = self.losses(logits, batch[1])  # [batch]
        if getattr(batch, "partner_targets", None) is not None:
            losses = torch.lerp(self.losses(logits, batch.partner_targets), losses, batch.own_share)
        return losses.mean()

    def losses(
        self, logits: Float[Tensor, "batch classes"], targets: Int64[Tensor, " batch"]
    ) -> Float[Tensor, " batch"]:
        """Return the cross-entropy of each example in training: with label smoothing and class weights."""
        weights = None if self.class_weights is None else self.class_weights.to(logits.device)
        return functional.cross_entropy(
            logits, targets, weight=weights, label_smoothing=self.label_smoothing, reduction="none"
        )

    def eval_step(self, batch: Any) -> Metrics:
        """Compute cross-entropy (without label smoothing and class weights) and accuracy of a batch."""
        logits, targets = self.evaluate_logits(batch[0]), batch[1]
        if self._collected is not None:
            self._collected.add(targets, logits)
        return {"loss": functional.cross_entropy(logits.float(), targets), "accuracy": accuracy(logits, targets)}

    def begin_evaluation(self, stream: Any) -> None:
        """Collect the logits of an evaluation, so that the figures after it need not compute them again."""
        self._evaluated, self._collected = None, Evaluated(stream)

    def end_evaluation(self) -> dict[str, float]:
        """Keep what was collected, until weights change."""
        self._evaluated, self._collected = self._collected, None
        return {}

    def begin_epoch(self, epoch: int) -> None:
        """Forget the logits of earlier weights."""
        self._evaluated = None
        super().begin_epoch(epoch)

    def load_weights(self, weights: dict[str, Tensor]) -> None:
        """Forget the logits of other weights, and load these."""
        self._evaluated = None
        super().load_weights(weights)

    def collect_logits(self, stream: Any) -> Evaluated:
        """Return the targets and logits of a stream in a fixed order: those of the last evaluation, or computed now."""
        if self._evaluated is not None and self._evaluated.stream is stream and self._evaluated.is_complete:
            return self._evaluated
        evaluated = Evaluated(stream, most=None)
        for batch in stream.batches(1):
            evaluated.add(batch[1], self.evaluate_logits(batch[0]))
        return evaluated

    def evaluate_logits(self, inputs: Tensor) -> Float[Tensor, "batch classes"]:
        """Return the logits of normalized inputs as evaluation uses them: averaged over views, in our precision."""
        with self.casting():
            return average_logits(self.compute_outputs, inputs, self.views)


def accuracy(logits: Float[Tensor, "batch classes"], targets: Int64[Tensor, " batch"]) -> Float[Tensor, ""]:
    """Return the share of a batch whose largest logit is the true class's."""
    return (logits.argmax(1) == targets).float().mean()
