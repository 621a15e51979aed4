"""The losses of GANs against values computed by hand and against exact gradients."""

import math

import pytest
import torch
from torch import nn

from axone.layers.adversarial import (
    approximate_gradient_penalty,
    gradient_penalty,
    init_dcgan,
    interpolated_gradient_penalty,
    lsgan_loss,
    relativistic_loss,
)


def test_relativistic_loss_is_log_2_for_equal_scores_and_falls_with_the_difference():
    zeros = torch.zeros(5)
    assert relativistic_loss(zeros, zeros).item() == pytest.approx(math.log(2))
    difference = torch.tensor([1.0, 3.0])
    expected = sum(math.log(1 + math.exp(-value)) for value in (1, 3)) / 2
    assert relativistic_loss(difference, torch.zeros(2)).item() == pytest.approx(expected)
    assert relativistic_loss(torch.zeros(2), difference) > relativistic_loss(difference, torch.zeros(2))


@pytest.mark.parametrize("distance", [0.01, 0.3])
def test_penalty_of_a_linear_discriminator_is_half_the_squared_norm_of_its_weights(distance):
    weights = torch.randn(40)
    examples = torch.randn(20_000, 40)
    penalty = approximate_gradient_penalty(lambda batch: batch @ weights, examples, examples @ weights, distance)
    assert penalty.item() == pytest.approx(0.5 * weights.square().sum().item(), rel=0.05)


def test_penalty_approximates_the_exact_one_and_has_a_gradient():
    network = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 1))

    def discriminator(batch):
        return network(batch).squeeze(1)

    examples = torch.randn(20_000, 6, requires_grad=True)
    scores = discriminator(examples)
    (exact,) = torch.autograd.grad(scores.sum(), examples, retain_graph=True)
    penalty = approximate_gradient_penalty(discriminator, examples.detach(), scores, 0.01)
    assert penalty.item() == pytest.approx(0.5 * exact.square().sum(1).mean().item(), rel=0.05)
    penalty.backward()
    assert network[0].weight.grad.abs().sum() > 0


def test_init_dcgan_draws_weights_with_standard_deviation_0_02_and_leaves_norms_alone():
    network = nn.Sequential(nn.Conv2d(16, 32, 4), nn.BatchNorm2d(32), nn.ConvTranspose2d(32, 16, 4, bias=False))
    init_dcgan(network)
    for layer in (network[0], network[2]):
        assert layer.weight.std().item() == pytest.approx(0.02, rel=0.05)
        assert layer.weight.mean().item() == pytest.approx(0, abs=0.001)
    assert not network[0].bias.any() and network[2].bias is None
    assert (network[1].weight == 1).all()


def test_lsgan_loss_is_the_mean_squared_difference_to_the_target():
    scores = torch.tensor([[1.0, 0.0], [3.0, 1.0]])
    assert lsgan_loss(scores, 1.0).item() == pytest.approx((0 + 1 + 4 + 0) / 4)
    assert lsgan_loss(scores, 0.0).item() == pytest.approx((1 + 0 + 9 + 1) / 4)


def test_gradient_penalty_of_a_linear_discriminator_is_half_the_squared_norm_of_its_weights():
    weights = torch.randn(1, 5, 5)
    images = torch.randn(4, 1, 5, 5, requires_grad=True)
    scores = (images * weights).sum((1, 2, 3))
    assert gradient_penalty(scores, images).item() == pytest.approx(0.5 * weights.square().sum().item(), rel=1e-5)


def test_gradient_penalty_is_the_mean_over_the_examples():
    weights = torch.randn(1, 5, 5)
    images = torch.randn(4, 1, 5, 5, requires_grad=True)
    linear = (images * weights).sum((1, 2, 3))
    expected = 0.5 * (linear.square() * weights.square().sum()).mean()  # the gradient of s²/2 is s times the weights
    assert gradient_penalty(linear.square() / 2, images).item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("shape", [(7,), (1, 28, 28), (1, 4, 4, 4)])
def test_interpolated_gradient_penalty_is_the_squared_difference_of_the_norm_to_one(shape):
    weights = torch.full(shape, 3 / math.prod(shape) ** 0.5)  # of norm 3
    penalty = interpolated_gradient_penalty(
        lambda batch: (batch * weights).flatten(1).sum(1), torch.randn(4, *shape), torch.randn(4, *shape)
    )
    assert penalty.item() == pytest.approx((3 - 1) ** 2, rel=1e-4)


def test_interpolated_gradient_penalty_is_computed_between_real_and_generated_examples():
    seen = []

    def discriminator(batch):
        seen.append(batch.detach())
        return batch.sum(1)

    interpolated_gradient_penalty(discriminator, torch.zeros(500, 2), torch.ones(500, 2))
    (points,) = seen
    assert torch.equal(points[:, 0], points[:, 1])  # one position on each line
    assert points.min() < 0.05 and points.max() > 0.95 and abs(points.mean().item() - 0.5) < 0.05
