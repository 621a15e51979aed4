"""Two halves that are one network, and what it remembers of the usual."""

import copy
import pickle

import pytest
import torch

from axone.graph import Input, Linear, Model
from axone.tasks.reconstruction.latent_network import STEPS, LatentNetwork, error_of, through


def network(variational=False):
    x, z = Input(6), Input(2)
    latents = Linear(2)(x)
    out = (latents, Linear(2)(x)) if variational else latents
    return LatentNetwork(Model(x, out, name="encoder"), Model(z, Linear(6)(z), name="decoder"))


@pytest.mark.parametrize("variational", [False, True])
def test_the_halves_share_their_weights_with_the_whole(variational):
    made = network(variational)
    assert made.variational == variational and made.latent == 2
    names = {name for name, _ in made.named_parameters()}
    assert {"graph.encoder.linear_1.weight", "graph.decoder.linear_1.bias"} <= names
    assert len(names) == (6 if variational else 4)
    for one in (made, copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        inputs = torch.randn(3, 6)
        before = one(inputs)
        assert torch.equal(before, one.graph(inputs)[0])
        with torch.no_grad():
            for parameter in one.parameters():
                parameter.mul_(2)
        assert not torch.equal(before, one(inputs)) and torch.equal(one(inputs), one.graph(inputs)[0])
    assert (made.distribution(torch.randn(3, 6))[1] is not None) == variational


def test_an_error_is_the_mean_over_an_inputs_numbers():
    errors = error_of(torch.zeros(2, 1, 2, 2), torch.tensor([0.0, 2.0])[:, None, None, None].expand(2, 1, 2, 2))
    assert errors.tolist() == [0.0, 4.0]
    latents, made, errors = through(network(), torch.randn(3, 6))
    assert latents.shape == (3, 2) and made.shape == (3, 6) and errors.shape == (3,)


def test_threshold_and_rank_are_those_of_the_remembered_errors():
    made = network()
    assert float(made.threshold) == 0
    errors = torch.rand(2000, generator=torch.Generator().manual_seed(0))
    made.remember(errors, 0.9)
    assert float((errors > made.threshold).float().mean()) == pytest.approx(0.1, abs=1e-3)
    ranks = made.rank(errors)
    wanted = errors.argsort().argsort() / len(errors)
    assert (ranks - wanted).abs().max() <= 1.01 / STEPS
    assert made.rank(torch.tensor([-1.0, 2.0])).tolist() == [0.0, 1.0]
