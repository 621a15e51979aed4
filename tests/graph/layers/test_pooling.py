"""Pooling in one to three dimensions: values against torch and numpy. Sizes by hand are in test_padding.py."""

import numpy as np
import pytest
import torch
from torch import nn

from axone.graph import (
    AdaptiveAvgPool2d,
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    GlobalAveragePool1d,
    GlobalAveragePool3d,
    GlobalMaxPool1d,
    GlobalMaxPool2d,
    GlobalMaxPool3d,
    GraphError,
    Input,
    Layer,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
)
from axone.graph.padding import same_padding
from tests.helpers.networks.graph import run_layer

SHAPES = {1: (2, 9), 2: (2, 9, 8), 3: (2, 9, 8, 7)}


@pytest.mark.parametrize(
    ("layer", "plain"),
    [
        (MaxPool1d(3, 2, 1), nn.MaxPool1d(3, 2, 1)),
        (MaxPool3d((1, 2, 3)), nn.MaxPool3d((1, 2, 3))),
        (AvgPool1d(4, 3, 2), nn.AvgPool1d(4, 3, 2)),
        (AvgPool3d(2, 1), nn.AvgPool3d(2, 1)),
        (AvgPool2d(3, 1, 1), nn.AvgPool2d(3, 1, 1, count_include_pad=True)),  # Inception's
        (AvgPool2d(3, 1, "same"), nn.AvgPool2d(3, 1, 1, count_include_pad=False)),
        (AdaptiveAvgPool2d(7), nn.AdaptiveAvgPool2d(7)),
        (AdaptiveAvgPool2d((1, 3)), nn.AdaptiveAvgPool2d((1, 3))),
        (AdaptiveAvgPool2d(12), nn.AdaptiveAvgPool2d(12)),
        (GlobalAveragePool1d(), nn.Sequential(nn.AdaptiveAvgPool1d(1), nn.Flatten())),
        (GlobalAveragePool3d(), nn.Sequential(nn.AdaptiveAvgPool3d(1), nn.Flatten())),
        (GlobalMaxPool1d(), nn.Sequential(nn.AdaptiveMaxPool1d(1), nn.Flatten())),
        (GlobalMaxPool2d(), nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten())),
        (GlobalMaxPool3d(), nn.Sequential(nn.AdaptiveMaxPool3d(1), nn.Flatten())),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_poolings_compute_what_torch_computes(layer: Layer, plain: nn.Module) -> None:
    batch = torch.randn(3, *SHAPES[layer.dimensions])
    torch.testing.assert_close(run_layer(layer, batch), plain(batch))


@pytest.mark.parametrize("dimensions", [1, 2, 3])
@pytest.mark.parametrize(("kernel", "stride"), [(2, 1), (2, 2), (3, 2), (4, 3)])
def test_same_pooling_equals_numpy_in_every_dimension(dimensions: int, kernel: int, stride: int) -> None:
    shape = SHAPES[dimensions][1:]
    # All values are negative, so that a zero of the padding would be the maximum.
    signal = -np.random.default_rng(1).random(shape, dtype=np.float32) - 1
    padded = np.pad(signal, [same_padding(size, kernel, stride, 1) for size in shape], constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kernel,) * dimensions)
    windows = windows[(slice(None, None, stride),) * dimensions]
    inside = tuple(range(-dimensions, 0))
    max_pool, avg_pool = ((MaxPool1d, AvgPool1d), (MaxPool2d, AvgPool2d), (MaxPool3d, AvgPool3d))[dimensions - 1]
    batch = torch.from_numpy(signal)[None, None]
    maximum = run_layer(max_pool(kernel, stride, "same"), batch)[0, 0]
    np.testing.assert_array_equal(maximum, np.nanmax(windows, inside))
    mean = run_layer(avg_pool(kernel, stride, "same"), batch)[0, 0]
    np.testing.assert_allclose(mean, np.nanmean(windows, inside), rtol=1e-5)


def test_wrong_arguments_and_shapes_are_refused() -> None:
    for write, message in (
        (lambda: MaxPool1d(2)(Input(3, 8, 8)), "Use MaxPool2d here"),
        (lambda: MaxPool3d(2)(Input(3, 8, 8)), "Use MaxPool2d here"),
        (lambda: GlobalMaxPool2d()(Input(3, 8)), "Use GlobalMaxPool1d here"),
        (lambda: AdaptiveAvgPool2d(0), "at least 1, or 2 of them"),
        (lambda: AdaptiveAvgPool2d(7)(Input(9)), "channels, height, width"),
        (lambda: MaxPool2d(10**9, 1, "same")(Input(1, 8, 8)), "too large"),
    ):
        with pytest.raises(GraphError, match=message):
            write()
