"""Convolutions in one to three dimensions against torch's own, and counts of the course computed by hand."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from axone.graph import Conv1d, Conv2d, Conv3d, DepthwiseConv2d, GraphError, Input, Layer
from axone.graph.padding import same_padding
from tests.helpers.networks.graph import build_model, copy_weights, count_flops_with_torch

CONVOLVE = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
CASES = [
    (1, Conv1d(4, 3), nn.Conv1d(2, 4, 3)),
    (1, Conv1d(4, 5, 2, 2, 1, 2, bias=False), nn.Conv1d(2, 4, 5, 2, 2, 1, 2, bias=False)),
    (1, Conv1d(4, 3, padding="same", dilation=3), nn.Conv1d(2, 4, 3, padding=3, dilation=3)),
    (2, Conv2d(6, (3, 2), 2, 1, 2, 2, False), nn.Conv2d(2, 6, (3, 2), 2, 1, 2, 2, False)),
    (3, Conv3d(4, (1, 2, 3), (1, 2, 1), (0, 1, 2)), nn.Conv3d(2, 4, (1, 2, 3), (1, 2, 1), (0, 1, 2))),
    (3, Conv3d(4, 3, padding="same"), nn.Conv3d(2, 4, 3, padding=1)),
]


@pytest.mark.parametrize(("dimensions", "layer", "plain"), CASES, ids=lambda value: repr(value)[:40])
def test_convolutions_compute_what_torch_computes(dimensions: int, layer: Layer, plain: nn.Module) -> None:
    shape = (2, *(9, 8, 7)[:dimensions])
    model = build_model(shape, layer)
    copy_weights(model, plain)
    batch = torch.rand(3, *shape)
    assert torch.equal(model(batch), plain(batch))
    assert model.output_shapes[0] == tuple(plain(batch).shape[1:])


@pytest.mark.parametrize("dimensions", [1, 2, 3])
@pytest.mark.parametrize(("kernel", "stride", "dilation"), [(2, 1, 1), (3, 2, 1), (4, 3, 1), (3, 2, 2), (1, 2, 1)])
def test_same_pads_before_and_after_in_every_dimension(dimensions, kernel, stride, dilation) -> None:
    shape = (2, *(9, 8, 7)[:dimensions])
    layer = {1: Conv1d, 2: Conv2d, 3: Conv3d}[dimensions](3, kernel, stride, "same", dilation, name="conv")
    model = build_model(shape, layer)
    assert model.output_shapes[0][1:] == tuple(-(-size // stride) for size in shape[1:])
    batch = torch.rand(2, *shape)
    padding = [side for size in reversed(shape[1:]) for side in same_padding(size, kernel, stride, dilation)]
    weight, bias = model.conv.weight, model.conv.bias
    expected = CONVOLVE[dimensions](F.pad(batch, padding), weight, bias, stride, 0, dilation)
    torch.testing.assert_close(model(batch), expected)


def test_a_depthwise_convolution_is_a_convolution_with_one_group_per_channel() -> None:
    depthwise = build_model((6, 9, 8), DepthwiseConv2d(3, 2, "same", multiplier=2, activation="relu6"))
    grouped = build_model((6, 9, 8), Conv2d(12, 3, 2, "same", groups=6, activation="relu6"))
    copy_weights(depthwise, grouped)
    images = torch.randn(2, 6, 9, 8)
    assert torch.equal(depthwise(images), grouped(images))
    assert depthwise.flops == grouped.flops and depthwise.parameter_count == grouped.parameter_count


def test_savings_of_a_separable_convolution_by_hand() -> None:
    # MobileNet's first pair, 32 to 64 channels on 112 x 112, against the plain convolution that it replaces.
    x = Input(32, 112, 112)
    plain = Conv2d(64, 3, padding=1, bias=False)(x)
    depthwise = DepthwiseConv2d(3, padding=1, bias=False)(x)
    pointwise = Conv2d(64, 1, bias=False)(depthwise)
    assert plain.parameters == 32 * 64 * 9 == 18_432
    assert (depthwise.parameters, pointwise.parameters) == (32 * 9, 32 * 64) == (288, 2_048)
    assert depthwise.flops + pointwise.flops == 2 * 112 * 112 * (288 + 2_048)
    assert DepthwiseConv2d(3)(x).parameters == 32 * 9 + 32


@pytest.mark.parametrize(
    ("shape", "layer"),
    [
        ((4, 20), Conv1d(6, 5, 2, "same", groups=2)),
        ((4, 9, 9), DepthwiseConv2d(3, multiplier=2)),
        ((4, 6, 7, 8), Conv3d(6, (1, 2, 3), 2, 1)),
    ],
)
def test_flops_equal_those_of_torch(shape: tuple[int, ...], layer: Layer) -> None:
    model = build_model(shape, layer)
    assert model.flops == count_flops_with_torch(model) > 0


def test_only_kernels_of_size_1_without_bias_stride_and_padding_mix_channels() -> None:
    assert Conv2d(4, 1, bias=False).mixes_channels and Conv1d(4, 1, padding="same", bias=False).mixes_channels
    others = [{"bias": True}, {"stride": 2}, {"padding": 1}, {"kernel_size": 3}]
    assert not any(Conv2d(**{"out_channels": 4, "kernel_size": 1, "bias": False, **other}).mixes_channels
                   for other in others)  # fmt: skip
    assert not DepthwiseConv2d(1, bias=False).mixes_channels


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: Conv1d(8, 3)(Input(9)), r"expected \(channels, steps\)\n.*Reshape\(\(1, 9\)\)"),
        (lambda: Conv1d(8, 3)(Input(3, 9, 9)), "Use Conv2d here"),
        (lambda: Conv2d(8, 3)(Input(9)), r"Put Reshape\(\(channels, height, width\)\)"),
        (lambda: Conv2d(3, 3, groups=2)(Input(4, 9, 9)), r"channels \(4\) and out_channels \(3\) .* groups \(2\)"),
        (lambda: Conv3d(8, 3)(Input(1, 9, 9, 2)), "needs at least 3x3x3"),
        (lambda: Conv1d(8, (3, 3)), "an integer of at least 1"),
        (lambda: Conv3d(8, (3, 3)), "or 3 of them"),
        (lambda: Conv1d(8, 3, padding="full"), '"valid", "same", or an integer of at least 0'),
        (lambda: DepthwiseConv2d(3)(Input(9, 9)), r"DepthwiseConv2d\(3\) got"),
        (lambda: DepthwiseConv2d(3)(Input(2, 2, 2)), r"DepthwiseConv2d\(3\) needs at least 3x3"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_wrong_arguments_and_shapes_are_refused(write, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        write()
