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

from axone.engine.descent import Descent
from axone.engine.learner import Learner
from axone.engine.metrics import Metrics
from axone.settings import Settings

Views = Callable[[Tensor], Sequence[Tensor]]


def logits_over_views(network: nn.Module, inputs: Tensor, views: Views | None) -> Float[Tensor, "batch classes"]:
    """Return the mean of the logits over the views of each input (test-time augmentation), or over itself."""
    if views is None:
        return network(inputs)
    return torch.stack([network(view) for view in views(inputs)]).mean(0)


class Classifier(Learner):
    """A network that turns inputs into one logit a class; batches are (inputs, targets, ...).

    `views` gives the versions of an input whose answers are averaged when measuring and predicting.
    """

    def __init__(self, network: nn.Module, settings: Settings, views: Views | None = None) -> None:
        self.network = network
        self.descent = Descent(network, settings)
        self.label_smoothing = settings.label_smoothing
        self.views = views

    def step(self, batch: Any) -> Metrics:
        """Descend on the cross-entropy of one batch."""
        inputs, targets = batch[0], batch[1]
        with self.casting():
            logits = self.network(inputs)
        loss = functional.cross_entropy(logits.float(), targets, label_smoothing=self.label_smoothing)
        self.descent(loss)
        return {"loss": loss.detach(), "accuracy": accuracy(logits.detach(), targets)}

    def check(self, batch: Any) -> Metrics:
        """Measure cross-entropy (without smoothing) and accuracy on one batch."""
        inputs, targets = batch[0], batch[1]
        with self.casting():
            logits = logits_over_views(self.network, inputs, self.views)
        return {"loss": functional.cross_entropy(logits.float(), targets), "accuracy": accuracy(logits, targets)}


def accuracy(logits: Float[Tensor, "batch classes"], targets: Tensor) -> Float[Tensor, ""]:
    """Return the share of a batch whose largest logit is the true class."""
    return (logits.argmax(1) == targets).float().mean()
