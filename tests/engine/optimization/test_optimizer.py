"""Optimizer: accumulation, clipping, averaging and the skipping of bad losses, against hand-computed values."""

import pytest
import torch
from torch import nn

from axone.engine.optimization.optimizer import Optimizer
from axone.settings import Settings

CPU = torch.device("cpu")


class One(nn.Module):
    """A network of a single weight w, with output w * x."""

    def __init__(self, weight=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([[weight]]))

    def forward(self, x):
        return x @ self.weight


def optimizer_of(network, batches=10, **settings):
    optimizer = Optimizer(network, Settings(optimizer="sgd", learning_rate=0.1, **settings))
    optimizer.prepare(CPU, batches)
    return optimizer


def test_one_step_is_the_textbook_step():
    network = One()
    optimizer = optimizer_of(network)
    # loss = (3w)^2 / 2, gradient 9w = 9; with Nesterov momentum 0.9 the first step is (1 + 0.9) * 0.1 * 9
    optimizer.step((network(torch.tensor([[3.0]])) ** 2 / 2).sum())
    assert network.weight.item() == pytest.approx(1 - 0.1 * 1.9 * 9)
    assert network.weight.grad is None


def test_accumulated_batches_are_one_large_batch():
    inputs = torch.tensor([[1.0], [2.0], [3.0], [4.0]])
    together, separate = One(), One()
    whole, parts = optimizer_of(together), optimizer_of(separate, accumulate=2)
    whole.step((together(inputs) ** 2).mean())
    parts.step((separate(inputs[:2]) ** 2).mean())
    assert separate.weight.item() == 1.0
    parts.step((separate(inputs[2:]) ** 2).mean())
    assert separate.weight.item() == pytest.approx(together.weight.item())
    assert parts.updates == 1


def test_clipping_bounds_the_gradient():
    network = One()
    optimizer = optimizer_of(network, gradient_clip=0.5)
    optimizer.step((100 * network(torch.tensor([[1.0]]))).sum())
    assert network.weight.item() == pytest.approx(1 - 0.1 * 1.9 * 0.5, rel=1e-4)


def test_averaged_weights_follow_the_formula_and_step_aside():
    network = One()
    optimizer = optimizer_of(network, ema=0.5)
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
    optimizer = optimizer_of(network, ema=0.5)
    optimizer.step(network(torch.tensor([[1.0]])).sum())
    before, averages = network.weight.item(), [a.clone() for a in optimizer.averages]
    for count in (1, 2):
        optimizer.step((network(torch.tensor([[1.0]])) * bad).sum())
        assert int(optimizer.skipped) == count
    assert network.weight.item() == before and optimizer.updates == 1
    assert all(torch.equal(a, b) for a, b in zip(averages, optimizer.averages))
    optimizer.step(network(torch.tensor([[1.0]])).sum())
    assert int(optimizer.skipped) == 0 and optimizer.updates == 2


def test_a_bad_gradient_of_a_finite_loss_is_detected():
    network = One(0.0)
    optimizer = optimizer_of(network)
    optimizer.step(network(torch.tensor([[1.0]])).abs().sqrt().sum())  # the derivative of a root at zero is infinite
    assert network.weight.item() == 0.0 and int(optimizer.skipped) == 1


def test_the_rate_follows_the_batches_of_the_training_and_not_the_steps():
    network = One()
    optimizer = optimizer_of(network, schedule="cosine", batches=4)
    expected = [0.1, 0.1 * 0.853553, 0.05, 0.1 * 0.146447]
    for steps in (1, 3, 0):  # per batch
        rates = []
        for batch in range(4):
            optimizer.batches_seen = batch
            rates.append(optimizer.rate)
            for _ in range(steps):
                optimizer.step(network(torch.tensor([[1.0]])).sum())
        assert rates == pytest.approx(expected, rel=1e-5)


def test_a_rollback_halves_the_rate():
    optimizer = optimizer_of(One(), schedule="cosine", batches=4)
    optimizer.batches_seen, optimizer.rate_scale = 2, 0.5
    assert optimizer.rate == pytest.approx(0.025)


def test_with_accumulation_the_rate_changes_with_the_updates():
    optimizer = optimizer_of(One(), schedule="cosine", batches=8, accumulate=2)
    rates = []
    for batch in range(8):
        optimizer.batches_seen = batch
        rates.append(optimizer.rate)
    assert rates[0::2] == rates[1::2] == pytest.approx([0.1, 0.1 * 0.853553, 0.05, 0.1 * 0.146447], rel=1e-5)


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "muon"])
def test_without_reading_the_norm_a_bad_step_changes_nothing_either(name):
    """On a GPU the step itself receives the flag with which it changes nothing."""
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 2))
    optimizer = Optimizer(network, Settings(optimizer=name, learning_rate=0.1, ema=0.5, weight_decay=0.01))
    optimizer.prepare(CPU, 10)
    optimizer.reads_norm = False
    inputs = torch.randn(5, 3)

    def state():
        states = [state for one in optimizer.torch_optimizers for state in one.state.values()]
        moments = [value for state in states for value in state.values()]
        return [value.clone() for value in (*network.parameters(), *optimizer.averages, *moments)]

    optimizer.step(network(inputs).square().mean())
    before = state()
    for bad in (float("nan"), float("inf")):
        optimizer.step(network(inputs).square().mean() * bad)
        assert all(torch.equal(a, b) for a, b in zip(before, state(), strict=True))
    assert (int(optimizer.skipped), int(optimizer.skipped_total)) == (2, 2)
    optimizer.step(network(inputs).square().mean())
    assert (int(optimizer.skipped), int(optimizer.skipped_total)) == (0, 2)
    assert not torch.equal(before[0], state()[0])


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "muon"])
def test_reading_the_norm_or_not_gives_the_same_weights(name):
    weights = []
    for reads_norm in (True, False):
        torch.manual_seed(0)
        network = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 2))
        optimizer = Optimizer(network, Settings(optimizer=name, learning_rate=0.1, weight_decay=0.01))
        optimizer.prepare(CPU, 10)
        optimizer.reads_norm = reads_norm
        for _ in range(4):
            optimizer.step(network(torch.ones(5, 3)).square().mean())
        weights.append([parameter.detach() for parameter in network.parameters()])
    assert all(torch.allclose(a, b, rtol=1e-5) for a, b in zip(*weights))


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "muon"])
def test_a_learning_rate_in_a_tensor_gives_the_same_weights_and_keeps_its_place(name):
    weights = []
    for in_tensor in (True, False):
        torch.manual_seed(0)
        network = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 2))
        settings = Settings(optimizer=name, learning_rate=0.1, schedule="cosine", weight_decay=0.01)
        optimizer = Optimizer(network, settings, tensor_learning_rate=in_tensor)
        optimizer.prepare(CPU, 6)
        rate = optimizer.torch_optimizers[0].param_groups[0]["lr"]
        for batch in range(6):
            optimizer.batches_seen = batch
            optimizer.step(network(torch.ones(5, 3)).square().mean())
        assert not in_tensor or optimizer.torch_optimizers[0].param_groups[0]["lr"] is rate
        weights.append([parameter.detach() for parameter in network.parameters()])
    assert all(torch.allclose(a, b, rtol=1e-5) for a, b in zip(*weights))
