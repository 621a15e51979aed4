"""Gradients that are written out equal those of autograd."""

import pytest
import torch
import torch.nn.functional as functional

from axone.graph import Concatenate, Dropout, Flatten, Input, Linear, Model
from axone.tasks.dense.backpropagation import DERIVATIVES, DenseNetwork, cross_entropy


def make_network(activation="relu", units=(16, 9)):
    x = h = Input(1, 6, 5)
    h = Flatten()(h)
    for count in units:
        h = Linear(count, activation=activation)(h)
    return Model(x, Linear(4)(h))


@pytest.mark.parametrize("activation", DERIVATIVES)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_gradients_are_those_of_autograd(activation, smoothing):
    network, inputs, targets = make_network(activation), torch.randn(13, 1, 6, 5), torch.randint(0, 4, (13,))
    expected = functional.cross_entropy(network(inputs), targets, label_smoothing=smoothing)
    expected.backward()
    gradients = [parameter.grad.clone() for parameter in network.parameters()]
    dense = DenseNetwork.from_model(network)
    with torch.no_grad():
        outputs = dense.forward(inputs)
        loss, gradient = cross_entropy(outputs[-1], targets, smoothing)
        dense.backward(outputs, gradient)
    torch.testing.assert_close(loss, expected.detach())
    for parameter, gradient in zip(network.parameters(), gradients):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-5, atol=1e-7)


def test_the_gradients_to_check_are_those_of_the_biases():
    network, inputs = make_network(), torch.randn(5, 1, 6, 5)
    dense = DenseNetwork.from_model(network)
    with torch.no_grad():
        dense.backward(dense.forward(inputs), torch.randn(5, 4))
    biases = [parameter.grad for name, parameter in network.named_parameters() if name.endswith("bias")]
    assert len(dense.gradients_to_check) == 3
    assert all(checked is bias for checked, bias in zip(dense.gradients_to_check, biases))


def test_only_sequences_of_dense_layers_are_supported():
    x = Input(8)
    h = Linear(4)(x)
    assert DenseNetwork.from_model(make_network(units=())) is not None
    assert DenseNetwork.from_model(Model(x, Linear(2)(Dropout(0.5)(h)))) is None
    assert DenseNetwork.from_model(Model(x, Linear(2)(Concatenate()(h, Linear(4)(x))))) is None
    assert DenseNetwork.from_model(Model(x, Linear(2)(Linear(4, activation="gelu")(x)))) is None
    assert DenseNetwork.from_model(Model(x, Linear(2, bias=False)(x))) is None
    assert DenseNetwork.from_model(torch.nn.Linear(3, 2)) is None
