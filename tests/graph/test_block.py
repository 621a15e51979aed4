"""A model as a block of another: names, weights, files."""

import copy
import json
import pickle

import pytest
import torch
from torch import nn

from axone.graph import Conv2d, Flatten, GraphError, Input, Linear, MaxPool2d, Model, Reshape


def coder() -> tuple[Model, Model, Model]:
    x, z = Input(1, 4, 4, name="picture"), Input(3)
    encoder = Model(x, Linear(3, name="code")(Flatten()(x)), name="encoder")
    decoder = Model(z, Reshape((1, 4, 4))(Linear(16, activation="sigmoid")(z)), name="decoder")
    return encoder, decoder, Model(x, decoder(encoder(x)))


def named(encoder: Model, decoder: Model) -> Model:
    x = Input(1, 4, 4)
    return Model(x, decoder(encoder(x)), name="whole")


def names(model: Model) -> list[str]:
    return [node.name for node in model.nodes]


def test_nodes_are_named_after_the_block() -> None:
    _encoder, _decoder, both = coder()
    assert names(both) == ["picture", "encoder.flatten_1", "encoder.code", "decoder.linear_1", "decoder.reshape_1"]
    assert list(both.state_dict()) == [
        "encoder.code.weight", "encoder.code.bias", "decoder.linear_1.weight", "decoder.linear_1.bias",
    ]  # fmt: skip


def test_it_computes_what_its_parts_compute_with_their_weights() -> None:
    encoder, decoder, both = coder()
    pictures = torch.rand(5, 1, 4, 4)
    assert torch.equal(both(pictures), decoder(encoder(pictures)))
    assert both.get_submodule("encoder.code") is encoder.code
    assert both.parameters_count == encoder.parameters_count + decoder.parameters_count


def test_training_the_whole_trains_its_parts() -> None:
    encoder, _decoder, both = coder()
    before = encoder.code.weight.detach().clone()
    torch_optimizer = torch.optim.SGD(both.parameters(), 1.0)
    pictures = torch.rand(5, 1, 4, 4)
    nn.functional.mse_loss(both(pictures), pictures).backward()
    torch_optimizer.step()
    assert not torch.equal(encoder.code.weight, before)


def test_calling_it_twice_shares_its_weights() -> None:
    x = Input(1, 9, 9)
    tower = Model(x, Flatten()(MaxPool2d(2)(Conv2d(3, 2, activation="relu", name="conv")(x))), name="tower")
    a, b = Input(1, 9, 9), Input(1, 9, 9)
    twins = Model((a, b), tower(a) - tower(b))
    assert list(twins.state_dict()) == ["tower.conv.weight", "tower.conv.bias"]
    assert names(twins)[2:] == [
        "tower.conv", "tower.max_pool2d_1", "tower.flatten_1",
        "tower.conv:2", "tower.max_pool2d_1:2", "tower.flatten_1:2", "subtract_1",
    ]  # fmt: skip
    assert twins.parameters_count == tower.parameters_count == 15
    left, right = torch.rand(2, 1, 9, 9), torch.rand(2, 1, 9, 9)
    torch.testing.assert_close(twins(left, right), tower(left) - tower(right))


def test_blocks_within_blocks() -> None:
    x, y = Input(4), Input(4)
    inner = Model(x, Linear(4, name="dense")(x), name="inner")
    outer = Model(y, inner(inner(y)), name="outer")
    z = Input(4)
    model = Model(z, outer(z))
    assert names(model) == ["input_1", "outer.inner.dense", "outer.inner.dense:2"]
    assert model.get_submodule("outer.inner.dense") is inner.dense
    numbers = torch.rand(3, 4)
    assert torch.equal(model(numbers), inner(inner(numbers)))


def test_weights_reached_by_two_ways_are_there_once() -> None:
    encoder, decoder, both = coder()
    x = Input(1, 4, 4)
    model = Model(x, (named(encoder, decoder)(x), encoder(x)))
    assert names(model)[-2:] == ["whole.encoder.flatten_1:2", "whole.encoder.code:2"]
    assert model.parameters_count == both.parameters_count
    pictures = torch.rand(2, 1, 4, 4)
    assert torch.equal(model(pictures)[1], encoder(pictures))


def test_several_inputs_and_outputs() -> None:
    a, b = Input(3), Input(5)
    block = Model((a, b), (Linear(2)(a), Linear(2)(b)), name="pair")
    c, d = Input(3), Input(5)
    left, right = block(c, d)
    model = Model((c, d), left * right)
    three, five = torch.rand(4, 3), torch.rand(4, 5)
    one, two = block(three, five)
    assert torch.equal(model(three, five), one * two)


def test_a_block_without_a_name_lends_its_layers() -> None:
    x, y = Input(4), Input(4)
    block = Model(x, Linear(4, name="head")(Linear(4)(x)))
    model = Model(y, block(Linear(4)(y)))
    assert names(model) == ["input_1", "linear_1", "linear_2", "head"]
    assert model.linear_2 is block.linear_1 and model.head is block.head


def test_it_fits_other_sizes_where_its_weights_do() -> None:
    x, y = Input(1, 9, 9), Input(1, 20, 30)
    block = Model(x, Conv2d(3, 2, name="conv")(x), name="block")
    assert block(y).shape == (3, 19, 29)
    with pytest.raises(GraphError, match=r'"block.conv" has weights for \(1, 9, 9\)'):
        block(Input(3, 9, 9))


def test_round_trip_is_exact() -> None:
    encoder, decoder, both = coder()
    for model in (encoder, both, named(encoder, decoder)):
        other = Model.from_json(json.loads(json.dumps(model.to_json())))
        assert other.to_json() == model.to_json() and other.name == model.name
        other.load_state_dict(model.state_dict())
        pictures = torch.rand(2, 1, 4, 4)
        assert torch.equal(other(pictures), model(pictures))


def test_copies_have_weights_of_their_own_and_stay_whole() -> None:
    encoder, _decoder, both = coder()
    pictures = torch.rand(2, 1, 4, 4)
    expected = both(pictures)
    copied, pickled = copy.deepcopy(both), pickle.loads(pickle.dumps(both))
    nn.init.zeros_(encoder.code.weight)
    assert torch.equal(copied(pictures), expected) and torch.equal(pickled(pictures), expected)
    assert not torch.equal(both(pictures), expected)


@pytest.mark.parametrize("way", ["export", "compile"])
@pytest.mark.usefixtures("unchecked")  # compilers cannot see through the checks of annotations
def test_is_an_ordinary_module_to_torch(way: str) -> None:
    _encoder, _decoder, both = coder()
    pictures = torch.rand(2, 1, 4, 4)
    if way == "export":
        other = torch.export.export(both, (pictures,)).module()
    else:
        other = torch.compile(both, backend="eager", fullgraph=True)
    torch.testing.assert_close(other(pictures), both(pictures))


@pytest.mark.usefixtures("unchecked")
def test_a_mistake_is_an_error_where_it_is_made() -> None:
    encoder, _decoder, _both = coder()
    x = Input(1, 4, 4)
    for write, message in (
        (lambda: encoder(x, x), "got 2 inputs"),
        (lambda: Model(x, x, name="a..b"), "name cannot be 'a..b'"),
        (lambda: Model(x, x, name=3), "name cannot be 3"),
    ):
        with pytest.raises(GraphError, match=message):
            write()
    a, b = Input(2), Input(2)
    with pytest.raises(GraphError, match="on nodes and on a Tensor"):
        Model((a, b), a + b)(a, torch.rand(1, 2))
    with pytest.raises(GraphError, match="its Model"):
        clash = Model(a, Linear(2, name="head")(a))
        Model(b, Linear(2, name="head")(clash(b)))
