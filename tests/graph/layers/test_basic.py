"""Inputs, linear layers, dropout and separate activations, against torch's modules."""

import pytest
import torch
from torch import nn

from axone.graph import Activation, Dropout, Dropout2d, GraphError, Input, Layer, Linear, Model
from tests.helpers.networks.graph import build_model, copy_weights, run_layer


def test_an_input_has_a_shape_and_a_dtype() -> None:
    assert Input(1, 28, 28).shape == (1, 28, 28)
    assert Input(20, dtype="int64").dtype == torch.int64
    assert repr(Input(1, 28, 28).layer) == "Input(1, 28, 28)"
    assert repr(Input(20, dtype="int64").layer) == "Input(20, dtype='int64')"


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: Input(), "one to eight sizes"),
        (lambda: Input(1, 0), "shape cannot be .*\nexpected an integer of at least 1"),
        (lambda: Input(3, dtype="float"), "dtype cannot be 'float'.\nexpected one of float32.*\nDid you mean float32"),
        (lambda: Linear(3)(Input(1, 2, 3)), r"Put Flatten\(\)"),
        (lambda: Dropout2d(0.1)(Input(9)), "channels, height, width"),
        (lambda: Activation(None), "needs a name"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_wrong_arguments_and_shapes_are_refused(write, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        write()


@pytest.mark.parametrize("shape", [(4,), (7, 4)])
def test_linear_computes_what_torch_computes_on_features_and_on_each_step(shape: tuple[int, ...]) -> None:
    model, plain = build_model(shape, Linear(3, activation="relu")), nn.Linear(4, 3)
    copy_weights(model, plain)
    batch = torch.rand(5, *shape)
    assert torch.equal(model(batch), plain(batch).relu())


def test_linear_without_bias_has_weights_only() -> None:
    assert build_model((4,), Linear(3, bias=False)).parameter_count == 12


@pytest.mark.parametrize("kind", [Dropout, Dropout2d])
def test_dropout_acts_in_training_only(kind: type[Layer]) -> None:
    x = Input(100, 10, 10)
    model, batch = Model(x, kind(0.25)(x)), torch.ones(4, 100, 10, 10)
    dropped = model.train()(batch) == 0
    assert dropped.float().mean().item() == pytest.approx(0.25, abs=0.1)
    per_channel = dropped.flatten(2).float().mean(2)
    assert set(per_channel.unique().tolist()) == {0.0, 1.0} or kind is Dropout
    assert torch.equal(model.eval()(batch), batch)


@pytest.mark.parametrize(
    ("layer", "plain"),
    [(Activation("elu(0.5)"), nn.ELU(0.5)), (Activation("gelu"), nn.GELU()), (Activation("silu"), nn.SiLU())],
    ids=str,
)
def test_an_activation_computes_what_torch_computes(layer: Layer, plain: nn.Module) -> None:
    batch = torch.randn(3, 4, 5, 5)
    assert torch.equal(run_layer(layer, batch), plain(batch))


@pytest.mark.parametrize(
    ("shape", "layer", "dim"),
    [
        ((2, 4, 4), Activation("softmax"), 1),
        ((4,), Activation("softmax"), -1),
        ((5, 4), Linear(3, activation="softmax"), -1),
        ((5, 4), Activation("softmax", dim=1), 1),
    ],
)
def test_softmax_sums_to_one_over_channels_or_features(shape, layer: Layer, dim: int) -> None:
    total = run_layer(layer, torch.rand(2, *shape)).sum(dim)
    torch.testing.assert_close(total, torch.ones_like(total))
