"""Periodic features: the formula by hand, one column at a time, and what they are for."""

import math

import torch

from axone.layers.periodic import PeriodicEmbedding


def test_the_formula_by_hand():
    layer = PeriodicEmbedding(3, frequencies=5, width=4)
    numbers = torch.randn(7, 3)
    found = layer(numbers).reshape(7, 3, 4)
    for column in range(3):
        waves = torch.cos(numbers[:, column, None] * layer.frequency[column] + layer.phase[column])
        expected = waves @ layer.mixture[column] + layer.shift[column]
        torch.testing.assert_close(found[:, column, 1:], expected)
        assert torch.equal(found[:, column, 0], numbers[:, column])


def test_one_column_does_not_touch_another():
    layer, numbers = PeriodicEmbedding(3), torch.randn(4, 3)
    other = numbers.clone()
    other[:, 1] += 1
    changed = (layer(numbers) != layer(other)).reshape(4, 3, 4).any(2)
    assert changed.all(0).tolist() == [False, True, False]


def test_a_linear_layer_behind_it_sees_a_step():
    torch.manual_seed(0)
    x = torch.linspace(-2, 2, 200)[:, None]
    truth = (x.abs() < 0.5).float()
    network = torch.nn.Sequential(PeriodicEmbedding(1, spread=0.5), torch.nn.Linear(4, 1))
    torch_optimizer = torch.optim.Adam(network.parameters(), 0.05)
    for _step in range(200):
        torch_optimizer.zero_grad()
        (network(x) - truth).square().mean().backward()
        torch_optimizer.step()
    straight = torch.linalg.lstsq(torch.cat([x, torch.ones_like(x)], 1), truth).solution
    left = (torch.cat([x, torch.ones_like(x)], 1) @ straight - truth).square().mean()
    assert (network(x) - truth).square().mean() < 0.2 * left and not math.isnan(float(left))
