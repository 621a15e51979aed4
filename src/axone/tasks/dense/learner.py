"""Dense layers in a row, taught with gradients that are written out instead of traced.

For a small network most of a step is not arithmetic: autograd notes each operation, then walks back over its notes.
But the gradient of a chain is three lines a layer, and every textbook has them. With x the layer's input, s = x W' + b
its sums, h = f(s) its answer and d the gradient of the loss for h:

    ds = d * f'(s)        db = sum of ds over the batch        dW = ds' x        dx = ds W

(Rumelhart, Hinton, Williams 1986, "Learning representations by back-propagating errors".) The derivatives f' are
written in terms of h, which is there already. Tests hold the results against autograd's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as functional
from jaxtyping import Float, Int64
from torch import Tensor, nn

from axone.engine.metrics import Metrics
from axone.graph import ACTIVATIONS, Model
from axone.tasks.classification.learner import Classifier, accuracy

# Activation -> what turns the gradient for its answer h into the one for its sum, in place.
SLOPES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "linear": lambda d, h: d,
    "relu": lambda d, h: d.mul_(h > 0),
    "leaky_relu": lambda d, h: d.mul_(torch.where(h > 0, 1.0, 0.01)),
    "sigmoid": lambda d, h: d.mul_(h * (1 - h)),
    "tanh": lambda d, h: d.mul_(1 - h * h),
}


@dataclass(frozen=True)
class Dense:
    """One layer of a chain."""

    layer: nn.Linear
    activation: str


class Chain:
    """The forward and the backward pass of dense layers in a row, on the weights of a network."""

    def __init__(self, layers: Sequence[Dense]) -> None:
        self.layers = layers
        self.gradients: list[Tensor] = []

    @classmethod
    def of(cls, network: nn.Module) -> Chain | None:
        """Return the chain that a network is, or None when it is anything more: dropout, norms, branches."""
        if not isinstance(network, Model) or len(network.input_shapes) != 1:
            return None
        found, before = [], ""
        for node in network.nodes:
            if node.inputs != ((before,) if before else ()) or node.shared:
                return None
            before = node.name
            if node.kind == "Linear":
                activation = getattr(node.layer, "activation", None) or "linear"
                layer = network.get_submodule(node.name)
                if activation not in SLOPES or not isinstance(layer, nn.Linear) or layer.bias is None:
                    return None
                found.append(Dense(layer, activation))
            elif node.kind not in ("Input", "Flatten") or (node.kind == "Flatten" and found):
                return None
        return cls(found) if found else None

    def forward(self, inputs: Float[Tensor, "batch ..."]) -> list[Tensor]:
        """Return the flat inputs, and the answer of each layer."""
        answers = [inputs.flatten(1)]
        for dense in self.layers:
            sums = torch.addmm(dense.layer.bias, answers[-1], dense.layer.weight.t())
            answers.append(ACTIVATIONS[dense.activation].function(sums))
        return answers

    @property
    def witnesses(self) -> list[Tensor]:
        """Small gradients that are finite only when all are: those of the biases, through which all others came."""
        return self.gradients[1::2]

    def backward(self, answers: Sequence[Tensor], gradient: Float[Tensor, "batch outputs"]) -> None:
        """Put the gradients of all weights into `grad`, from that of the last answer, which is used up."""
        if not self.gradients:  # kept from step to step, for fresh memory costs more than a small product
            weights = [p for dense in self.layers for p in (dense.layer.weight, dense.layer.bias)]
            self.gradients = [torch.empty_like(weight) for weight in weights]
        for place in range(len(self.layers) - 1, -1, -1):
            dense, into = self.layers[place], self.gradients[2 * place : 2 * place + 2]
            sums = SLOPES[dense.activation](gradient, answers[place + 1])
            torch.mm(sums.t(), answers[place], out=into[0])
            torch.sum(sums, 0, out=into[1])
            dense.layer.weight.grad, dense.layer.bias.grad = into
            if place:
                gradient = torch.mm(sums, dense.layer.weight)


def cross_entropy(
    logits: Float[Tensor, "batch classes"], targets: Int64[Tensor, " batch"], smoothing: float
) -> tuple[Float[Tensor, ""], Float[Tensor, "batch classes"]]:
    """Return the mean cross-entropy of a batch, and its gradient for the logits: (softmax - truth) / batch."""
    batch, classes = logits.shape
    logarithms = logits.log_softmax(1)
    loss = functional.nll_loss(logarithms, targets)
    if smoothing:
        loss = torch.lerp(loss, -logarithms.mean(), smoothing)
    gradient = logarithms.exp_()
    if smoothing:
        gradient.sub_(smoothing / classes)
    gradient.scatter_add_(1, targets.unsqueeze(1), logits.new_full((batch, 1), smoothing - 1))
    return loss, gradient.mul_(1 / batch)


class ChainClassifier(Classifier):
    """A classifier that takes the short way where its network is a chain, and teaches as any other elsewhere."""

    def __init__(self, network: nn.Module, *others: Any, **options: Any) -> None:
        super().__init__(network, *others, **options)
        self._chain = Chain.of(network)

    def _is_plain(self, batch: Any) -> bool:
        """Say whether a batch is an ordinary one: not mixed, not weighed, in float32, followed by an update."""
        return (
            self.context.dtype is torch.float32
            and self.class_weights is None
            and self.optimizer.settings.accumulate == 1
            and getattr(batch, "partner_targets", None) is None
        )

    @torch.no_grad()
    def train_step(self, batch: Any) -> Metrics:
        """Descend on the cross-entropy of one batch."""
        if self._chain is None or not self._is_plain(batch):
            with torch.enable_grad():
                return super().train_step(batch)
        answers = self._chain.forward(batch[0])
        loss, gradient = cross_entropy(answers[-1], batch[1], self.label_smoothing)
        self._chain.backward(answers, gradient)
        self.optimizer.apply(loss, self._chain.witnesses)
        return {"loss": loss, "accuracy": accuracy(answers[-1], batch[1])}
