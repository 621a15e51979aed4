"""Networks as JSON data: exact round trips, also of random networks, and refusal of invalid and hostile data."""

import copy
import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from axone.graph import (
    ACTIVATIONS,
    GRU,
    LSTM,
    RNN,
    Activation,
    AdaptiveAvgPool2d,
    AvgPool2d,
    BatchNorm2d,
    BatchNorm3d,
    Concatenate,
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose2d,
    DepthwiseConv2d,
    Dropout,
    Dropout2d,
    Embedding,
    Flatten,
    GlobalMaxPool2d,
    GraphError,
    GroupNorm,
    Input,
    InstanceNorm2d,
    Layer,
    LayerNorm,
    Linear,
    MaxPool2d,
    MaxPool3d,
    Model,
    Node,
    Permute,
    Reshape,
    Upsample,
    ZeroPad2d,
)


def build_siamese() -> Model:
    a, b = Input(1, 8, 8, name="left"), Input(1, 8, 8)
    tower = Conv2d(3, (3, 2), padding="same", activation="leaky_relu(0.2)", name="tower.0")
    h = Concatenate()(tower(a), tower(b), MaxPool2d(3, 1, 1)(b))
    return Model((b, a), (Linear(2)(Flatten()(h)), GlobalMaxPool2d()(h)))


def round_trip(model: Model) -> Model:
    return Model.from_json(json.loads(json.dumps(model.to_json())))


def test_a_round_trip_changes_nothing() -> None:
    model = build_siamese()
    other = round_trip(model)
    assert other.to_json() == model.to_json()
    assert other.summary() == model.summary() and other.draw() == model.draw()
    other.load_state_dict(model.state_dict())
    left, right = torch.rand(2, 1, 8, 8), torch.rand(2, 1, 8, 8)
    for one, two in zip(model(right, left), other(right, left), strict=True):
        assert torch.equal(one, two)


def test_the_data_are_readable() -> None:
    x = Input(4)
    model = Model(x, Linear(2, bias=False)(x))
    assert model.to_json() == {
        "format": "axone.graph",
        "version": 2,
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


def draw_node(draw, nodes: list[Node], shared: list[Layer]) -> Node:
    """Write one more node after some of `nodes`, whose shapes it fits."""
    source = draw(st.sampled_from(nodes))
    same_shape = [node for node in nodes if node.shape == source.shape]
    same_positions = [node for node in nodes if node.shape[1:] == source.shape[1:]]
    window = {"stride": draw(st.integers(1, 3)), "padding": draw(st.sampled_from(["same", 1]))}
    name = draw(st.sampled_from([None, None, f"block.{len(nodes)}.layer"]))
    kinds = ["conv", "depthwise", "upsample", "max", "mean", "norm", "scale", "shared", "sum", "product", "concatenate"]
    kinds += ["function", "index"]
    kind = draw(st.sampled_from(kinds))
    if kind == "conv":
        kernel = draw(st.sampled_from([2, 3, (3, 2)]))
        activation = draw(st.sampled_from([None, "relu", "gelu"]))
        return Conv2d(draw(st.integers(1, 4)), kernel, **window, activation=activation, name=name)(source)
    if kind == "depthwise":
        return DepthwiseConv2d(3, **window, multiplier=draw(st.integers(1, 2)), name=name)(source)
    if kind == "upsample" and source.shape[1] < 32:
        transposed = ConvTranspose2d(2, 3, draw(st.integers(1, 3)), "same", name=name)
        return draw(st.sampled_from([transposed, Upsample(2, "bilinear", name=name), ZeroPad2d(1, name=name)]))(source)
    if kind == "function":
        return draw(
            st.sampled_from(
                [1 - source, source / 3, abs(source) ** 1.5, source.sigmoid(), source.mean(1, keepdim=True)]
            )
        )
    if kind == "index":
        return draw(st.sampled_from([source[:, -1:], source[:, [0, -1]], source[..., :5], source[:, :, ::2, None, 0]]))
    if kind == "scale":
        return draw(st.floats(-2, 2)) * source
    if kind in ("max", "mean"):
        return (MaxPool2d if kind == "max" else AvgPool2d)(3, **window, name=name)(source)
    if kind == "norm":
        return BatchNorm2d(momentum=draw(st.floats(0, 1)), name=name)(source)
    if kind == "shared":
        return draw(st.sampled_from(shared))(source)
    if kind == "concatenate":
        return Concatenate(name=name)(source, draw(st.sampled_from(same_positions)))
    other = draw(st.sampled_from(same_shape))
    return source + other if kind == "sum" else source * other


@st.composite
def networks(draw) -> Model:
    inputs = [Input(draw(st.integers(1, 4)), 8, 8) for _count in range(draw(st.integers(1, 2)))]
    shared = [Activation(draw(st.sampled_from(sorted(ACTIVATIONS)))), Dropout(draw(st.floats(0, 1)))]
    nodes = list(inputs)
    for _step in range(draw(st.integers(1, 8))):
        nodes.append(draw_node(draw, nodes, shared))
    return Model(inputs, [Linear(2)(Flatten()(node)) for node in [*inputs, nodes[-1]]])


# The checks of annotations choose at random which item of a list they check.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module")
@settings(max_examples=60, deadline=None)
@given(networks())
def test_random_networks_survive_json_and_compute_the_same_in_every_form(model: Model) -> None:
    other = round_trip(model)
    assert other.to_json() == model.to_json()
    other.load_state_dict(model.state_dict())
    model.eval(), other.eval()
    images = [torch.rand(2, *shape) for shape in model.input_shapes]
    outputs = model(*images)
    for one, two in zip(outputs, other(*images), strict=True):
        torch.testing.assert_close(one, two, rtol=0, atol=0, equal_nan=True)
    names = model.to_json()["outputs"]
    as_written = model.activations(images, names)
    for name, one, shape in zip(names, outputs, model.output_shapes, strict=True):
        assert tuple(one.shape[1:]) == shape
        torch.testing.assert_close(one, as_written[name], rtol=1e-4, atol=1e-4, equal_nan=True)
    namespace: dict = {}
    exec(model.to_source(), namespace)
    plain = namespace["Network"]().eval()
    plain.load_state_dict(model.state_dict())
    torch.testing.assert_close(plain(*images), outputs, rtol=1e-4, atol=1e-4, equal_nan=True)
    values = model.activations(images, [node.name for node in model.nodes])
    assert [tuple(values[node.name].shape[1:]) for node in model.nodes] == [node.shape for node in model.nodes]


def replace_at(path, value):
    """Return a function that replaces one entry of nested data."""

    def change(data):
        parent = data
        for key in path[:-1]:
            parent = parent[key]
        parent[path[-1]] = value

    return change


def remove_argument(data) -> None:
    del data["nodes"][1]["arguments"]["out_features"]


NEW = {"name": "loose", "kind": "Linear", "arguments": {"out_features": 2}, "inputs": ["input_1"]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (replace_at(["format"], "onnx"), "not a network"),
        (replace_at(["version"], 3), "not a network"),
        (replace_at(["more"], 1), "unknown entry 'more'"),
        (replace_at(["name"], "../x"), "name cannot be"),
        (replace_at(["name"], 3), "name cannot be 3"),
        (replace_at(["nodes"], {}), "not a list"),
        (replace_at(["nodes"], []), "1 to 10,000 nodes"),
        (replace_at(["nodes"], [NEW] * 10_001), "1 to 10,000 nodes"),
        (replace_at(["nodes", 0], 3), "a node is an object"),
        (replace_at(["nodes", 1, "kind"], "Linaer"), "no layer named Linaer.*\nDid you mean Linear"),
        (replace_at(["nodes", 1, "kind"], "Layer"), "no layer named"),
        (replace_at(["nodes", 1, "kind"], "os.system"), "no layer named"),
        (replace_at(["nodes", 1, "kind"], ["Linear"]), "a name and a kind"),
        (replace_at(["nodes", 1, "name"], "input_1"), "Two nodes are named"),
        (replace_at(["nodes", 1, "name"], "../x"), "parts joined by dots"),
        (replace_at(["nodes", 1, "name"], None), "a name and a kind"),
        (replace_at(["nodes", 1, "extra"], 1), "unknown entry 'extra'"),
        (replace_at(["nodes", 1, "inputs"], ["linear_1"]), "without cycles"),
        (replace_at(["nodes", 1, "inputs"], ["linear_2"]), "without cycles"),
        (replace_at(["nodes", 1, "inputs"], "input_1"), "not a list of names"),
        (replace_at(["nodes", 1, "inputs"], [0]), "not a list of names"),
        (replace_at(["nodes", 1, "inputs"], []), "not a list of names"),
        (replace_at(["nodes", 1, "arguments"], []), "arguments are an object"),
        (replace_at(["nodes", 1, "arguments", "self"], 1), "unknown entry 'self'"),
        (replace_at(["nodes", 1, "arguments", "name"], "x"), "not among its arguments"),
        (replace_at(["nodes", 1, "arguments", "out_features"], 1.5), "integer"),
        (replace_at(["nodes", 1, "arguments", "out_features"], "__import__('os')"), "integer"),
        (replace_at(["nodes", 1, "arguments", "out_features"], True), "integer"),
        (replace_at(["nodes", 1, "arguments", "out_features"], None), "integer"),
        (replace_at(["nodes", 1, "arguments", "out_features"], 10**30), "integer"),
        (replace_at(["nodes", 1, "arguments", "out_features"], 900_000_000), "too large at node linear_1"),
        (replace_at(["nodes", 1, "arguments", "bias"], 0), "True or False"),
        (replace_at(["nodes", 0, "arguments", "shape"], [2**31 - 1] * 8), "does not accept|too large"),
        (replace_at(["nodes", 0, "arguments", "shape"], [40_000, 40_000]), "too large at node input_1"),
        (replace_at(["nodes", 0, "arguments", "shape"], 4), "a shape and no inputs"),
        (replace_at(["nodes", 0, "arguments", "dtype"], {}), "dtype cannot be"),
        (replace_at(["nodes", 0, "inputs"], ["linear_1"]), "a shape and no inputs"),
        (replace_at(["nodes", 2, "shared"], "input_1"), "cannot be read"),
        (replace_at(["nodes", 2, "shared"], "linear_1"), "cannot be read"),
        (
            replace_at(["nodes", 2], {"name": "x", "kind": "Linear", "shared": "linear_1", "inputs": ["linear_1"]}),
            "NAME:2",
        ),
        (lambda data: data["nodes"].append(NEW), "No output of the network uses node loose"),
        (remove_argument, "missing a required argument"),
        (replace_at(["inputs"], []), "not a list of names"),
        (replace_at(["inputs"], ["linear_1"]), "not an input of the model"),
        (replace_at(["inputs"], ["input_1", "input_1"]), "twice"),
        (replace_at(["outputs"], 7), "not a list of names"),
        (replace_at(["outputs"], "nowhere"), "does not come before"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_invalid_data_are_refused(change, message: str) -> None:
    x = Input(4)
    data = copy.deepcopy(Model(x, Linear(2)(Linear(4)(x))).to_json())
    change(data)
    with pytest.raises(GraphError, match=message):
        Model.from_json(data, device="meta")  # so that a missing check allocates no memory


LARGE = 2**31 - 1
HOSTILE = [
    ("Conv1d", [4, 9], {"out_channels": LARGE, "kernel_size": 9}, "too large"),
    (
        "Conv2d",
        [4, 9, 9],
        {"out_channels": 1, "kernel_size": LARGE, "padding": "same"},
        "too large|does not accept",
    ),
    ("Conv3d", [4, 9, 9, 9], {"out_channels": 4, "kernel_size": [3, 3]}, "or 3 of them"),
    ("DepthwiseConv2d", [4, 9, 9], {"kernel_size": 3, "multiplier": LARGE}, "cannot be|too large"),
    ("ConvTranspose1d", [4, 9], {"out_channels": 4, "kernel_size": 3, "stride": LARGE}, "too large|not accept"),
    ("ConvTranspose2d", [4, 9, 9], {"out_channels": 4, "kernel_size": 3, "stride": 30_000}, "too large"),
    ("ConvTranspose3d", [4, 9, 9, 9], {"out_channels": 4, "kernel_size": "3"}, "kernel_size cannot be '3'"),
    ("MaxPool1d", [4, 9], {"kernel_size": LARGE, "stride": LARGE, "padding": "same"}, "too large"),
    ("AvgPool3d", [4, 9, 9, 9], {"kernel_size": 1_000, "padding": "same"}, "too large"),
    ("AdaptiveAvgPool2d", [4, 9, 9], {"output_size": 100_000}, "too large"),
    ("GlobalMaxPool3d", [4, 9, 9, 9], {"largest": False}, "unknown entry 'largest'"),
    ("Upsample", [4, 9, 9], {"scale_factor": LARGE}, "too large|not accept"),
    ("Upsample", [4, 9, 9], {"scale_factor": 2, "mode": "__import__"}, "mode cannot be"),
    ("ZeroPad2d", [4, 9, 9], {"padding": 50_000}, "too large"),
    ("Permute", [4, 9, 9], {"dims": [1, 1, 2]}, "dims cannot be"),
    ("Reshape", [4, 9, 9], {"shape": [LARGE] * 8}, "numbers"),
    ("BatchNorm3d", [4, 9, 9, 9], {"eps": "tiny"}, "a number from 0 to 1"),
    ("LayerNorm", [4, 9], {"last": LARGE}, "at least 2147483647 dimensions"),
    ("GroupNorm", [4, 9], {"num_groups": LARGE}, "num_groups divides"),
    ("InstanceNorm2d", [4, 9, 9], {"track_running_stats": 1}, "True or False"),
    ("Embedding", [4], {"num_embeddings": LARGE, "embedding_dim": LARGE}, "too large|not accept"),
    ("Embedding", [4], {"num_embeddings": 10, "embedding_dim": LARGE}, "too large"),
    ("RNN", [4, 9], {"hidden_size": 4, "nonlinearity": "os.system"}, "one of tanh, relu"),
    ("GRU", [4, 9], {"hidden_size": 4, "num_layers": 10**6}, "from 1 to 100"),
    ("LSTM", [4, 9], {"hidden_size": LARGE}, "too large|not accept"),
    ("LSTM", [4, 9], {"hidden_size": 20_000, "num_layers": 100}, "too large"),
    ("LSTM", [4, 9], {"hidden_size": 4, "weight_dropout": -1}, "a number from 0 to 1"),
    ("LSTM", [4, 9], {"hidden_size": 4, "precision": "__import__"}, "one of auto, float32, bfloat16"),
    ("LSTM", [4, 9], {"hidden_size": 4, "return_sequences": True}, "unknown entry 'return_sequences'"),
    ("Part", [4, 9], {"part": "hidden"}, "no such result"),
    ("Part", [4, 9], {"part": "__class__"}, "one of hidden, cell, weights"),
    ("AttentionPooling", [4, 9], {"hidden_size": LARGE}, "too large|not accept"),
    ("ZeroPadding", [4, 9], {}, "called on 1 inputs"),
    ("VariationalDropout", [4], {"p": 0.5}, r"expected \(steps, features\)"),
    ("Dropout2d", [4, 9, 9], {"p": 2}, "a number from 0 to 1"),
    ("Scale", [4], {"factor": float("inf")}, "factor cannot be inf"),
    ("Subtract", [4], {}, "called on 1 inputs"),
]


@pytest.mark.parametrize(("kind", "shape", "arguments", "message"), HOSTILE, ids=lambda value: str(value)[:40])
@pytest.mark.usefixtures("unchecked")
def test_hostile_arguments_are_refused_before_memory_is_allocated(
    kind: str, shape: list[int], arguments: dict, message: str
) -> None:
    dtype = "int64" if kind == "Embedding" else "float32"
    data = {"format": "axone.graph", "version": 1, "inputs": ["x"], "outputs": "y"}
    data["nodes"] = [
        {"name": "x", "kind": "Input", "arguments": {"shape": shape, "dtype": dtype}},
        {"name": "y", "kind": kind, "arguments": arguments, "inputs": ["x"]},
    ]
    with pytest.raises(GraphError, match=message):
        Model.from_json(data, device="meta")


def test_layers_of_every_family_survive_json() -> None:
    a, b = Input(4, 8, 8), Input(6, dtype="int64")
    h = DepthwiseConv2d(3, 2, "same")(a)
    h = InstanceNorm2d()(GroupNorm(2)(ConvTranspose2d(4, 3, 2, "same")(h))) - 0.5 * a
    h = AdaptiveAvgPool2d((3, 2))(Dropout2d(0.1)(ZeroPad2d((1, 0, 2, 0))(Upsample(2, "bilinear")(h))))
    _every, (words, cell) = LSTM(3, 2, dropout=0.1, bidirectional=True)(Embedding(9, 4, 0)(b))
    states, _last = RNN(3, nonlinearity="relu")(Permute((2, 1))(Conv1d(5, 3)(Reshape((4, -1))(h))))
    signal = LayerNorm()(GRU(4)(states)[0])
    volume = MaxPool3d((1, 2, 2))(BatchNorm3d()(Conv3d(2, (1, 3, 3), padding="same")(Reshape((1, 4, 8, 8))(a))))
    model = Model((a, b), (h, words, cell, signal, volume))
    other = round_trip(model)
    assert other.to_json() == model.to_json() and other.summary() == model.summary()
    other.load_state_dict(model.state_dict())
    inputs = torch.rand(2, 4, 8, 8), torch.randint(9, (2, 6))
    for one, two in zip(model.eval()(*inputs), other.eval()(*inputs), strict=True):
        assert torch.equal(one, two)


@pytest.mark.usefixtures("unchecked")
def test_data_that_are_not_an_object_are_refused() -> None:
    for data in (None, [], "{}", 3):
        with pytest.raises(GraphError, match="a network is an object"):
            Model.from_json(data)


def test_the_parameters_of_all_layers_are_limited_together() -> None:
    x = h = Input(20_000)
    for _layer in range(3):
        h = Linear(20_000)(h)
    data = Model(x, h, device="meta").to_json()
    with pytest.raises(GraphError, match="too large at node linear_3"):
        Model.from_json(data, device="meta")
