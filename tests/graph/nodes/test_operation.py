"""Declared layers: frozen, checked on construction, registered, readable."""

import pytest
import torch
from torch import nn

from axone.graph import Conv2d, Dropout, GraphError, Input, Layer, Linear, MaxPool2d, Model
from axone.graph.nodes.arguments import Fraction, Size
from axone.graph.nodes.operation import KINDS


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: Conv2d(0, 3), "Conv2d: out_channels cannot be 0.\nexpected an integer of at least 1"),
        (lambda: Conv2d(3, 3, padding="sane"), 'padding cannot be \'sane\'.\nexpected "valid", "same", or'),
        (lambda: Conv2d(3, 3, activation="rellu"), 'did you mean "relu"'),
        (lambda: Conv2d(3, 3, activation=["relu"]), "expected one of elu"),
        (lambda: Conv2d("x" * 100, 3), r"cannot be 'x{76}\.\.\."),
        (lambda: Conv2d(3), "Conv2d: missing a required argument: 'kernel_size'.\nexpected Conv2d\\(out_channels, "),
        (lambda: Conv2d(3, 3, strid=2), "unexpected keyword argument 'strid'.\n.*\nDid you mean stride?"),
        (lambda: Dropout(1.5), "p cannot be 1.5.\nexpected a number from 0 to 1"),
        (lambda: Linear(3, name="<b>"), "name cannot be '<b>'.\nexpected .*parts joined by dots"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_wrong_arguments_raise_graph_errors(write, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        write()


def test_layers_are_frozen_and_equal_only_to_themselves() -> None:
    layer = Conv2d(3, 3)
    with pytest.raises(AttributeError):
        layer.stride = 2
    assert layer != Conv2d(3, 3) and len({layer, Conv2d(3, 3)}) == 2


def test_repr_is_the_call_without_defaults_and_label_adds_the_name() -> None:
    assert repr(Conv2d(32, 3, activation="relu", name="c")) == "Conv2d(32, 3, activation='relu')"
    assert repr(MaxPool2d([3, 2], padding="same")) == "MaxPool2d((3, 2), padding='same')"
    assert Conv2d(32, 3, name="c").label() == 'Conv2d(32, 3) "c"'
    assert Conv2d(32, 3).label() == "Conv2d(32, 3)"


def test_arguments_are_plain_data_without_the_name() -> None:
    assert MaxPool2d((3, 2), name="pool").arguments() == {"kernel_size": [3, 2], "stride": None, "padding": "valid"}


def test_a_clone_uses_the_weights_of_a_module() -> None:
    x, module = Input(4), nn.Linear(4, 2)
    clone = Linear(2).clone("head", module)
    assert (clone.name, clone.module, clone.weights_key) == ("head", module, module)
    model = Model(x, clone(x))
    assert model.head is module and torch.equal(model(torch.ones(1, 4)), module(torch.ones(1, 4)))


def test_first_shapes_are_those_of_the_first_call() -> None:
    pool = MaxPool2d(2)
    assert pool.first_shapes is None
    pool(Input(3, 8, 8)), pool(Input(3, 4, 4))
    assert pool.first_shapes == ((3, 8, 8),)


def test_a_new_layer_takes_five_lines() -> None:
    class NoBias(Layer):
        units: Size
        p: Fraction = 0.5

        def build(self, shape):
            return nn.Linear(shape[0], self.units, bias=False)

    try:
        with pytest.raises(GraphError, match="NoBias: p cannot be 2"):
            NoBias(3, p=2)
        x = Input(4)
        model = Model(x, NoBias(3)(x))
        assert list(model.state_dict()) == ["no_bias_1.weight"] and model.parameter_count == 12
        assert Model.from_json(model.to_json()).to_json() == model.to_json()
    finally:
        KINDS.pop("NoBias", None)


def test_two_layer_classes_cannot_have_one_name() -> None:
    with pytest.raises(GraphError, match="already a layer named Conv2d"):
        type("Conv2d", (Layer,), {"__module__": __name__})
    assert KINDS["Conv2d"] is Conv2d


def test_base_classes_are_not_registered() -> None:
    assert {"Operation", "Layer", "KernelLayer", "WithOutChannels"}.isdisjoint(KINDS)
    assert not any(name.startswith("_") for name in KINDS)
