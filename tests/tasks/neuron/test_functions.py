"""The functions of outputs, answers and errors: their gradients, their inverse, their accuracy."""

import math

import pytest
import torch

from axone.settings import resolve
from axone.systems.perceptron import Settings
from axone.tasks.neuron.functions import (
    compute_answers,
    compute_errors,
    compute_outputs,
    predict_classes,
    sum_for_answer,
)

ACTIVATIONS = ("linear", "sigmoid", "tanh", "relu", "leaky_relu")
LOSSES = ("cross-entropy", "squared-error")


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_equal_finite_differences(activation, loss):
    settings = resolve(Settings, {"activation": activation, "loss": loss})
    generator = torch.Generator().manual_seed(5)
    inputs = torch.randn(40, 3, generator=generator, dtype=torch.float64)
    targets = torch.randint(0, 2, (40,), generator=generator)
    weights = torch.tensor([0.7, -0.4, 0.2], dtype=torch.float64)  # two inputs and the bias

    def mean_error(weights):
        return compute_errors((inputs[:, :2] @ weights[:2] + weights[2])[:, None], targets, settings).mean()

    assert (inputs[:, :2] @ weights[:2] + weights[2]).abs().min() > 1e-4  # a ReLU has no derivative at 0
    compare_with_finite_differences(mean_error, weights)


@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_of_softmax_equal_finite_differences(loss):
    settings = resolve(Settings, {"loss": loss})
    generator = torch.Generator().manual_seed(6)
    inputs = torch.randn(30, 4, generator=generator, dtype=torch.float64)
    targets = torch.randint(0, 3, (30,), generator=generator)
    weights = torch.randn(12, generator=generator, dtype=torch.float64)
    compare_with_finite_differences(
        lambda weights: compute_errors(inputs @ weights.reshape(4, 3), targets, settings).mean(), weights
    )


def compare_with_finite_differences(function, weights, step=1e-6):
    parameters = weights.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(function(parameters), parameters)
    for index in range(len(weights)):
        offset = torch.zeros_like(weights).index_fill_(0, torch.tensor([index]), step)
        difference = (function(weights + offset) - function(weights - offset)) / (2 * step)
        assert float(gradient[index]) == pytest.approx(float(difference), abs=1e-8)
    assert gradient.abs().max() > 1e-3


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_sum_for_an_answer_is_its_inverse(activation, loss):
    settings = resolve(Settings, {"activation": activation, "loss": loss})
    sums = torch.tensor([[sum_for_answer(0.5, settings)], [sum_for_answer(0.8, settings)]])
    assert compute_answers(sums, settings)[:, 0].tolist() == pytest.approx([0.5, 0.8])
    # Answers never decrease with the sum, on which the drawing of the decision line relies.
    assert (compute_answers(torch.linspace(-5, 5, 101)[:, None], settings).diff(dim=0) >= 0).all()


def test_a_sigmoid_rescales_an_unbounded_output():
    raw = torch.tensor([[-0.4]])
    linear = resolve(Settings, {"activation": "linear"})
    assert compute_outputs(raw, linear).item() == pytest.approx(-0.4)
    assert f"{compute_answers(raw, linear).item():.2f}" == "0.40"
    assert compute_answers(raw, resolve(Settings, {})).item() == pytest.approx(1 / (1 + math.exp(0.4)))


def test_errors_are_accurate_for_answers_near_0_and_1():
    settings = resolve(Settings, {})
    sums = torch.tensor([[40.0]], requires_grad=True)  # the sigmoid of it is 1 in float32
    wrong = compute_errors(sums, torch.tensor([0]), settings)
    (difference,) = torch.autograd.grad(wrong.sum(), sums)
    assert wrong.item() == pytest.approx(40) and difference.item() == pytest.approx(1)


def test_the_predicted_class_follows_from_the_output():
    assert predict_classes(torch.tensor([[0.4], [0.5], [0.6]])).tolist() == [0, 0, 1]
    assert predict_classes(torch.tensor([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]])).tolist() == [1, 0]
