"""Receptive fields: published values, values by hand, and values measured with gradients."""

import pytest
import torch
from torch import nn

from axone.graph import (
    LSTM,
    AdaptiveAvgPool2d,
    AvgPool1d,
    BatchNorm2d,
    Concatenate,
    Conv1d,
    Conv2d,
    ConvTranspose1d,
    Embedding,
    Flatten,
    GlobalAveragePool2d,
    Input,
    Layer,
    Linear,
    MaxPool2d,
    Model,
    Permute,
    Upsample,
)
from axone.graph.describe.receptive import compute_receptive_fields


def field_of(*layers: Layer, size: tuple[int, ...] = (3, 224, 224)) -> tuple[int, ...] | None:
    x = h = Input(*size)
    for layer in layers:
        h = layer(h)
    model = Model(x, h, device="meta")
    return compute_receptive_fields(model.nodes).get(model.output_names[0])


def test_published_receptive_fields() -> None:
    # Araujo, Norris and Sim (2019): 212 pixels at the last pooling of VGG-16, 195 at that of AlexNet.
    vgg = [[Conv2d(8, 3, padding=1) for _conv in range(count)] + [MaxPool2d(2)] for count in (2, 2, 3, 3, 3)]
    assert field_of(*(layer for stage in vgg for layer in stage)) == (212, 212)
    alex = [Conv2d(8, 11, 4), MaxPool2d(3, 2), Conv2d(8, 5, padding="same"), MaxPool2d(3, 2)]
    alex += [*(Conv2d(8, 3, padding="same") for _conv in range(3)), MaxPool2d(3, 2)]
    assert field_of(*alex) == (195, 195)


def test_receptive_fields_by_hand() -> None:
    assert field_of(Conv2d(4, 3), Conv2d(4, 3)) == (5, 5)
    assert field_of(Conv2d(4, (3, 5), (2, 1)), BatchNorm2d(), Conv2d(4, 3)) == (7, 7)  # 3 + 2 x 2, 5 + 2 x 1
    assert field_of(Conv2d(4, 3, dilation=4)) == (9, 9)
    assert field_of(Conv1d(4, 3, 2), AvgPool1d(2), size=(1, 64)) == (5,)  # 3 + 1 x 2
    assert field_of(Conv2d(4, 3), Flatten()) is None
    assert field_of(Conv2d(4, 3), GlobalAveragePool2d(), Linear(2)) is None
    assert field_of(Linear(3), size=(9,)) is None
    assert field_of(Conv2d(4, 2, 2), AdaptiveAvgPool2d(2), size=(1, 8, 12)) == (4, 6)


def test_the_largest_branch_counts_and_a_branch_that_sees_everything_removes_the_field() -> None:
    x = Input(3, 32, 32)
    narrow, large = Conv2d(3, 1)(x), Conv2d(3, 5, padding="same")(Conv2d(3, 3, padding="same")(x))
    joined = Conv2d(3, 3)(Concatenate()(narrow, large, x))
    gate = Linear(3)(GlobalAveragePool2d()(x))
    model = Model(x, (joined + Conv2d(3, 1)(joined), joined, gate))
    fields = compute_receptive_fields(model.nodes)
    assert fields["concatenate_1"] == (7, 7) and fields[model.output_names[1]] == (9, 9)
    assert model.output_names[2] not in fields and "input_1" not in fields


def test_receptive_fields_of_sequences() -> None:
    words = Input(20, dtype="int64")
    h = Conv1d(8, 3, padding="same")(Permute((2, 1))(Embedding(9, 4)(words)))
    model = Model(words, LSTM(4)(Permute((2, 1))(Conv1d(8, 3, padding="same")(h)))[0])
    fields = compute_receptive_fields(model.nodes)
    assert list(fields.values()) == [(3,), (5,), (5,)] and "lstm_1" not in fields


CHAINS = [
    [Conv1d(1, 3), Conv1d(1, 4, 2), Conv1d(1, 3)],
    [Conv1d(1, 3, dilation=3), AvgPool1d(2), Conv1d(1, 2)],
    [Conv1d(1, 3), Upsample(2), Conv1d(1, 3)],
    [Conv1d(1, 3, 2), Upsample(3), Conv1d(1, 2), Conv1d(1, 2)],
    [ConvTranspose1d(1, 3, 2), Conv1d(1, 3)],
    [ConvTranspose1d(1, 5, 2, "same"), ConvTranspose1d(1, 4, 3)],
    [Conv1d(1, 2, 2), ConvTranspose1d(1, 3, 2, dilation=2), Conv1d(1, 3)],
    [Upsample(2, "linear"), Conv1d(1, 3)],
]


@pytest.mark.parametrize("layers", CHAINS, ids=lambda layers: " ".join(map(repr, layers))[:60])
def test_gradients_are_nonzero_exactly_within_the_receptive_field(layers: list[Layer]) -> None:
    expected = field_of(*layers, size=(1, 60))
    x = h = Input(1, 60)
    for layer in layers:
        h = layer(h)
    model = Model(x, h)
    for weight in model.parameters():
        nn.init.constant_(weight, 1.0)
    signal = torch.rand(1, 1, 60, requires_grad=True)
    outputs = model(signal)[0, 0]
    largest = 0
    for position in range(len(outputs)):
        (gradient,) = torch.autograd.grad(outputs[position], signal, retain_graph=True)
        reached = gradient[0, 0].nonzero()
        largest = max(largest, int(reached.max() - reached.min()) + 1)
    assert expected == (largest,)
