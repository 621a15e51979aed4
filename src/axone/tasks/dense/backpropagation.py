"""Backpropagation through a sequence of dense layers, written out instead of recorded by autograd.

In a small network most of a step's time is not arithmetic: autograd records each operation and then traverses its
record. The gradient of a sequence of dense layers takes three lines a layer. With x [B, I] the input of a layer,
s = x W' + b [B, O] its weighted sums, h = f(s) its output and d [B, O] the gradient of the loss with respect to h:

    ds = d * f'(s)        db = sum of ds over the batch        dW = ds' x        dx = ds W

Paper: Rumelhart, Hinton, Williams 1986, "Learning representations by back-propagating errors". The derivatives f' are
computed from h, which is available. The tests compare all gradients with those of autograd.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from jaxtyping import Float, Int64
from torch import Tensor, nn

from axone.graph import ACTIVATIONS, Model

# Activation -> the function of (d, h) that returns ds, in place.
DERIVATIVES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "linear": lambda d, h: d,
    "relu": lambda d, h: d.mul_(h > 0),
    "leaky_relu": lambda d, h: d.mul_(torch.where(h > 0, 1.0, 0.01)),
    "sigmoid": lambda d, h: d.mul_(h * (1 - h)),
    "tanh": lambda d, h: d.mul_(1 - h * h),
}


@dataclass(frozen=True)
class DenseLayer:
    """One layer: its weights and the name of its activation function."""

    linear: nn.Linear
    activation: str


class DenseNetwork:
    """The forward and the backward pass through dense layers, on the weights of a network."""

    def __init__(self, layers: Sequence[DenseLayer]) -> None:
        self.layers = layers
        self.gradients: list[Tensor] = []  # weight and bias of each layer in turn

    @classmethod
    def from_model(cls, network: nn.Module) -> DenseNetwork | None:
        """Return the layers of a network that is a sequence of dense layers; None for any other network.

        The network may begin with a flattening. Dropout, normalization, branches, shared layers, layers without bias
        and other activation functions are not supported.
        """
        if not isinstance(network, Model) or len(network.input_shapes) != 1:
            return None
        layers, previous = [], ""
        for node in network.nodes:
            if node.inputs != ((previous,) if previous else ()) or node.shared:
                return None
            previous = node.name
            if node.kind == "Linear":
                activation = getattr(node.layer, "activation", None) or "linear"
                linear = network.get_submodule(node.name)
                if activation not in DERIVATIVES or not isinstance(linear, nn.Linear) or linear.bias is None:
                    return None
                layers.append(DenseLayer(linear, activation))
            elif node.kind not in ("Input", "Flatten") or (node.kind == "Flatten" and layers):
                return None
        return cls(layers) if layers else None

    def forward(self, inputs: Float[Tensor, "batch ..."]) -> list[Tensor]:
        """Return the flattened inputs [B, I], followed by the output of each layer [B, O]."""
        outputs = [inputs.flatten(1)]
        for layer in self.layers:
            sums = torch.addmm(layer.linear.bias, outputs[-1], layer.linear.weight.t())  # [B, I] -> [B, O]
            outputs.append(ACTIVATIONS[layer.activation].function(sums))
        return outputs

    def backward(self, outputs: Sequence[Tensor], gradient: Float[Tensor, "batch outputs"]) -> None:
        """Compute the gradients of all weights and biases, and store them in their `grad`.

        Args:
            outputs: What `forward` returned.
            gradient: The gradient of the loss with respect to the last output; it is overwritten.
        """
        if not self.gradients:  # reused in all steps, because allocating memory takes longer than a small product
            parameters = [p for layer in self.layers for p in (layer.linear.weight, layer.linear.bias)]
            self.gradients = [torch.empty_like(parameter) for parameter in parameters]
        for k in range(len(self.layers) - 1, -1, -1):
            layer, (weight_gradient, bias_gradient) = self.layers[k], self.gradients[2 * k : 2 * k + 2]
            sums = DERIVATIVES[layer.activation](gradient, outputs[k + 1])  # ds [B, O]
            torch.mm(sums.t(), outputs[k], out=weight_gradient)  # dW [O, I]
            torch.sum(sums, 0, out=bias_gradient)  # db [O]
            layer.linear.weight.grad, layer.linear.bias.grad = weight_gradient, bias_gradient
            if k:
                gradient = torch.mm(sums, layer.linear.weight)  # dx [B, I]

    @property
    def gradients_to_check(self) -> list[Tensor]:
        """The gradients of the biases: if one weight has a gradient that is not finite, then so has a bias."""
        return self.gradients[1::2]


def cross_entropy(
    logits: Float[Tensor, "batch classes"], targets: Int64[Tensor, " batch"], smoothing: float
) -> tuple[Float[Tensor, ""], Float[Tensor, "batch classes"]]:
    """Return the mean cross-entropy of a batch, and its gradient with respect to the logits.

    The gradient is (softmax - target) / batch. With label smoothing, a target is 1 - smoothing for the true class,
    plus smoothing / classes for every class.
    """
    batch, classes = logits.shape
    log_probabilities = logits.log_softmax(1)
    loss = functional.nll_loss(log_probabilities, targets)
    if smoothing:
        loss = torch.lerp(loss, -log_probabilities.mean(), smoothing)
    gradient = log_probabilities.exp_()
    if smoothing:
        gradient.sub_(smoothing / classes)
    gradient.scatter_add_(1, targets.unsqueeze(1), logits.new_full((batch, 1), smoothing - 1))
    return loss, gradient.mul_(1 / batch)
