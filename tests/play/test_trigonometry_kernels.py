"""Sine and cosine of kernels: the bits of the tensor functions, and no less exact."""

import math

import pytest
import torch

from axone.play import trigonometry
from axone.play.compilation import arrays, kernel
from axone.play.trigonometry_kernels import sin_cos, sin_cos_mostly_small


@kernel
def fill(angles, sines, cosines):
    for i in range(len(angles)):
        sines[i], cosines[i] = sin_cos(angles[i])


@kernel
def fill_mostly_small(angles, sines, cosines):
    for i in range(len(angles)):
        sines[i], cosines[i] = sin_cos_mostly_small(angles[i])


@pytest.mark.parametrize(
    ("fill", "reference"),
    [(fill, trigonometry.sin_cos), (fill_mostly_small, trigonometry.sin_cos_mostly_small)],
    ids=["any", "mostly small"],
)
def test_the_bits_are_those_of_the_tensor_functions(fill, reference):
    angles = torch.cat(
        [torch.randn(20000, dtype=torch.float64) * scale for scale in (1e-3, 1.0, 100.0, 1e5)]
        + [torch.arange(-50, 50, dtype=torch.float64) * (math.pi / 4), torch.tensor([math.nan, math.inf]).double()]
    )
    sines, cosines = torch.empty_like(angles), torch.empty_like(angles)
    fill(*arrays(angles, sines, cosines))
    for values, expected in zip((sines, cosines), reference(angles)):
        assert torch.equal(values.isnan(), expected.isnan())
        assert torch.equal(values.nan_to_num(), expected.nan_to_num())
