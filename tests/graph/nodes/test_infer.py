"""Inference of results: errors at the call, results that no network can have, and what is known of a result."""

import pytest
import torch
from torch import nn

from axone.graph import Conv2d, GraphError, Input, Layer, Linear, MaxPool2d
from axone.graph.nodes.infer import Result, Value, infer_result
from axone.graph.nodes.operation import KINDS


def test_shape_dtype_parameters_and_flops_follow_from_the_inputs() -> None:
    value = Value((4,), torch.float32)
    assert infer_result(Linear(3), [value]) == Result((3,), torch.float32, 15, 24)


def test_a_shared_layer_refuses_inputs_that_its_weights_do_not_fit() -> None:
    conv, pool = Conv2d(4, 3), MaxPool2d(2)
    conv(Input(1, 9, 9))
    assert conv(Input(1, 30, 30)).shape == (4, 28, 28)
    with pytest.raises(GraphError, match=r"has weights for \(1, 9, 9\), which do not fit \(3, 9, 9\)"):
        conv(Input(3, 9, 9))
    pool(Input(1, 8, 8))
    assert pool(Input(5, 4, 4)).shape == (5, 2, 2)


@pytest.mark.parametrize("output", ["pair", "no batch", "empty"])
def test_a_layer_must_return_one_tensor_with_the_batch_first(output: str) -> None:
    class Wrong(nn.Module):
        def forward(self, input):
            return {"pair": (input, input), "no batch": input.sum(), "empty": input[:, :0]}[output]

    class WrongLayer(Layer):
        def build(self, shape):
            return Wrong()

    try:
        with pytest.raises(GraphError, match="must return one tensor with the batch first and no empty dimension"):
            WrongLayer()(Input(3))
    finally:
        KINDS.pop("WrongLayer", None)


def test_errors_of_torch_are_quoted() -> None:
    class Product(nn.Module):
        def forward(self, input):
            return input @ torch.ones(5, 2, device="meta")

    class ProductLayer(Layer):
        def build(self, shape):
            return Product()

    try:
        with pytest.raises(
            GraphError, match=r"ProductLayer\(\) does not accept \(3,\).\n.* must have same reduction dim"
        ):
            ProductLayer()(Input(3))
    finally:
        KINDS.pop("ProductLayer", None)
