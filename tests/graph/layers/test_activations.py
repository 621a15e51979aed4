import pickle

import pytest
import torch
from torch import nn

from axone.graph import ACTIVATIONS, Conv2d, Input, Model
from axone.graph.layers.activations import find_activation

PLAIN = {
    "elu": nn.ELU(), "gelu": nn.GELU(), "hardsigmoid": nn.Hardsigmoid(), "hardswish": nn.Hardswish(),
    "leaky_relu": nn.LeakyReLU(), "linear": nn.Identity(), "log_softmax": nn.LogSoftmax(1), "mish": nn.Mish(),
    "relu": nn.ReLU(), "relu6": nn.ReLU6(), "selu": nn.SELU(), "sigmoid": nn.Sigmoid(), "silu": nn.SiLU(),
    "softmax": nn.Softmax(1), "softplus": nn.Softplus(), "softsign": nn.Softsign(), "tanh": nn.Tanh(),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_each_is_torch_own_and_pickles(name: str) -> None:
    x = torch.linspace(-4, 4, 24).reshape(2, 3, 2, 2)
    assert torch.equal(find_activation(name).function(x), PLAIN[name](x))
    image = Input(3, 2, 2)
    model = Model(image, Conv2d(3, 1, activation=name, name="conv")(image))
    assert torch.equal(pickle.loads(pickle.dumps(model))(x), PLAIN[name](model.conv(x)))


def test_parameters_in_brackets() -> None:
    x = torch.tensor([-2.0, 3.0])
    assert find_activation("leaky_relu(0.25)").function(x).tolist() == [-0.5, 3.0]
    assert torch.equal(find_activation("elu(2)").function(x), nn.ELU(2.0)(x))


@pytest.mark.parametrize("text", ["", "relu()", "relu(1)", "leaky_relu(x)", "leaky_relu(-0.1)", "Relu", None, 3])
@pytest.mark.usefixtures("unchecked")
def test_what_is_not_an_activation(text) -> None:
    with pytest.raises(ValueError):
        find_activation(text)
