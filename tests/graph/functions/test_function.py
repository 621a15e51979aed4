"""Operators and functions of torch on nodes: numbers on both sides, files, source, and calls that are refused."""

import json
import operator

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from axone.graph import Function, GraphError, Input, Linear, Model


def round_trip(model: Model) -> Model:
    return Model.from_json(json.loads(json.dumps(model.to_json())))


def run_source(model: Model) -> nn.Module:
    namespace: dict = {}
    exec(model.to_source(), namespace)
    network = namespace["Network"]()
    network.load_state_dict(model.state_dict())
    return network


ARITHMETIC = {
    "x + 1": lambda x, y: x + 1, "1 + x": lambda x, y: 1 + x, "x - 2.5": lambda x, y: x - 2.5,
    "1 - x": lambda x, y: 1 - x, "-x": lambda x, y: -x, "x * 3": lambda x, y: x * 3, "x / 3": lambda x, y: x / 3,
    "2 / x": lambda x, y: 2 / x, "x / y": lambda x, y: x / y, "x ** 2": lambda x, y: x**2,
    "x ** -0.5": lambda x, y: x**-0.5, "2 ** x": lambda x, y: 2**x, "x ** y": lambda x, y: x**y,
    "abs(-x)": lambda x, y: abs(-x), "numpy": lambda x, y: np.float32(2.0) * x + np.int64(3),
    "x // 0.3": lambda x, y: x // 0.3, "1 // x": lambda x, y: 1 // x, "x % 0.3": lambda x, y: x % 0.3,
    "2 % x": lambda x, y: 2 % x, "x > 0.5": lambda x, y: x > 0.5, "0.5 <= x": lambda x, y: x >= 0.5,
    "x < y": lambda x, y: x < y, "where(x <= y)": lambda x, y: torch.where(x <= y, x, -y),
    "(1 - x) * y": lambda x, y: (1 - x) * y + x * (y - 1) / 7,
}  # fmt: skip


@pytest.mark.parametrize("name", ARITHMETIC)
@pytest.mark.usefixtures("unchecked")
def test_arithmetic_is_that_of_tensors_in_every_form(name: str) -> None:
    x, y = Input(3, 4), Input(3, 4)
    write = ARITHMETIC[name]
    nodes = write(x, y)
    model = Model((x, y) if "y" in name and name != "numpy" else x, nodes)
    one, two = torch.rand(5, 3, 4) + 0.1, torch.rand(5, 3, 4) + 0.1
    inputs = (one, two)[: len(model.input_names)]
    expected = write(one, two)
    for network in (model, round_trip(model), run_source(model)):
        assert torch.equal(network(*inputs), expected)


def test_matrix_products_have_flops_and_shapes() -> None:
    a, b = Input(5, 4), Input(4, 7)
    node = a @ b
    assert node.shape == (5, 7) and node.flops == 2 * 5 * 4 * 7
    with pytest.raises(GraphError, match=r"x1 @ x2 does not accept \(5, 4\), \(5, 4\)"):
        a @ a


def test_a_node_has_no_truth_value() -> None:
    x = Input(3)
    with pytest.raises(TypeError, match=r"no truth value.*torch.where\(condition, a, b\)"):
        _positive = x if x > 0 else -x
    assert x == x and x != Input(3) and len({x, Input(3)}) == 2  # equality is identity, for dicts and sets


def test_integers_stay_integers() -> None:
    x = Input(3, dtype="int64")
    for node in (x + 1, 2 * x, 3 - x, -x):
        assert node.dtype == torch.int64
    assert (x / 2).dtype == torch.float32


def test_functions_modules_without_weights_and_methods_write_the_same_node() -> None:
    x = Input(3, 4)
    nodes = [F.softmax(x, dim=-1), nn.Softmax(dim=-1)(x), x.softmax(-1)]
    assert [repr(node.layer) for node in nodes] == ["F.softmax(x, dim=-1)"] * 2 + ["torch.softmax(x, -1)"]
    assert repr(nn.ReLU(inplace=True)(x).layer) == "F.relu(x)"  # not in place: others may read x
    assert nn.Flatten()(x).shape == (12,)


def test_names_and_descriptions() -> None:
    x = Input(3, 4)
    model = Model(x, Linear(2)(torch.clamp(2 / torch.exp(x), max=1).mean(1)))
    assert [node.name for node in model.nodes] == ["input_1", "exp_1", "truediv_1", "clamp_1", "mean_1", "linear_1"]
    text = model.summary()
    assert "torch.clamp(x, max=1)" in text and "2 / x" in text
    assert "torch.mean(x, 1)" in model.draw()
    assert "x = torch.clamp(x, max=1)" in model.to_source()


def test_a_receptive_field_passes_through_pointwise_functions_only() -> None:
    x = Input(3, 9)
    assert Function("torch.exp").window((3, 9)) == () and Function("torch.mean", ("$0", 1)).window((3, 9)) is None
    assert Model(x, 1 / (1 + x)).nodes[-1].layer.pointwise


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda x: nn.Linear(4, 2)(x), r"linear was called on a node.\n.*\nWrite Apply\(module\)\(node\)"),
        (lambda x: F.dropout(x, 0.5), r"dropout was called on a node.\n.*\nWrite Dropout\(p\)\(node\)"),
        (lambda x: torch.reshape(x, (2, -1)), r"Write Reshape\(shape\)\(node\)"),
        (lambda x: torch.tensor(2.0) * x, "mul was called on a node and on a Tensor"),
        (lambda x: torch.mean(x), r"batch first.*\nDimension 0 is the batch"),
        (lambda x: x.sum(0), "Dimension 0 is the batch"),
        (lambda x: torch.softmax(x, 0), "would combine the examples of a batch"),
        (lambda x: torch.softmax(x, dim=-3), "would combine the examples of a batch"),
        (lambda x: torch.cumsum(x, 0), "would combine the examples of a batch"),
        (lambda x: x + torch.ones(4), r"operator.add was called on a node and on a Tensor|add was called on a node"),
        (lambda x: torch.ones(4) * x, "was called on a node"),
        (lambda x: torch.sum(x, 1, dtype=torch.float64), "on a node and on a dtype"),
        (lambda x: torch.clamp(x, min=float("inf")), "expected names with values|finite numbers"),
        (lambda x: F.scaled_dot_product_attention(x, x, x, dropout_p=0.1), "drop numbers in evaluation too"),
        (lambda x: torch.maximum(x, Input(4)), "expected equal shapes"),
        (lambda x: x / Input(4), "expected equal shapes"),
        (lambda x: x.clamp("low"), "does not accept"),
        (lambda x: x.flatten(), "Dimension 0 is the batch"),
        (lambda x: Function("torch.load")(x), "function cannot be 'torch.load'"),
        (lambda x: Function("torch.exp", ("$1",))(x), "expected"),
        (lambda x: Function("operator.add", ("$0",))(x), "needs two operands"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_calls_that_no_network_can_have_are_refused_at_their_line(write, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        write(Input(3, 4))


def test_unknown_methods_say_what_to_write() -> None:
    x = Input(3, 4)
    with pytest.raises(AttributeError, match=r"no attribute view. Write Reshape\(shape\)\(node\)"):
        x.view(2, 6)
    assert not hasattr(x, "numpy") and hasattr(x, "mean")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"function": "os.system", "positional": ["ls"], "options": {}}, "function cannot be 'os.system'"),
        ({"function": "torch.exp", "positional": "$0", "options": {}}, "positional cannot be"),
        ({"function": "torch.exp", "positional": ["$0"], "options": {"a b": 1}}, "options cannot be"),
        ({"function": "torch.exp", "positional": [[[[["$0"]]]]], "options": {}}, "positional cannot be"),
        ({"function": "torch.tile", "positional": ["$0", [1, 10**9]], "options": {}}, "too large|not accept"),
        ({"function": "torch.exp", "positional": ["$0"], "options": {"out": "$0"}}, "options other than out"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_hostile_files_are_refused(arguments: dict, message: str) -> None:
    x = Input(4)
    data = Model(x, torch.exp(x)).to_json()
    data["nodes"][1]["arguments"] = arguments
    with pytest.raises(GraphError, match=message):
        Model.from_json(data, device="meta")


def test_operators_of_python_are_functions_too() -> None:
    x = Input(3)
    batch = torch.rand(2, 3)
    assert torch.equal(Model(x, operator.pow(x, 2))(batch), batch**2)
