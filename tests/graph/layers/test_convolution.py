"""Convolutions in one to three dimensions against torch's own, and the course's counts by hand."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from axone.graph import Conv1d, Conv2d, Conv3d, DepthwiseConv2d, GraphError, Input, Layer, Model
from axone.graph.layers.padding import same_padding

CONVOLVE = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
CASES = [
    (1, Conv1d(4, 3), nn.Conv1d(2, 4, 3)),
    (1, Conv1d(4, 5, 2, 2, 1, 2, bias=False), nn.Conv1d(2, 4, 5, 2, 2, 1, 2, bias=False)),
    (1, Conv1d(4, 3, padding="same", dilation=3), nn.Conv1d(2, 4, 3, padding=3, dilation=3)),
    (3, Conv3d(4, (1, 2, 3), (1, 2, 1), (0, 1, 2)), nn.Conv3d(2, 4, (1, 2, 3), (1, 2, 1), (0, 1, 2))),
    (3, Conv3d(4, 3, padding="same"), nn.Conv3d(2, 4, 3, padding=1)),
]


@pytest.mark.parametrize(("dimensions", "layer", "plain"), CASES, ids=lambda value: repr(value)[:40])
def test_convolutions_answer_like_torch(dimensions: int, layer: Layer, plain: nn.Module) -> None:
    shape = (2, *(9, 8, 7)[:dimensions])
    x = Input(*shape)
    model = Model(x, layer(x))
    plain.load_state_dict(dict(zip(plain.state_dict(), model.state_dict().values())))
    signals = torch.rand(3, *shape)
    assert torch.equal(model(signals), plain(signals))
    assert model.output_shapes[0] == tuple(plain(signals).shape[1:])


@pytest.mark.parametrize("dimensions", [1, 2, 3])
@pytest.mark.parametrize(("kernel", "stride", "dilation"), [(2, 1, 1), (3, 2, 1), (4, 3, 1), (3, 2, 2), (1, 2, 1)])
def test_same_pads_before_and_after_in_every_dimension(dimensions, kernel, stride, dilation) -> None:
    shape = (2, *(9, 8, 7)[:dimensions])
    layer = {1: Conv1d, 2: Conv2d, 3: Conv3d}[dimensions](3, kernel, stride, "same", dilation, name="conv")
    x = Input(*shape)
    model = Model(x, layer(x))
    assert model.output_shapes[0][1:] == tuple(-(-size // stride) for size in shape[1:])
    signals = torch.rand(2, *shape)
    around = [side for size in reversed(shape[1:]) for side in same_padding(size, kernel, stride, dilation)]
    weight, bias = model.conv.weight, model.conv.bias
    expected = CONVOLVE[dimensions](F.pad(signals, around), weight, bias, stride, 0, dilation)
    torch.testing.assert_close(model(signals), expected)


def test_depthwise_is_a_convolution_with_a_group_for_each_channel() -> None:
    x = Input(6, 9, 8)
    depthwise = Model(x, DepthwiseConv2d(3, 2, "same", multiplier=2, activation="relu6")(x))
    grouped = Model(x, Conv2d(12, 3, 2, "same", groups=6, activation="relu6")(x))
    grouped.load_state_dict(dict(zip(grouped.state_dict(), depthwise.state_dict().values())))
    pictures = torch.randn(2, 6, 9, 8)
    assert torch.equal(depthwise(pictures), grouped(pictures))
    assert depthwise.flops == grouped.flops and depthwise.parameters_count == grouped.parameters_count


def test_what_a_separable_convolution_saves_by_hand() -> None:
    # MobileNet's first pair, 32 to 64 channels on 112 x 112, against the plain convolution that it stands for.
    x = Input(32, 112, 112)
    plain = Conv2d(64, 3, padding=1, bias=False)(x)
    depthwise = DepthwiseConv2d(3, padding=1, bias=False)(x)
    pointwise = Conv2d(64, 1, bias=False)(depthwise)
    assert plain.parameters == 32 * 64 * 9 == 18_432
    assert (depthwise.parameters, pointwise.parameters) == (32 * 9, 32 * 64) == (288, 2_048)
    assert depthwise.flops + pointwise.flops == 2 * 112 * 112 * (288 + 2_048)
    assert DepthwiseConv2d(3)(x).parameters == 32 * 9 + 32


def test_flops_agree_with_torch_own_counter_in_every_dimension() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    for shape, layer in (((4, 20), Conv1d(6, 5, 2, "same", groups=2)), ((4, 6, 7, 8), Conv3d(6, (1, 2, 3), 2, 1))):
        x = Input(*shape)
        model = Model(x, layer(x))
        with FlopCounterMode(display=False) as counter:
            model(torch.rand(1, *shape))
        assert model.flops == counter.get_total_flops() > 0


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: Conv1d(8, 3)(Input(9)), r"expected \(channels, steps\)\n.*Reshape\(\(1, 9\)\)"),
        (lambda: Conv1d(8, 3)(Input(3, 9, 9)), "Use Conv2d here"),
        (lambda: Conv2d(8, 3)(Input(9)), r"Put Reshape\(\(channels, height, width\)\)"),
        (lambda: Conv2d(8, 3)(Input(28, 28)), r"Use Conv1d here. Put Reshape\(\(1, 28, 28\)\)"),
        (lambda: Conv3d(8, 3)(Input(3, 9, 9)), r"channels, depth, height, width\)\nUse Conv2d here"),
        (lambda: Conv3d(8, 3)(Input(1, 9, 9, 2)), "needs at least 3x3x3"),
        (lambda: Conv1d(8, (3, 3)), "an integer of at least 1"),
        (lambda: Conv3d(8, (3, 3)), "or 3 of them"),
        (lambda: Conv1d(8, 3, padding="full"), '"valid", "same", or an integer of at least 0'),
        (lambda: DepthwiseConv2d(3)(Input(9, 9)), r"DepthwiseConv2d\(3\) got"),
        (lambda: DepthwiseConv2d(3)(Input(2, 2, 2)), "needs at least 3x3"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_a_mistake_is_an_error_where_it_is_made(write, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        write()
