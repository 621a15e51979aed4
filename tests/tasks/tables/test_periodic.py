"""Periodic features: the formula column by column, and a function that they make learnable."""

import math

import pytest
import torch

from axone.tasks.tables.periodic import PeriodicEmbedding


def test_values_follow_the_formula():
    layer = PeriodicEmbedding(3, frequencies=5, width=4)
    numbers = torch.randn(7, 3)
    features = layer(numbers).reshape(7, 3, 4)
    for column in range(3):
        waves = torch.cos(numbers[:, column, None] * layer.frequency[column] + layer.phase[column])
        expected = waves @ layer.mixture[column] + layer.shift[column]
        torch.testing.assert_close(features[:, column, 1:], expected)
        assert torch.equal(features[:, column, 0], numbers[:, column])


def test_columns_are_independent_of_each_other():
    layer, numbers = PeriodicEmbedding(3), torch.randn(4, 3)
    other = numbers.clone()
    other[:, 1] += 1
    changed = (layer(numbers) != layer(other)).reshape(4, 3, 4).any(2)
    assert changed.all(0).tolist() == [False, True, False]


def test_width_below_2_is_refused():
    with pytest.raises(ValueError, match="width must be at least 2, not 1"):
        PeriodicEmbedding(3, width=1)


def test_a_linear_layer_on_top_fits_a_step_better_than_a_straight_line():
    torch.manual_seed(0)
    x = torch.linspace(-2, 2, 200)[:, None]
    target = (x.abs() < 0.5).float()
    network = torch.nn.Sequential(PeriodicEmbedding(1, spread=0.5), torch.nn.Linear(4, 1))
    torch_optimizer = torch.optim.Adam(network.parameters(), 0.05)
    for _step in range(200):
        torch_optimizer.zero_grad()
        (network(x) - target).square().mean().backward()
        torch_optimizer.step()
    line = torch.linalg.lstsq(torch.cat([x, torch.ones_like(x)], 1), target).solution
    line_error = (torch.cat([x, torch.ones_like(x)], 1) @ line - target).square().mean()
    assert (network(x) - target).square().mean() < 0.2 * line_error and not math.isnan(float(line_error))
