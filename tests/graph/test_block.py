"""A model as a block of another: names, shared weights, files."""

import copy
import json
import pickle

import pytest
import torch
from torch import nn

from axone.graph import Conv2d, Flatten, GraphError, Input, Linear, MaxPool2d, Model, Reshape


def build_autoencoder(name: str | None = None) -> tuple[Model, Model, Model]:
    """Return an encoder, a decoder, and the network of both."""
    x, z = Input(1, 4, 4, name="image"), Input(3)
    encoder = Model(x, Linear(3, name="code")(Flatten()(x)), name="encoder")
    decoder = Model(z, Reshape((1, 4, 4))(Linear(16, activation="sigmoid")(z)), name="decoder")
    return encoder, decoder, Model(x, decoder(encoder(x)), name=name)


def node_names(model: Model) -> list[str]:
    return [node.name for node in model.nodes]


def test_nodes_have_the_name_of_the_block_as_a_prefix() -> None:
    _encoder, _decoder, whole = build_autoencoder()
    assert node_names(whole) == ["image", "encoder.flatten_1", "encoder.code", "decoder.linear_1", "decoder.reshape_1"]
    assert list(whole.state_dict()) == [
        "encoder.code.weight", "encoder.code.bias", "decoder.linear_1.weight", "decoder.linear_1.bias",
    ]  # fmt: skip


def test_the_whole_computes_what_its_blocks_compute_with_their_weights() -> None:
    encoder, decoder, whole = build_autoencoder()
    images = torch.rand(5, 1, 4, 4)
    assert torch.equal(whole(images), decoder(encoder(images)))
    assert whole.get_submodule("encoder.code") is encoder.code
    assert whole.parameter_count == encoder.parameter_count + decoder.parameter_count


def test_training_the_whole_trains_its_blocks() -> None:
    encoder, _decoder, whole = build_autoencoder()
    before = encoder.code.weight.detach().clone()
    torch_optimizer = torch.optim.SGD(whole.parameters(), 1.0)
    images = torch.rand(5, 1, 4, 4)
    nn.functional.mse_loss(whole(images), images).backward()
    torch_optimizer.step()
    assert not torch.equal(encoder.code.weight, before)


def test_calling_a_block_twice_shares_its_weights() -> None:
    x = Input(1, 9, 9)
    tower = Model(x, Flatten()(MaxPool2d(2)(Conv2d(3, 2, activation="relu", name="conv")(x))), name="tower")
    a, b = Input(1, 9, 9), Input(1, 9, 9)
    siamese = Model((a, b), tower(a) - tower(b))
    assert list(siamese.state_dict()) == ["tower.conv.weight", "tower.conv.bias"]
    assert node_names(siamese)[2:] == [
        "tower.conv", "tower.max_pool2d_1", "tower.flatten_1",
        "tower.conv:2", "tower.max_pool2d_1:2", "tower.flatten_1:2", "subtract_1",
    ]  # fmt: skip
    assert siamese.parameter_count == tower.parameter_count == 15
    left, right = torch.rand(2, 1, 9, 9), torch.rand(2, 1, 9, 9)
    torch.testing.assert_close(siamese(left, right), tower(left) - tower(right))


def test_blocks_can_be_nested() -> None:
    x, y = Input(4), Input(4)
    inner = Model(x, Linear(4, name="dense")(x), name="inner")
    outer = Model(y, inner(inner(y)), name="outer")
    z = Input(4)
    model = Model(z, outer(z))
    assert node_names(model) == ["input_1", "outer.inner.dense", "outer.inner.dense:2"]
    assert model.get_submodule("outer.inner.dense") is inner.dense
    numbers = torch.rand(3, 4)
    assert torch.equal(model(numbers), inner(inner(numbers)))


def test_weights_that_two_blocks_contain_are_counted_once() -> None:
    encoder, _decoder, whole = build_autoencoder("whole")
    x = Input(1, 4, 4)
    model = Model(x, (whole(x), encoder(x)))
    assert node_names(model)[-2:] == ["whole.encoder.flatten_1:2", "whole.encoder.code:2"]
    assert model.parameter_count == whole.parameter_count
    images = torch.rand(2, 1, 4, 4)
    assert torch.equal(model(images)[1], encoder(images))


def test_blocks_have_several_inputs_and_outputs() -> None:
    a, b = Input(3), Input(5)
    block = Model((a, b), (Linear(2)(a), Linear(2)(b)), name="pair")
    c, d = Input(3), Input(5)
    left, right = block(c, d)
    model = Model((c, d), left * right)
    three, five = torch.rand(4, 3), torch.rand(4, 5)
    one, two = block(three, five)
    assert torch.equal(model(three, five), one * two)


def test_layers_of_a_block_without_a_name_are_named_by_the_outer_network() -> None:
    x, y = Input(4), Input(4)
    block = Model(x, Linear(4, name="head")(Linear(4)(x)))
    model = Model(y, block(Linear(4)(y)))
    assert node_names(model) == ["input_1", "linear_1", "linear_2", "head"]
    assert model.linear_2 is block.linear_1 and model.head is block.head


def test_a_block_accepts_other_sizes_if_its_weights_fit() -> None:
    x, y = Input(1, 9, 9), Input(1, 20, 30)
    block = Model(x, Conv2d(3, 2, name="conv")(x), name="block")
    assert block(y).shape == (3, 19, 29)
    with pytest.raises(GraphError, match=r'"block.conv" has weights for \(1, 9, 9\)'):
        block(Input(3, 9, 9))


@pytest.mark.parametrize("name", [None, "whole"])
def test_a_network_with_blocks_survives_json(name: str | None) -> None:
    encoder, _decoder, whole = build_autoencoder(name)
    for model in (encoder, whole):
        other = Model.from_json(json.loads(json.dumps(model.to_json())))
        assert other.to_json() == model.to_json() and other.name == model.name
        other.load_state_dict(model.state_dict())
        images = torch.rand(2, 1, 4, 4)
        assert torch.equal(other(images), model(images))


def test_copies_have_their_own_weights_and_stay_consistent() -> None:
    encoder, _decoder, whole = build_autoencoder()
    images = torch.rand(2, 1, 4, 4)
    expected = whole(images)
    copied, pickled = copy.deepcopy(whole), pickle.loads(pickle.dumps(whole))
    nn.init.zeros_(encoder.code.weight)
    assert torch.equal(copied(images), expected) and torch.equal(pickled(images), expected)
    assert not torch.equal(whole(images), expected)


def test_a_copied_block_is_written_with_the_copy_weights() -> None:
    encoder, _decoder, _whole = build_autoencoder()
    copied = copy.deepcopy(encoder)
    x = Input(1, 4, 4)
    model = Model(x, copied(x))
    assert model.get_submodule("encoder.code") is copied.code is not encoder.code


@pytest.mark.usefixtures("unchecked")
def test_wrong_inputs_and_names_are_refused() -> None:
    encoder, _decoder, _whole = build_autoencoder()
    x = Input(1, 4, 4)
    for write, message in (
        (lambda: encoder(x, x), "got 2 inputs"),
        (lambda: Model(x, x, name="a..b"), "name cannot be 'a..b'"),
        (lambda: Model(x, x, name=3), "name cannot be 3"),
    ):
        with pytest.raises(GraphError, match=message):
            write()
    a, b = Input(2), Input(2)
    with pytest.raises(GraphError, match=r"on nodes and on a Tensor\.\nexpected only nodes, or only tensors"):
        Model((a, b), a + b)(a, torch.rand(1, 2))
    clashing = Model(a, Linear(2, name="head")(a))
    with pytest.raises(GraphError, match="Give one of them \\(or its Model\\) another name"):
        Model(b, Linear(2, name="head")(clashing(b)))
