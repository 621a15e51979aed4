"""Optimizer: accumulation, clipping, averaging and the skipping of bad losses, against hand-computed values."""

import pytest
import torch
from torch import nn

from axone.engine.optimizer import Optimizer
from axone.settings import Settings

CPU = torch.device("cpu")


class One(nn.Module):
    """A network of a single weight w, with output w * x."""

    def __init__(self, weight=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([[weight]]))

    def forward(self, x):
        return x @ self.weight


def descent_of(network, batches=10, **settings):
    optimizer = Optimizer(network, Settings(optimizer="sgd", learning_rate=0.1, **settings))
    optimizer.prepare(CPU, batches)
    return optimizer


def test_one_step_is_the_textbook_step():
    network = One()
    optimizer = descent_of(network)
    # loss = (3w)^2 / 2, gradient 9w = 9; with Nesterov momentum 0.9 the first step is (1 + 0.9) * 0.1 * 9
    optimizer.step((network(torch.tensor([[3.0]])) ** 2 / 2).sum())
    assert network.weight.item() == pytest.approx(1 - 0.1 * 1.9 * 9)
    assert network.weight.grad is None


def test_accumulated_batches_are_one_large_batch():
    inputs = torch.tensor([[1.0], [2.0], [3.0], [4.0]])
    together, apart = One(), One()
    whole, parts = descent_of(together), descent_of(apart, accumulate=2)
    whole.step((together(inputs) ** 2).mean())
    parts.step((apart(inputs[:2]) ** 2).mean())
    assert apart.weight.item() == 1.0
    parts.step((apart(inputs[2:]) ** 2).mean())
    assert apart.weight.item() == pytest.approx(together.weight.item())
    assert parts.updates == 1 and parts.total == 5


def test_clipping_bounds_the_gradient():
    network = One()
    optimizer = descent_of(network, gradient_clip=0.5)
    optimizer.step((100 * network(torch.tensor([[1.0]]))).sum())
    assert network.weight.item() == pytest.approx(1 - 0.1 * 1.9 * 0.5, rel=1e-4)


def test_averaged_weights_follow_the_formula_and_step_aside():
    network = One()
    optimizer = descent_of(network, ema=0.5)
    expected, seen = 1.0, []
    for update in range(1, 4):
        optimizer.step(network(torch.tensor([[1.0]])).sum())
        decay = min(0.5, (1 + update) / (10 + update))
        expected = decay * expected + (1 - decay) * network.weight.item()
        seen.append(network.weight.item())
    with optimizer.averaged():
        assert network.weight.item() == pytest.approx(expected)
    assert network.weight.item() == seen[-1]


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_bad_loss_changes_nothing_and_is_counted(bad):
    network = One()
    optimizer = descent_of(network, ema=0.5)
    optimizer.step(network(torch.tensor([[1.0]])).sum())
    before, averages = network.weight.item(), [a.clone() for a in optimizer.averages]
    for count in (1, 2):
        optimizer.step((network(torch.tensor([[1.0]])) * bad).sum())
        assert int(optimizer.skipped) == count
    assert network.weight.item() == before and optimizer.updates == 1
    assert all(torch.equal(a, b) for a, b in zip(averages, optimizer.averages))
    optimizer.step(network(torch.tensor([[1.0]])).sum())
    assert int(optimizer.skipped) == 0 and optimizer.updates == 2


def test_a_bad_gradient_behind_a_good_loss_is_seen():
    network = One(0.0)
    optimizer = descent_of(network)
    optimizer.step(network(torch.tensor([[1.0]])).abs().sqrt().sum())  # the slope of a root at zero is infinite
    assert network.weight.item() == 0.0 and int(optimizer.skipped) == 1


def test_the_rate_follows_the_schedule_and_the_rollbacks():
    network = One()
    optimizer = descent_of(network, schedule="cosine", batches=4)
    rates = []
    for _ in range(4):
        rates.append(optimizer.rate)
        optimizer.step(network(torch.tensor([[1.0]])).sum())
    assert rates == pytest.approx([0.1, 0.1 * 0.853553, 0.05, 0.1 * 0.146447], rel=1e-5)
    optimizer.rate_scale = 0.5
    assert optimizer.rate == pytest.approx(0.0, abs=1e-9)
