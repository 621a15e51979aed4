"""Normalization layers against torch's own, in training and in evaluation."""

import pytest
import torch
from torch import nn

from axone.graph import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    GraphError,
    GroupNorm,
    Input,
    InstanceNorm2d,
    Layer,
    LayerNorm,
)
from tests.helpers.networks.graph import build_model, copy_weights


@pytest.mark.parametrize(
    ("shape", "layer", "plain"),
    [
        ((6,), BatchNorm1d(), nn.BatchNorm1d(6)),
        ((6, 9), BatchNorm1d(0.01, 0.3), nn.BatchNorm1d(6, 0.01, 0.3)),
        ((6, 4, 5), BatchNorm2d(0.01, 0.3), nn.BatchNorm2d(6, 0.01, 0.3)),
        ((6, 4, 5), BatchNorm2d(affine=False), nn.BatchNorm2d(6, affine=False)),
        ((6, 3, 4, 5), BatchNorm3d(), nn.BatchNorm3d(6)),
        ((5, 6), LayerNorm(), nn.LayerNorm(6)),
        ((6, 4, 5), LayerNorm(3, 0.01), nn.LayerNorm((6, 4, 5), 0.01)),
        ((5, 6), LayerNorm(bias=False), nn.LayerNorm(6, bias=False)),
        ((5, 6), LayerNorm(elementwise_affine=False), nn.LayerNorm(6, elementwise_affine=False)),
        ((6, 4, 5), GroupNorm(3), nn.GroupNorm(3, 6)),
        ((6, 9), GroupNorm(1, 0.01, False), nn.GroupNorm(1, 6, 0.01, False)),
        ((6,), GroupNorm(2), nn.GroupNorm(2, 6)),
        ((6, 4, 5), InstanceNorm2d(), nn.InstanceNorm2d(6)),
        ((6, 4, 5), InstanceNorm2d(0.01, 0.3, True, True), nn.InstanceNorm2d(6, 0.01, 0.3, True, True)),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_norms_compute_what_torch_computes(shape: tuple[int, ...], layer: Layer, plain: nn.Module) -> None:
    model = build_model(shape, layer)
    assert [tensor.shape for tensor in model.state_dict().values()] == [
        tensor.shape for tensor in plain.state_dict().values()
    ]
    for tensor in model.parameters():
        nn.init.normal_(tensor)
    copy_weights(model, plain)
    for _step in range(2):
        batch = torch.randn(4, *shape)
        assert torch.equal(model(batch), plain(batch))
    assert torch.equal(model.eval()(batch), plain.eval()(batch))


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: BatchNorm2d()(Input(9)), "Use BatchNorm1d here"),
        (lambda: BatchNorm1d()(Input(9, 9, 9)), "Use BatchNorm2d here"),
        (lambda: BatchNorm3d()(Input(3, 9, 9)), "Use BatchNorm2d here"),
        (lambda: BatchNorm2d()(Input(3, 9, 9, 9)), "Use BatchNorm3d here"),
        (lambda: LayerNorm(3)(Input(5, 6)), r"Write LayerNorm\(last=2\)"),
        (lambda: GroupNorm(32)(Input(48, 4, 4)), r"Write GroupNorm\(16\)"),
        (lambda: GroupNorm(0), "at least 1"),
        (lambda: InstanceNorm2d()(Input(3, 9)), "channels, height, width"),
        (lambda: LayerNorm(eps=-1), "a number from 0 to 1"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_wrong_arguments_and_shapes_are_refused(write, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        write()
