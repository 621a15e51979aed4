"""What the two players want, against numbers worked out by hand and exact gradients."""

import math

import pytest
import torch
from torch import nn

from axone.layers.adversarial import approximate_gradient_penalty, relativistic_loss


def test_the_pairing_loss_is_the_log_of_two_where_nobody_knows_and_falls_with_the_lead():
    zeros = torch.zeros(5)
    assert relativistic_loss(zeros, zeros).item() == pytest.approx(math.log(2))
    lead = torch.tensor([1.0, 3.0])
    expected = sum(math.log(1 + math.exp(-value)) for value in (1, 3)) / 2
    assert relativistic_loss(lead, torch.zeros(2)).item() == pytest.approx(expected)
    assert relativistic_loss(torch.zeros(2), lead) > relativistic_loss(lead, torch.zeros(2))


@pytest.mark.parametrize("distance", [0.01, 0.3])
def test_steepness_of_a_linear_judge_is_half_its_squared_length(distance):
    weights = torch.randn(40)
    examples = torch.randn(20_000, 40)
    found = approximate_gradient_penalty(lambda given: given @ weights, examples, examples @ weights, distance)
    assert found.item() == pytest.approx(0.5 * weights.square().sum().item(), rel=0.05)


def test_steepness_comes_close_to_the_exact_penalty_and_teaches_the_judge():
    network = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 1))

    def judge(given):
        return network(given).squeeze(1)

    examples = torch.randn(20_000, 6, requires_grad=True)
    scores = judge(examples)
    (exact,) = torch.autograd.grad(scores.sum(), examples, retain_graph=True)
    found = approximate_gradient_penalty(judge, examples.detach(), scores, 0.01)
    assert found.item() == pytest.approx(0.5 * exact.square().sum(1).mean().item(), rel=0.05)
    found.backward()
    assert network[0].weight.grad.abs().sum() > 0
