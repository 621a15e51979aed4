"""Learning to name a class from examples: cross-entropy, accuracy, and views averaged when measuring.

Seven systems of the course end in this learner, whatever network stands in front of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as functional
from jaxtyping import Float
from torch import Tensor, nn

from axone.engine.layer_groups import LayerGroups
from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.engine.optimizer import Optimizer
from axone.settings import Settings

Views = Callable[[Tensor], Sequence[Tensor]]


def logits_over_views(network: nn.Module, inputs: Tensor, views: Views | None) -> Float[Tensor, "batch classes"]:
    """Return the mean of the logits over the views of each input (test-time augmentation), or over itself."""
    if views is None:
        return network(inputs)
    return torch.stack([network(view) for view in views(inputs)]).mean(0)


class Classifier(Learner):
    """A network that turns inputs into one logit a class; batches are (inputs, targets, ...).

    `views` gives the versions of an input whose answers are averaged when measuring and predicting; `layer_groups` say
    how the network's stages learn. A network that in training answers several times, from different depths, is
    right in the first answer; each other one counts `auxiliary_weight` in the loss.
    """

    def __init__(
        self,
        network: nn.Module,
        settings: Settings,
        views: Views | None = None,
        *,
        layer_groups: LayerGroups | None = None,
        auxiliary_weight: float = 0.4,
    ) -> None:
        self.network = network
        self.optimizer = Optimizer(network, settings, layer_groups=layer_groups)
        self.label_smoothing = settings.label_smoothing
        self.views = views
        self.auxiliary_weight = auxiliary_weight
        self.class_weights: Float[Tensor, " classes"] | None = None  # of each class's errors in training

    def train_step(self, batch: Any) -> Metrics:
        """Descend on the cross-entropy of one batch."""
        with self.casting():
            answers = self.network(batch[0])
        logits, *auxiliary = answers if isinstance(answers, tuple) else (answers,)
        loss = self.loss(logits.float(), batch)
        for other in auxiliary:
            loss = loss + self.auxiliary_weight * self.loss(other.float(), batch)
        self.optimizer.step(loss)
        return {"loss": loss.detach(), "accuracy": accuracy(logits.detach(), batch[1])}

    def loss(self, logits: Float[Tensor, "batch classes"], batch: Any) -> Float[Tensor, ""]:
        """Return the mean cross-entropy of a batch; mixed pictures have two answers, each right in part."""
        losses = self.losses(logits, batch[1])
        if getattr(batch, "partner_targets", None) is not None:
            losses = torch.lerp(self.losses(logits, batch.partner_targets), losses, batch.own_share)
        return losses.mean()

    def losses(self, logits: Float[Tensor, "batch classes"], targets: Tensor) -> Float[Tensor, " batch"]:
        """Return the cross-entropy of each example, as training sees it: smoothed, and weighed by class."""
        weights = None if self.class_weights is None else self.class_weights.to(logits.device)
        return functional.cross_entropy(
            logits, targets, weight=weights, label_smoothing=self.label_smoothing, reduction="none"
        )

    def eval_step(self, batch: Any) -> Metrics:
        """Measure cross-entropy (without smoothing) and accuracy on one batch."""
        inputs, targets = batch[0], batch[1]
        with self.casting():
            logits = logits_over_views(self.network, inputs, self.views)
        return {"loss": functional.cross_entropy(logits.float(), targets), "accuracy": accuracy(logits, targets)}


def accuracy(logits: Float[Tensor, "batch classes"], targets: Tensor) -> Float[Tensor, ""]:
    """Return the share of a batch whose largest logit is the true class."""
    return (logits.argmax(1) == targets).float().mean()
