"""Optimizers: which rule moves which weight, and Muon's orthogonal steps against an exact decomposition."""

import pytest
import torch
from torch import nn

from axone.engine.optimization.muon import Muon, orthogonalize
from axone.engine.optimization.optimizer import Optimizer
from axone.engine.optimization.torch_optimizers import make_torch_optimizers, take_step
from axone.settings import Settings

CPU = torch.device("cpu")


def small_network():
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4 * 4, 3))


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw"])
def test_only_matrices_and_kernels_decay(name):
    (torch_optimizer,) = make_torch_optimizers(small_network(), name, 0.1, 0.01, CPU)
    for group in torch_optimizer.param_groups:
        dimensions = {parameter.ndim >= 2 for parameter in group["params"]}
        assert dimensions == {group["weight_decay"] > 0}


def test_muon_takes_matrices_and_adamw_the_rest():
    network = small_network()
    muon, adamw = make_torch_optimizers(network, "muon", 0.01, 0.0, CPU)
    taken = [p.ndim for group in muon.param_groups for p in group["params"]]
    left = [p.ndim for group in adamw.param_groups for p in group["params"]]
    assert sorted(taken) == [2, 4] and set(left) == {1}
    assert len(taken) + len(left) == len(list(network.parameters()))


@pytest.mark.parametrize("shape", [(8, 8), (4, 30), (40, 6)])
def test_orthogonalized_is_near_the_nearest_orthogonal_matrix(shape):
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    u, singular, v = torch.linalg.svd(matrix, full_matrices=False)
    result = orthogonalize(matrix, steps=5)
    # The iteration keeps the singular vectors and brings the values between 0.7 and 1.2 (Jordan 2024) ...
    values = torch.linalg.svdvals(result)
    large = singular / singular.max() > 0.05  # ... those that were not almost nothing
    assert values[large].min() > 0.6 and values[large].max() < 1.3
    assert torch.nn.functional.cosine_similarity(result.flatten(), (u @ v).flatten(), dim=0) > 0.95


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "muon"])
def test_every_optimizer_descends_and_resumes_exactly(name):
    def start():
        torch.manual_seed(3)
        network = small_network().to(memory_format=torch.channels_last)
        optimizer = Optimizer(network, Settings(optimizer=name, learning_rate=0.1, schedule="cosine", ema=0.5))
        optimizer.prepare(CPU, 20)
        return network, optimizer

    inputs = torch.randn(16, 1, 4, 4, generator=torch.Generator().manual_seed(5))
    targets = torch.randint(0, 3, (16,), generator=torch.Generator().manual_seed(6))

    def learn(network, optimizer, steps):
        losses = []
        for _ in range(steps):
            loss = nn.functional.cross_entropy(network(inputs), targets)
            optimizer.step(loss)
            losses.append(loss.item())
        return losses

    network, optimizer = start()
    losses = learn(network, optimizer, 10)
    weights = {key: value.clone().contiguous() for key, value in network.state_dict().items()}
    state = optimizer.state_dict()
    state = torch.utils._pytree.tree_map_only(torch.Tensor, lambda t: t.clone().contiguous(), state)
    losses += learn(network, optimizer, 10)
    assert losses[-1] < 0.7 * losses[0]

    again, second = start()
    again.load_state_dict(weights)
    second.load_state_dict(state)
    assert learn(again, second, 10) == losses[10:]
    assert all(torch.equal(a, b) for a, b in zip(network.state_dict().values(), again.state_dict().values()))
    assert all(torch.equal(a, b) for a, b in zip(optimizer.averages, second.averages))


def test_muon_decays_weights_towards_zero():
    weight = nn.Parameter(torch.full((2, 2), 5.0))
    torch_optimizer = Muon([weight], learning_rate=0.1, weight_decay=0.5)
    weight.grad = torch.zeros(2, 2)
    torch_optimizer.step()
    assert torch.allclose(weight, torch.full((2, 2), 5.0 * (1 - 0.1 * 0.5)))


def test_options_replace_what_a_rule_brings_with_it():
    layer = torch.nn.Linear(2, 1)
    (usual,) = make_torch_optimizers(layer, "sgd", 0.1, 0.0, torch.device("cpu"))
    (plain,) = make_torch_optimizers(layer, "sgd", 0.1, 0.0, torch.device("cpu"), momentum=0.0, nesterov=False)
    assert usual.param_groups[0]["momentum"] == 0.9 and usual.param_groups[0]["nesterov"]
    assert plain.param_groups[0]["momentum"] == 0.0 and not plain.param_groups[0]["nesterov"]


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_the_short_step_is_torchs_own_to_the_bit(name):
    networks = [small_network() for _ in range(2)]
    networks[1].load_state_dict(networks[0].state_dict())
    optimizers = [make_torch_optimizers(network, name, 0.1, 0.01, CPU)[0] for network in networks]
    generator = torch.Generator().manual_seed(7)
    for _ in range(5):
        for parameters in zip(*(network.parameters() for network in networks), strict=True):
            gradient = torch.randn(parameters[0].shape, generator=generator)
            for parameter in parameters:
                parameter.grad = gradient.clone()
        take_step(optimizers[0])
        optimizers[1].step()
    assert all(torch.equal(a, b) for a, b in zip(*(network.parameters() for network in networks), strict=True))


def test_a_torch_without_the_private_step_uses_the_public_one(monkeypatch):
    monkeypatch.setattr("axone.engine.optimization.torch_optimizers._FUSED_ADAM", None)
    layer = nn.Linear(2, 1)
    (optimizer,) = make_torch_optimizers(layer, "adam", 0.1, 0.0, CPU)
    before = layer.weight.clone()
    for _ in range(2):
        layer(torch.ones(1, 2)).sum().backward()
        take_step(optimizer)
    assert not torch.equal(layer.weight, before)
