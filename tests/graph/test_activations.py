"""The activation registry: functions, monotonicity, parameters in brackets, source text."""

import pickle

import pytest
import torch
from torch import nn

from axone.graph import ACTIVATIONS, Conv2d
from axone.graph.activations import find_activation, write_activation
from tests.helpers.networks.graph import build_model

PLAIN = {
    "elu": nn.ELU(), "gelu": nn.GELU(), "hardsigmoid": nn.Hardsigmoid(), "hardswish": nn.Hardswish(),
    "leaky_relu": nn.LeakyReLU(), "linear": nn.Identity(), "log_softmax": nn.LogSoftmax(1), "mish": nn.Mish(),
    "relu": nn.ReLU(), "relu6": nn.ReLU6(), "selu": nn.SELU(), "sigmoid": nn.Sigmoid(), "silu": nn.SiLU(),
    "softmax": nn.Softmax(1), "softplus": nn.Softplus(), "softsign": nn.Softsign(), "tanh": nn.Tanh(),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_each_activation_computes_what_torch_computes_and_pickles(name: str) -> None:
    x = torch.linspace(-4, 4, 24).reshape(2, 3, 2, 2)
    assert torch.equal(find_activation(name).function(x), PLAIN[name](x))
    model = build_model((3, 2, 2), Conv2d(3, 1, activation=name, name="conv"))
    assert torch.equal(pickle.loads(pickle.dumps(model))(x), PLAIN[name](model.conv(x)))


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_exactly_the_activations_marked_as_monotonic_never_decrease(name: str) -> None:
    entry = ACTIVATIONS[name]
    if entry.over_channels:
        assert not entry.is_monotonic
        return
    x = torch.linspace(-12, 12, 200_001, dtype=torch.float64)
    assert bool((entry.function(x).diff() >= -1e-12).all()) == entry.is_monotonic


def test_a_number_in_brackets_sets_the_parameter() -> None:
    x = torch.tensor([-2.0, 3.0])
    assert find_activation("leaky_relu(0.25)").function(x).tolist() == [-0.5, 3.0]
    assert torch.equal(find_activation("elu(2)").function(x), nn.ELU(2.0)(x))


def test_dim_is_the_dimension_along_which_softmax_sums_to_one() -> None:
    x = torch.rand(2, 3, 4)
    for dim in (1, 2, -1):
        torch.testing.assert_close(
            find_activation("softmax", dim).function(x).sum(dim), torch.ones(2, 12 // x.shape[dim])
        )


@pytest.mark.parametrize("text", ["", "relu()", "relu(1)", "leaky_relu(x)", "leaky_relu(-0.1)", "Relu", None, 3])
@pytest.mark.usefixtures("unchecked")
def test_other_texts_are_refused(text) -> None:
    with pytest.raises(ValueError, match=r"one of elu|without a number"):
        find_activation(text)


def test_source_text_is_a_call_of_torch() -> None:
    assert write_activation("leaky_relu(0.2)", "x", 1) == "F.leaky_relu(x, negative_slope=0.2)"
    assert write_activation("softmax", "x", -1) == "F.softmax(x, dim=-1)"
    assert write_activation("tanh", "x", 1) == "F.tanh(x)" and write_activation("linear", "x", 1) == "x"
