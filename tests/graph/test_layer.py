import pytest
import torch
from torch import nn

from axone.errors import SettingsError
from axone.graph import (
    Activation,
    Add,
    AvgPool2d,
    BatchNorm1d,
    BatchNorm2d,
    Concatenate,
    Conv2d,
    Dropout,
    Dropout2d,
    Flatten,
    GlobalAveragePool2d,
    GraphError,
    Input,
    Layer,
    Linear,
    MaxPool2d,
    Model,
    Reshape,
    Subtract,
)
from axone.graph.arguments import Fraction, Size
from axone.graph.operation import KINDS


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: Conv2d(0, 3), "out_channels cannot be 0.\nexpected an integer of at least 1"),
        (lambda: Conv2d(True, 3), "out_channels cannot be True"),
        (lambda: Conv2d("32", 3), "out_channels cannot be '32'"),
        (lambda: Conv2d(2**31, 3), "out_channels"),
        (lambda: Conv2d(3, (3, 3, 3)), "at least 1, or 2 of them"),
        (lambda: Conv2d(3, 3, padding="sane"), '"valid", "same"'),
        (lambda: Conv2d(3, 3, padding=-1), '"valid", "same"'),
        (lambda: Conv2d(3, 3, bias=1), "True or False"),
        (lambda: Conv2d(3, 3, activation="rellu"), 'did you mean "relu"'),
        (lambda: Conv2d(3, 3, activation="relu(2)"), '"relu" without a number'),
        (lambda: Conv2d(3, 3, activation="leaky_relu(-1)"), "one of"),
        (lambda: Conv2d(3, 3, activation=["relu"]), "one of"),
        (lambda: Conv2d(3), "missing a required argument: 'kernel_size'"),
        (lambda: Conv2d(3, 3, strid=2), "Did you mean stride"),
        (lambda: Dropout(1.5), "a number from 0 to 1"),
        (lambda: Dropout(float("nan")), "a number from 0 to 1"),
        (lambda: Linear(3, name="a..b"), "parts joined by dots"),
        (lambda: Linear(3, name="<b>"), "parts joined by dots"),
        (lambda: Activation(None), "needs a name"),
        (lambda: Reshape((-1, -1)), "one may be -1"),
        (lambda: Input(), "one to eight sizes"),
        (lambda: Input(1, 0), "at least 1"),
        (lambda: Input(3, dtype="float"), "one of float32"),
        (lambda: Linear(3)(torch.rand(2, 3)), "called on a Tensor"),
        (lambda: Linear(3)(), "called on 0 inputs"),
        (lambda: Linear(3)(Input(3), Input(3)), "called on 2 inputs.\nexpected 1"),
        (lambda: Add()(Input(3)), "expected at least 2"),
        (lambda: Linear(3)(Input(1, 2, 3)), r"Put Flatten\(\)"),
        (lambda: Linear(3, name="head")(Input(3, dtype="int64")), 'Linear.3. "head" needs numbers'),
        (lambda: Conv2d(3, 3)(Input(28, 28)), r"got \(28, 28\).\nexpected \(channels, height, width\)"),
        (lambda: Conv2d(3, 3, groups=2)(Input(4, 9, 9)), r"multiples of groups \(2\)"),
        (lambda: MaxPool2d(2)(Input(9)), "channels, height, width"),
        (lambda: BatchNorm2d()(Input(9)), "Use BatchNorm1d"),
        (lambda: BatchNorm1d()(Input(9, 9, 9)), "Use BatchNorm2d"),
        (lambda: Reshape((4, -1))(Input(9)), "9 numbers"),
        (lambda: Input(4, 8, 8) + Input(4, 7, 7), r"\(4, 8, 8\), \(4, 7, 7\)"),
        (lambda: Input(4) + Input(4, 1), "equal shapes"),
        (lambda: Input(4) - Input(5), r"\(4,\), \(5,\)"),
        (lambda: Subtract()(Input(4), Input(4), Input(4)), "called on 3 inputs.\nexpected 2"),
        (lambda: Dropout2d(0.1)(Input(9)), "channels, height, width"),
        (lambda: Concatenate()(Input(4, 8, 8), Input(4, 7, 8)), "only in dimension 1"),
        (lambda: Concatenate(dim=0)(Input(4), Input(4)), "dim from 1 to 1"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_a_mistake_is_an_error_where_it_is_made(write, message: str) -> None:
    with pytest.raises(GraphError, match=message) as caught:
        write()
    assert isinstance(caught.value, SettingsError) and caught.value.exit_code == 2


def test_layers_are_frozen_and_each_is_itself() -> None:
    layer = Conv2d(3, 3)
    with pytest.raises(AttributeError):
        layer.stride = 2
    assert layer != Conv2d(3, 3) and len({layer, Conv2d(3, 3)}) == 2


def test_a_layer_shows_itself_as_written() -> None:
    assert repr(Conv2d(32, 3, activation="relu", name="c")) == "Conv2d(32, 3, activation='relu')"
    assert repr(MaxPool2d([3, 2], padding="same")) == "MaxPool2d((3, 2), padding='same')"
    assert repr(Input(1, 28, 28).layer) == "Input(1, 28, 28)"
    assert repr(Input(20, dtype="int64").layer) == "Input(20, dtype='int64')"
    assert repr(Linear(2)(Input(3))) == "<Linear(2) -> (2,)>"


def test_what_is_not_an_operation_of_graphs() -> None:
    x = Input(3)
    for write in (lambda: x + 1, lambda: 1 - x, lambda: x * "2", lambda: "2" * x, lambda: x / x, lambda: x @ x):
        with pytest.raises(TypeError):
            write()
    for write in (lambda: x * float("nan"), lambda: True * x):
        with pytest.raises(GraphError, match="factor cannot be"):
            write()


def test_operators_write_layers() -> None:
    x, y = Input(3), Input(3)
    model = Model((x, y), (x + y, x - y, x * y, 2 * x, x * 0.5, x / 4, -y))
    assert [node.kind for node in model.nodes[2:]] == ["Add", "Subtract", "Multiply", *["Scale"] * 4]
    one, two = torch.rand(2, 3), torch.rand(2, 3)
    expected = (one + two, one - two, one * two, 2 * one, one * 0.5, one / 4, -two)
    for found, value in zip(model(one, two), expected, strict=True):
        assert torch.equal(found, value)


def test_shapes() -> None:
    picture = Input(6, 4, 5)
    assert Flatten()(picture).shape == (120,)
    assert Reshape((2, -1))(picture).shape == (2, 60)
    assert GlobalAveragePool2d()(picture).shape == (6,)
    assert AvgPool2d(2)(picture).shape == (6, 2, 2)
    assert Concatenate()(picture, Input(3, 4, 5)).shape == (9, 4, 5)
    assert Concatenate(dim=-1)([picture, Input(6, 4, 1)]).shape == (6, 4, 6)
    assert (picture * Input(6, 1, 1)).shape == (6, 4, 5)
    assert Linear(7)(Input(10, 3)).shape == (10, 7)
    assert BatchNorm1d()(Input(8, 3)).shape == (8, 3)


def test_softmax_sums_to_one_over_the_channels() -> None:
    for shape, layer, dim in (
        ((2, 4, 4), Conv2d(3, 1, activation="softmax"), 1),
        ((2, 4, 4), Activation("softmax"), 1),
        ((5, 4), Linear(3, activation="softmax"), -1),
        ((4,), Activation("softmax"), -1),
    ):
        x = Input(*shape)
        result = Model(x, layer(x))(torch.rand(2, *shape)).sum(dim)
        torch.testing.assert_close(result, torch.ones_like(result))


@pytest.mark.parametrize(
    ("layer", "plain"),
    [
        (Conv2d(6, (3, 2), 2, 1, 2, 2, bias=False), nn.Conv2d(4, 6, (3, 2), 2, 1, 2, 2, bias=False)),
        (AvgPool2d(3, 2, 1), nn.AvgPool2d(3, 2, 1)),
        (BatchNorm2d(0.01, 0.3), nn.BatchNorm2d(4, 0.01, 0.3)),
        (BatchNorm2d(affine=False), nn.BatchNorm2d(4, affine=False)),
        (Activation("elu(0.5)"), nn.ELU(0.5)),
        (Activation("gelu"), nn.GELU()),
        (Dropout2d(0.0), nn.Dropout2d(0.0)),
        (Activation("silu"), nn.SiLU()),
        (GlobalAveragePool2d(), nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())),
        (Reshape((-1, 3)), nn.Sequential(nn.Flatten(), nn.Unflatten(1, (-1, 3)))),
    ],
    ids=lambda layer: repr(layer)[:30],
)
def test_layers_answer_like_torch(layer: Layer, plain: nn.Module) -> None:
    x = Input(4, 9, 9)
    model = Model(x, layer(x))
    plain.load_state_dict(dict(zip(plain.state_dict(), model.state_dict().values())))
    for _step in range(2):
        images = torch.rand(3, 4, 9, 9)
        assert torch.equal(model(images), plain(images))
    assert torch.equal(model.eval()(images), plain.eval()(images))


def test_a_new_layer_is_five_lines() -> None:
    class Scaled(Layer):
        units: Size
        p: Fraction = 0.5

        def build(self, shape):
            return nn.Linear(shape[0], self.units, bias=False)

    try:
        with pytest.raises(GraphError, match="Scaled: p cannot be 2"):
            Scaled(3, p=2)
        x = Input(4)
        model = Model(x, Scaled(3)(x))
        assert list(model.state_dict()) == ["scaled_1.weight"] and model.parameters_count == 12
        assert Model.from_json(model.to_json()).to_json() == model.to_json()
    finally:
        KINDS.pop("Scaled", None)


def test_a_layer_cannot_take_the_name_of_another() -> None:
    with pytest.raises(GraphError, match="already a layer named Conv2d"):
        type("Conv2d", (Layer,), {"__module__": __name__})
    assert KINDS["Conv2d"] is Conv2d


def test_public_names_are_there() -> None:
    import axone.graph

    assert len(set(axone.graph.__all__)) == len(axone.graph.__all__)
    assert all(hasattr(axone.graph, name) for name in axone.graph.__all__)
    assert set(KINDS) <= set(axone.graph.__all__)
