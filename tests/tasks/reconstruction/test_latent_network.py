"""Encoder and decoder as one network: shared weights, one copy in the state dict, threshold and ranks."""

import copy
import pickle

import pytest
import torch
from torch.export import Dim, export

from axone.graph import Input, Linear, Model
from axone.tasks.reconstruction.latent_network import QUANTILES, LatentNetwork, reconstruct, reconstruction_errors


def network(variational=False):
    x, z = Input(6), Input(2)
    latents = Linear(2)(x)
    outputs = (latents, Linear(2)(x)) if variational else latents
    return LatentNetwork(Model(x, outputs, name="encoder"), Model(z, Linear(6)(z), name="decoder"))


@pytest.mark.parametrize("variational", [False, True])
def test_encoder_and_decoder_share_their_weights_with_the_graph(variational):
    model = network(variational)
    assert model.variational == variational and model.latent == 2
    for one in (model, copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        inputs = torch.randn(3, 6)
        before = one(inputs)
        assert torch.equal(before, one.graph(inputs)[0])
        with torch.no_grad():
            for parameter in one.parameters():
                parameter.mul_(2)
        assert not torch.equal(before, one(inputs)) and torch.equal(one(inputs), one.graph(inputs)[0])
    assert (model.distribution(torch.randn(3, 6))[1] is not None) == variational


def test_the_state_dict_has_each_weight_once_and_can_be_loaded():
    one, other = network(True), network(True)
    state = one.state_dict()
    assert state.keys() == {name for name, _ in one.named_parameters()} | {"threshold", "error_quantiles"}
    assert {"graph.encoder.linear_1.weight", "graph.decoder.linear_1.bias"} <= state.keys() and len(state) == 8
    other.load_state_dict(state)
    inputs = torch.randn(3, 6)
    assert torch.equal(one(inputs), other(inputs))
    with pytest.raises(RuntimeError, match=r"graph\.decoder\.linear_1\.bias"):
        other.load_state_dict({name: value for name, value in state.items() if name != "graph.decoder.linear_1.bias"})


def test_the_encoder_alone_is_exported_with_a_dynamic_batch():
    encoder = network().encoder.eval()
    program = export(encoder, (torch.rand(3, 6),), dynamic_shapes=(({0: Dim("batch")},),))  # forward takes *inputs
    inputs = torch.rand(5, 6)
    assert torch.equal(program.module()(inputs), encoder(inputs))


def test_an_error_is_the_mean_over_the_values_of_an_input():
    outputs = torch.tensor([0.0, 2.0])[:, None, None, None].expand(2, 1, 2, 2)
    assert reconstruction_errors(torch.zeros(2, 1, 2, 2), outputs).tolist() == [0.0, 4.0]
    inputs = torch.randn(3, 6)
    batch = reconstruct(network(), inputs)
    assert batch.latents.shape == (3, 2) and batch.outputs.shape == (3, 6)
    assert torch.equal(batch.errors, reconstruction_errors(inputs, batch.outputs))


def test_threshold_and_rank_are_those_of_the_fitted_errors():
    model = network()
    assert float(model.threshold) == 0
    errors = torch.rand(2000, generator=torch.Generator().manual_seed(0))
    model.fit_threshold(errors, 0.9)
    assert float((errors > model.threshold).float().mean()) == pytest.approx(0.1, abs=1e-3)
    ranks = model.rank(errors)
    expected = errors.argsort().argsort() / len(errors)
    assert (ranks - expected).abs().max() <= 1.01 / QUANTILES
    assert model.rank(torch.tensor([-1.0, 2.0])).tolist() == [0.0, 1.0]
