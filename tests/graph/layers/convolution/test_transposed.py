"""Transposed convolutions: sizes and values by hand and against torch's own."""

import pytest
import torch
from torch import nn

from axone.graph import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d, GraphError, Input, Model
from tests.helpers.networks.graph import build_model, copy_weights, count_flops_with_torch

# input size, kernel, stride, padding, output_padding, dilation, output size
SIZES = [
    (5, 2, 2, "valid", 0, 1, 10),
    (5, 3, 2, "valid", 0, 1, 11),  # (5 - 1) x 2 + 3
    (5, 3, 1, "valid", 0, 1, 7),
    (5, 3, 2, 1, 0, 1, 9),
    (5, 3, 2, 1, 1, 1, 10),
    (7, 4, 2, 1, 0, 1, 14),  # as in DCGAN
    (5, 3, 2, "valid", 0, 2, 13),
    (5, 3, 2, "same", 0, 1, 10),
    (5, 4, 2, "same", 0, 1, 10),
    (5, 5, 2, "same", 0, 1, 10),
    (5, 1, 2, "same", 0, 1, 10),
    (5, 2, 3, "same", 0, 1, 15),
    (5, 4, 3, "same", 0, 1, 15),
    (5, 3, 1, "same", 0, 1, 5),
    (5, 3, 2, "same", 0, 2, 10),
]


@pytest.mark.parametrize(("size", "kernel", "stride", "padding", "added", "dilation", "expected"), SIZES)
def test_output_sizes_by_hand(size, kernel, stride, padding, added, dilation, expected) -> None:
    for dimensions, layer in ((1, ConvTranspose1d), (2, ConvTranspose2d), (3, ConvTranspose3d)):
        x = Input(2, *[size] * dimensions)
        y = layer(3, kernel, stride, padding, added, dilation=dilation)(x)
        assert y.shape == (3, *[expected] * dimensions)
        assert Model(x, y)(torch.rand(1, *x.shape)).shape == (1, *y.shape)


def test_same_returns_size_times_stride_for_every_kernel_and_stride() -> None:
    for kernel in range(1, 8):
        for stride in range(1, 6):
            if stride > 1 or kernel % 2:
                assert ConvTranspose1d(1, kernel, stride, "same")(Input(1, 7)).shape == (1, 7 * stride)


def test_transposed_convolutions_compute_what_torch_computes() -> None:
    for layer, plain in (
        (ConvTranspose2d(6, 3, 2, "same"), nn.ConvTranspose2d(4, 6, 3, 2, 1, 1)),
        (ConvTranspose2d(6, (2, 3), 2, 1, 1, 2, False), nn.ConvTranspose2d(4, 6, (2, 3), 2, 1, 1, 2, False)),
    ):
        model = build_model((4, 5, 6), layer)
        copy_weights(model, plain)
        images = torch.rand(2, 4, 5, 6)
        assert torch.equal(model(images), plain(images))


def test_each_position_adds_a_scaled_kernel() -> None:
    model = build_model((1, 3), ConvTranspose1d(1, 3, 2, bias=False, name="upsample"))
    model.upsample.weight.data = torch.tensor([[[1.0, 10.0, 100.0]]])
    # 1: 1 10 100; 2: . . 2 20 200; 3: . . . . 3 30 300
    assert model(torch.tensor([[[1.0, 2.0, 3.0]]])).tolist() == [[[1, 10, 102, 20, 203, 30, 300]]]


def test_parameters_and_flops_by_hand() -> None:
    y = ConvTranspose2d(16, 4, 2, "same")(Input(32, 7, 7))
    assert y.parameters == 32 * 16 * 4 * 4 + 16 == 8_208
    assert y.flops == 2 * 7 * 7 * 32 * 16 * 4 * 4


def test_flops_equal_those_of_torch() -> None:
    for shape, layer in (((4, 9), ConvTranspose1d(6, 5, 3, "same", groups=2)), ((4, 5, 6), ConvTranspose2d(6, 3, 2))):
        model = build_model(shape, layer)
        assert model.flops == count_flops_with_torch(model) > 0


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: ConvTranspose2d(3, 4, 1, "same")(Input(1, 5, 5)), "Use an odd kernel_size"),
        (lambda: ConvTranspose2d(3, 3, 2, "same", 1)(Input(1, 5, 5)), "Leave output_padding out"),
        (lambda: ConvTranspose2d(3, 3, 2, 1, 2)(Input(1, 5, 5)), "output_padding must be smaller"),
        (lambda: ConvTranspose2d(3, 3, groups=2)(Input(4, 5, 5)), r"multiples of groups \(2\)"),
        (lambda: ConvTranspose2d(3, 3)(Input(64)), r"Put Reshape\(\(channels, height, width\)\) before it"),
        (lambda: ConvTranspose2d(3, 3, output_padding=-1), "at least 0, or 2 of them"),
    ],
)
def test_wrong_arguments_and_shapes_are_refused(write, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        write()
