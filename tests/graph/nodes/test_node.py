"""Nodes: inferred shapes and dtypes, operators, and errors at the call that causes them."""

import numpy as np
import pytest
import torch

from axone.graph import Add, Conv2d, Embedding, Flatten, GraphError, Input, Linear, Model, Subtract


def test_a_node_knows_its_shape_dtype_parameters_and_flops() -> None:
    node = Conv2d(8, 3)(Input(1, 28, 28))
    assert (node.shape, node.dtype) == ((8, 26, 26), torch.float32)
    assert (node.parameters, node.flops) == (80, 2 * 26 * 26 * 9 * 8)
    assert Embedding(10, 4)(Input(7, dtype="int64")).dtype == torch.float32
    assert repr(node) == "<Conv2d(8, 3) -> (8, 26, 26)>"


def test_operators_write_layers() -> None:
    x, y = Input(3), Input(3)
    model = Model((x, y), (x + y, x - y, x * y, 2 * x, x * 0.5, -y))
    assert [node.kind for node in model.nodes[2:]] == ["Add", "Subtract", "Multiply", *["Scale"] * 3]
    one, two = torch.rand(2, 3), torch.rand(2, 3)
    expected = (one + two, one - two, one * two, 2 * one, one * 0.5, -two)
    for output, value in zip(model(one, two), expected, strict=True):
        assert torch.equal(output, value)


def test_other_operators_and_operands_are_type_errors() -> None:
    x = Input(3)
    for write in (
        lambda: x * "2", lambda: "2" * x, lambda: x + np.ones(3), lambda: np.ones(3) * x, lambda: x + None,
        lambda: True + x, lambda: list(x), lambda: x > "0", lambda: not x,
    ):  # fmt: skip
        with pytest.raises(TypeError):
            write()
    with pytest.raises(GraphError, match="factor cannot be"):
        x * float("nan")


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: Linear(3)(torch.rand(2, 3)), "called on a Tensor"),
        (lambda: Linear(3)(), "called on 0 inputs"),
        (lambda: Linear(3)(Input(3), Input(3)), "called on 2 inputs.\nexpected 1"),
        (lambda: Add()(Input(3)), "expected at least 2"),
        (lambda: Subtract()(Input(4), Input(4), Input(4)), "called on 3 inputs.\nexpected 2"),
        (lambda: Linear(3, name="head")(Input(3, dtype="int64")), r'Linear\(3\) "head" needs numbers, got int64'),
        (lambda: Embedding(9, 2)(Input(3)), "needs indices, got float32"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_wrong_calls_raise_graph_errors(write, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        write()


def test_writing_a_network_draws_no_random_number() -> None:
    before = torch.random.get_rng_state()
    Linear(10)(Flatten()(Conv2d(8, 3)(Input(1, 9, 9))))
    assert torch.equal(before, torch.random.get_rng_state())
