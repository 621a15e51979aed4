"""Layers that rearrange numbers, against torch."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from axone.graph import Conv1d, Flatten, GraphError, Input, Layer, Permute, Reshape, Upsample, ZeroPad2d
from tests.helpers.networks.graph import run_layer


def test_flatten_and_reshape_keep_the_order_of_the_numbers() -> None:
    images = torch.rand(2, 6, 4, 5)
    assert torch.equal(run_layer(Flatten(), images), images.flatten(1))
    assert torch.equal(run_layer(Reshape((2, -1)), images), images.reshape(2, 2, 60))


def test_permute_numbers_the_dimensions_from_1() -> None:
    numbers = torch.rand(2, 5, 3)
    assert torch.equal(run_layer(Permute((2, 1)), numbers), numbers.transpose(1, 2))
    images = torch.rand(2, 5, 3, 4)
    assert torch.equal(run_layer(Permute([3, 1, 2]), images), images.permute(0, 3, 1, 2))
    steps = Input(9, 4)
    assert Conv1d(6, 3, padding="same")(Permute((2, 1))(steps)).shape == (6, 9)


def test_zero_padding_is_left_right_top_bottom() -> None:
    images = torch.rand(2, 3, 4, 5)
    assert torch.equal(run_layer(ZeroPad2d((1, 2, 3, 4)), images), F.pad(images, (1, 2, 3, 4)))
    assert run_layer(ZeroPad2d(1), images).shape == (2, 3, 6, 7)


@pytest.mark.parametrize(
    ("shape", "layer", "plain"),
    [
        ((3, 5), Upsample(2), nn.Upsample(scale_factor=2)),
        ((3, 5), Upsample(3, "linear"), nn.Upsample(scale_factor=3, mode="linear")),
        ((3, 4, 5), Upsample((2, 3)), nn.Upsample(scale_factor=(2, 3))),
        ((3, 4, 5), Upsample(2, "bilinear", True), nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)),
        ((3, 4, 5), Upsample(2, "bicubic"), nn.Upsample(scale_factor=2, mode="bicubic")),
        ((3, 4, 5, 2), Upsample(2, "trilinear"), nn.Upsample(scale_factor=2, mode="trilinear")),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_upsampling_computes_what_torch_computes(shape: tuple[int, ...], layer: Layer, plain: nn.Module) -> None:
    numbers = torch.rand(2, *shape)
    assert torch.equal(run_layer(layer, numbers), plain(numbers))


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: Permute((2, 2)), r"such as \(2, 1\)"),
        (lambda: Permute((0, 1)), "at least 1"),
        (lambda: Permute((2, 1))(Input(3, 4, 5)), "expected 2 dimensions\nName the dimensions from 1 to 3"),
        (lambda: Reshape((3, 3))(Input(10)), r"10 numbers\.\nexpected 9 numbers"),
        (lambda: Reshape((4, -1))(Input(9)), "expected 4 numbers, or a multiple"),
        (lambda: ZeroPad2d((1, 2)), "or 4 of them"),
        (lambda: ZeroPad2d(-1), "at least 0"),
        (lambda: ZeroPad2d(1)(Input(9)), "channels, height, width"),
        (lambda: Upsample(0), "at least 1"),
        (lambda: Upsample(2, "bilinar"), 'did you mean "bilinear"'),
        (lambda: Upsample(2)(Input(9)), "Put Reshape before it"),
        (lambda: Upsample(2, "bilinear")(Input(3, 9)), "does not accept"),
        (lambda: Upsample(2, "nearest", True)(Input(3, 9)), "align_corners"),
    ],
)
def test_wrong_arguments_and_shapes_are_refused(write, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        write()
