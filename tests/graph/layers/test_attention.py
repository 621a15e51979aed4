"""Attention, compared with torch's and with its definition."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from axone.graph import GraphError, Input, Model, MultiheadAttention
from tests.graph.describe.test_source import load_network
from tests.helpers.networks.graph import copy_weights


def test_self_attention_is_that_of_torch() -> None:
    x = Input(5, 8)
    model = Model(x, MultiheadAttention(2)(x))
    plain = nn.MultiheadAttention(8, 2, batch_first=True)
    copy_weights(model, plain)
    batch = torch.rand(3, 5, 8)
    torch.testing.assert_close(model(batch), plain(batch, batch, batch)[0])
    assert model.parameter_count == sum(weight.numel() for weight in plain.parameters())
    assert model.flops == 2 * (4 * 5 * 8 * 8 + 2 * 5 * 5 * 8)


def test_queries_read_another_sequence_with_padding() -> None:
    query, keys, values = Input(4, 8), Input(6, 5), Input(6, 3)
    padding = Input(6, dtype="bool")
    model = Model((query, keys, values, padding), MultiheadAttention(4)(query, keys, values, padding))
    plain = nn.MultiheadAttention(8, 4, kdim=5, vdim=3, batch_first=True)
    copy_weights(model, plain)
    inputs = torch.rand(3, 4, 8), torch.rand(3, 6, 5), torch.rand(3, 6, 3)
    mask = torch.arange(6).expand(3, 6) >= 4
    expected = plain(*inputs, key_padding_mask=mask)[0]
    torch.testing.assert_close(model(*inputs, mask), expected)
    changed = inputs[1].clone()
    changed[:, 4:] += 7
    torch.testing.assert_close(model(inputs[0], changed, inputs[2], mask), expected)  # what the mask hides is not read
    source = load_network(model.to_source())
    source.load_state_dict(model.state_dict())
    torch.testing.assert_close(source(*inputs, mask), expected)
    assert Model.from_json(model.to_json()).to_json() == model.to_json()


def test_causal_attention_reads_no_later_step() -> None:
    x = Input(5, 8)
    model = Model(x, MultiheadAttention(2, is_causal=True)(x)).eval()
    batch = torch.rand(1, 5, 8)
    expected = model(batch)
    batch[:, 3:] = 0
    torch.testing.assert_close(model(batch)[:, :3], expected[:, :3])
    assert not torch.allclose(model(batch)[:, 3:], expected[:, 3:])


def test_scaled_dot_product_attention_is_written_with_nodes() -> None:
    x = Input(5, 8)
    by_function = F.scaled_dot_product_attention(x, x, x)
    by_hand = torch.softmax(x @ x.transpose(1, 2) / math.sqrt(8), -1) @ x
    one, two = Model(x, (by_function, by_hand))(torch.rand(3, 5, 8))
    torch.testing.assert_close(one, two)
    assert by_function.flops == 2 * 2 * 5 * 5 * 8


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: MultiheadAttention(3)(Input(5, 8)), r"expected features \(8\) that num_heads divides"),
        (lambda: MultiheadAttention(2)(Input(8)), r"expected \(steps, features\)"),
        (lambda: MultiheadAttention(2)(Input(5, 8), Input(6, 8), Input(7, 8)), "with one number of steps"),
        (
            lambda: MultiheadAttention(2)(Input(5, 8), Input(6, 8), Input(6, 8), Input(5, dtype="bool")),
            "keys, values and mask with one number of steps",
        ),
        (lambda: MultiheadAttention(2)(Input(5, 8, dtype="int64")), "needs numbers, got int64"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(write, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        write()
