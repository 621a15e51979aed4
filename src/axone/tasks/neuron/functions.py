"""From the weighted sums of neurons to outputs, answers and errors.

`sums` [B, N] has a column for each neuron: one neuron for two classes, otherwise one neuron for each class.
"""

from __future__ import annotations

import math
from typing import Protocol, runtime_checkable

import torch.nn.functional as functional
from jaxtyping import Float, Int64
from torch import Tensor

from axone.graph import ACTIVATIONS

Sums = Float[Tensor, "batch neurons"]


@runtime_checkable
class FunctionSettings(Protocol):
    """The settings that choose the functions."""

    @property
    def activation(self) -> str:
        """The activation function of a single neuron: linear, sigmoid, tanh, relu or leaky_relu."""

    @property
    def loss(self) -> str:
        """The loss function: cross-entropy or squared-error."""


def compute_outputs(sums: Sums, settings: FunctionSettings) -> Sums:
    """Return the outputs: the activation function of the sum of one neuron; the softmax of several sums."""
    return sums.softmax(1) if sums.shape[1] > 1 else ACTIVATIONS[settings.activation].function(sums)


def compute_answers(sums: Sums, settings: FunctionSettings) -> Sums:
    """Return the outputs on a scale from 0 (certainly not this class) to 1 (certainly this class).

    The output of a sigmoid is on this scale, that of tanh is rescaled from [-1, 1]. Linear neurons and ReLUs have
    unbounded outputs: with the squared error they learn to output 0 and 1, so their outputs are the answers; with the
    cross-entropy, a sigmoid of the output is the answer.
    """
    outputs = compute_outputs(sums, settings)
    if sums.shape[1] > 1 or settings.activation == "sigmoid":
        return outputs
    if settings.activation == "tanh":
        return (1 + outputs) / 2
    return outputs if settings.loss == "squared-error" else outputs.sigmoid()


def compute_errors(sums: Sums, targets: Int64[Tensor, " batch"], settings: FunctionSettings) -> Float[Tensor, " batch"]:
    """Return the loss of each sample, with answers a [B, N] and targets t.

    For one neuron, t is 0 or 1: the squared error is (a - t)^2, and the cross-entropy is -log(a) where t = 1 and
    -log(1 - a) where t = 0. For several neurons, t is 1 for the neuron of the true class and 0 for the others: the
    squared error is the sum over neurons, and the cross-entropy is -log(a) of the true class.
    """
    if sums.shape[1] > 1:
        if settings.loss == "cross-entropy":
            return functional.cross_entropy(sums, targets, reduction="none")
        one_hot = functional.one_hot(targets, sums.shape[1])  # [B] -> [B, N]
        return (compute_answers(sums, settings) - one_hot).square().sum(1)
    if settings.loss == "squared-error":
        return (compute_answers(sums, settings)[:, 0] - targets).square()
    # Equal to -log(a), because a is the sigmoid of these logits, but accurate where a is nearly 0 or 1.
    logits = {"sigmoid": sums, "tanh": 2 * sums}.get(settings.activation, compute_outputs(sums, settings))
    return functional.binary_cross_entropy_with_logits(logits[:, 0], targets.to(sums.dtype), reduction="none")


def sum_for_answer(answer: float, settings: FunctionSettings) -> float:
    """Return the sum for which one neuron gives an answer from 0.5 to 1: the inverse of `compute_answers`."""
    logit = math.log(answer / (1 - answer))
    if settings.activation == "tanh":
        return logit / 2
    return logit if settings.activation == "sigmoid" or settings.loss == "cross-entropy" else answer


def predict_classes(answers: Sums) -> Int64[Tensor, " batch"]:
    """Return the class with the largest answer; of one neuron, class 1 where the answer is above one half."""
    return answers.argmax(1) if answers.shape[1] > 1 else (answers[:, 0] > 0.5).long()
