"""The fast strided depthwise convolution: the same values and gradients, the same weights, the same source."""

import pytest
import torch
from torch import nn

from axone.graph import Conv2d
from axone.graph.layers.convolution.depthwise import StridedDepthwiseConv2d
from tests.helpers.networks.graph import build_model


@pytest.mark.parametrize("side", [7, 8])
@pytest.mark.parametrize(("kernel", "stride", "padding"), [(3, 2, 1), (5, 2, 2), (3, 3, 0), (3, (1, 2), 1)])
@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
def test_values_and_gradients_are_those_of_the_plain_convolution(side, kernel, stride, padding, layout):
    plain = nn.Conv2d(16, 16, kernel, stride, padding, groups=16)
    fast = StridedDepthwiseConv2d(16, 16, kernel, stride, padding, groups=16)
    fast.load_state_dict(plain.state_dict())
    results = []
    for module in (plain.to(memory_format=layout), fast.to(memory_format=layout)):
        x = torch.randn(4, 16, side, side, generator=torch.Generator().manual_seed(1)).requires_grad_()
        with torch.autocast("cpu", torch.bfloat16):
            y = module(x.contiguous(memory_format=layout))
        assert y.is_contiguous(memory_format=layout)
        (y.float() * torch.arange(y.numel()).reshape(y.shape) / y.numel()).sum().backward()
        results.append((y.float(), x.grad, module.weight.grad, module.bias.grad))
    for expected, result in zip(*results):
        assert torch.allclose(result, expected, rtol=0.02, atol=0.02 * expected.abs().max().item())
    assert torch.equal(results[0][0], results[1][0])


def test_it_is_used_for_strided_depthwise_convolutions_only():
    def module_class(**arguments):
        return type(next(build_model((8, 9, 9), Conv2d(8, 3, **arguments)).children()))

    assert module_class(stride=2, groups=8) is StridedDepthwiseConv2d
    assert [module_class(groups=8), module_class(stride=2), module_class(stride=2, groups=4)] == [nn.Conv2d] * 3


def test_its_source_is_a_plain_convolution():
    text = build_model((8, 9, 9), Conv2d(8, 3, 2, 1, groups=8)).to_source()
    assert "nn.Conv2d(8, 8, 3, stride=2, padding=1, groups=8)" in text and "Strided" not in text
