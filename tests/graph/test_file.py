import copy
import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from axone.graph import (
    ACTIVATIONS,
    Activation,
    AvgPool2d,
    BatchNorm2d,
    Concatenate,
    Conv2d,
    Dropout,
    Flatten,
    GlobalMaxPool2d,
    GraphError,
    Input,
    Layer,
    Linear,
    MaxPool2d,
    Model,
    Node,
)


def twin() -> Model:
    a, b = Input(1, 8, 8, name="left"), Input(1, 8, 8)
    tower = Conv2d(3, (3, 2), padding="same", activation="leaky_relu(0.2)", name="tower.0")
    h = Concatenate()(tower(a), tower(b), MaxPool2d(3, 1, 1)(b))
    return Model((b, a), (Linear(2)(Flatten()(h)), GlobalMaxPool2d()(h)))


def again(model: Model) -> Model:
    return Model.from_json(json.loads(json.dumps(model.to_json())))


def test_round_trip_is_exact() -> None:
    model = twin()
    other = again(model)
    assert other.to_json() == model.to_json()
    assert other.summary() == model.summary() and other.draw() == model.draw()
    other.load_state_dict(model.state_dict())
    left, right = torch.rand(2, 1, 8, 8), torch.rand(2, 1, 8, 8)
    for one, two in zip(model(right, left), other(right, left), strict=True):
        assert torch.equal(one, two)


def test_the_file_is_readable() -> None:
    x = Input(4)
    model = Model(x, Linear(2, bias=False)(x))
    assert model.to_json() == {
        "format": "axone.graph",
        "version": 1,
        "inputs": ["input_1"],
        "outputs": "linear_1",
        "nodes": [
            {
                "name": "input_1",
                "kind": "Input",
                "arguments": {"shape": [4], "dtype": "float32"},
                "shape": [4],
                "parameters": 0,
                "flops": 0,
            },
            {
                "name": "linear_1",
                "kind": "Linear",
                "arguments": {"out_features": 2, "bias": False, "activation": None},
                "inputs": ["input_1"],
                "shape": [2],
                "parameters": 8,
                "flops": 16,
            },
        ],
    }


def grown(draw, nodes: list[Node], shared: list[Layer]) -> Node:
    """One more node after some that are there, whatever fits."""
    source = draw(st.sampled_from(nodes))
    alike = [node for node in nodes if node.shape == source.shape]
    as_wide = [node for node in nodes if node.shape[1:] == source.shape[1:]]
    place = {"stride": draw(st.integers(1, 3)), "padding": draw(st.sampled_from(["same", 1]))}
    name = draw(st.sampled_from([None, None, f"block.{len(nodes)}.layer"]))
    kind = draw(st.sampled_from(["conv", "max", "mean", "norm", "shared", "sum", "product", "concatenate"]))
    if kind == "conv":
        kernel = draw(st.sampled_from([2, 3, (3, 2)]))
        activation = draw(st.sampled_from([None, "relu", "gelu"]))
        return Conv2d(draw(st.integers(1, 4)), kernel, **place, activation=activation, name=name)(source)
    if kind in ("max", "mean"):
        return (MaxPool2d if kind == "max" else AvgPool2d)(3, **place, name=name)(source)
    if kind == "norm":
        return BatchNorm2d(momentum=draw(st.floats(0, 1)), name=name)(source)
    if kind == "shared":
        return draw(st.sampled_from(shared))(source)
    if kind == "concatenate":
        return Concatenate(name=name)(source, draw(st.sampled_from(as_wide)))
    other = draw(st.sampled_from(alike))
    return source + other if kind == "sum" else source * other


@st.composite
def networks(draw) -> Model:
    inputs = [Input(draw(st.integers(1, 4)), 8, 8) for _count in range(draw(st.integers(1, 2)))]
    shared = [Activation(draw(st.sampled_from(sorted(ACTIVATIONS)))), Dropout(draw(st.floats(0, 1)))]
    nodes = list(inputs)
    for _step in range(draw(st.integers(1, 8))):
        nodes.append(grown(draw, nodes, shared))
    return Model(inputs, [Linear(2)(Flatten()(node)) for node in [*inputs, nodes[-1]]])


# The checks of annotations draw at random which item of a list they look at.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module")
@settings(max_examples=60, deadline=None)
@given(networks())
def test_any_network_goes_to_json_and_back_and_computes_as_written(model: Model) -> None:
    other = again(model)
    assert other.to_json() == model.to_json()
    other.load_state_dict(model.state_dict())
    model.eval(), other.eval()
    images = [torch.rand(2, *shape) for shape in model.input_shapes]
    outputs = model(*images)
    for one, two in zip(outputs, other(*images), strict=True):
        torch.testing.assert_close(one, two, rtol=0, atol=0, equal_nan=True)
    names = model.to_json()["outputs"]
    written = model.activations(images, names)
    for name, one, shape in zip(names, outputs, model.output_shapes, strict=True):
        assert tuple(one.shape[1:]) == shape
        torch.testing.assert_close(one, written[name], rtol=1e-4, atol=1e-4, equal_nan=True)
    values = model.activations(images, [node.name for node in model.nodes])
    assert [tuple(values[node.name].shape[1:]) for node in model.nodes] == [node.shape for node in model.nodes]


def put(path, value):
    def change(data):
        place = data
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return change


def drop(data) -> None:
    del data["nodes"][1]["arguments"]["out_features"]


NEW = {"name": "loose", "kind": "Linear", "arguments": {"out_features": 2}, "inputs": ["input_1"]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put(["format"], "onnx"), "not a network"),
        (put(["version"], 2), "not a network"),
        (put(["more"], 1), "unknown entry 'more'"),
        (put(["nodes"], {}), "not a list"),
        (put(["nodes"], []), "1 to 10,000 nodes"),
        (put(["nodes"], [NEW] * 10_001), "1 to 10,000 nodes"),
        (put(["nodes", 0], 3), "a node is an object"),
        (put(["nodes", 1, "kind"], "Linaer"), "no layer named Linaer.*\nDid you mean Linear"),
        (put(["nodes", 1, "kind"], "Layer"), "no layer named"),
        (put(["nodes", 1, "kind"], "os.system"), "no layer named"),
        (put(["nodes", 1, "kind"], ["Linear"]), "a name and a kind"),
        (put(["nodes", 1, "name"], "input_1"), "Two nodes are named"),
        (put(["nodes", 1, "name"], "../x"), "parts joined by dots"),
        (put(["nodes", 1, "name"], None), "a name and a kind"),
        (put(["nodes", 1, "extra"], 1), "unknown entry 'extra'"),
        (put(["nodes", 1, "inputs"], ["linear_1"]), "without cycles"),
        (put(["nodes", 1, "inputs"], ["linear_2"]), "without cycles"),
        (put(["nodes", 1, "inputs"], "input_1"), "not a list of names"),
        (put(["nodes", 1, "inputs"], [0]), "not a list of names"),
        (put(["nodes", 1, "inputs"], []), "not a list of names"),
        (put(["nodes", 1, "arguments"], []), "arguments are an object"),
        (put(["nodes", 1, "arguments", "self"], 1), "unknown entry 'self'"),
        (put(["nodes", 1, "arguments", "name"], "x"), "not among its arguments"),
        (put(["nodes", 1, "arguments", "out_features"], 1.5), "whole number"),
        (put(["nodes", 1, "arguments", "out_features"], "__import__('os')"), "whole number"),
        (put(["nodes", 1, "arguments", "out_features"], True), "whole number"),
        (put(["nodes", 1, "arguments", "out_features"], None), "whole number"),
        (put(["nodes", 1, "arguments", "out_features"], 10**30), "whole number"),
        (put(["nodes", 1, "arguments", "out_features"], 900_000_000), "absurdly large at node linear_1"),
        (put(["nodes", 1, "arguments", "bias"], 0), "True or False"),
        (put(["nodes", 0, "arguments", "shape"], [2**31 - 1] * 8), "does not accept|absurdly large"),
        (put(["nodes", 0, "arguments", "shape"], [40_000, 40_000]), "absurdly large at node input_1"),
        (put(["nodes", 0, "arguments", "shape"], 4), "a shape and no inputs"),
        (put(["nodes", 0, "arguments", "dtype"], {}), "dtype cannot be"),
        (put(["nodes", 0, "inputs"], ["linear_1"]), "a shape and no inputs"),
        (put(["nodes", 2, "shared"], "input_1"), "cannot be read"),
        (put(["nodes", 2, "shared"], "linear_1"), "cannot be read"),
        (put(["nodes", 2], {"name": "x", "kind": "Linear", "shared": "linear_1", "inputs": ["linear_1"]}), "NAME:2"),
        (lambda data: data["nodes"].append(NEW), "No output of the network uses node loose"),
        (drop, "missing a required argument"),
        (put(["inputs"], []), "not a list of names"),
        (put(["inputs"], ["linear_1"]), "not an input of the model"),
        (put(["inputs"], ["input_1", "input_1"]), "twice"),
        (put(["outputs"], 7), "not a list of names"),
        (put(["outputs"], "nowhere"), "does not come before"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_a_file_that_is_not_a_network_is_refused(change, message: str) -> None:
    x = Input(4)
    data = copy.deepcopy(Model(x, Linear(2)(Linear(4)(x))).to_json())
    change(data)
    with pytest.raises(GraphError, match=message):
        Model.from_json(data, device="meta")  # so that a guard that fails costs no memory


@pytest.mark.usefixtures("unchecked")
def test_what_is_not_even_an_object_is_refused() -> None:
    for data in (None, [], "{}", 3):
        with pytest.raises(GraphError, match="a network is an object"):
            Model.from_json(data)


def test_the_parameters_of_several_layers_add_up_to_absurd() -> None:
    x = h = Input(20_000)
    for _layer in range(3):
        h = Linear(20_000)(h)
    data = Model(x, h, device="meta").to_json()
    with pytest.raises(GraphError, match="absurdly large at node linear_3"):
        Model.from_json(data, device="meta")
