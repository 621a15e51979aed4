"""Points in the plane: always the same, balanced, and where they should be."""

import math

import pytest
import torch

from axone.data.datasets.toy import make_circles, make_moons, make_spirals


@pytest.mark.parametrize("draw", [make_moons, make_circles, make_spirals])
def test_points_are_always_the_same_and_balanced(draw):
    (points, labels), (again, _labels) = draw(), draw()
    assert torch.equal(points, again) and points.shape == (2000, 2) and labels.bincount().tolist() == [1000, 1000]


def test_shapes_without_noise():
    points, labels = make_circles(400, noise=0.0)
    assert torch.allclose(points.norm(dim=1), torch.where(labels == 0, 1.0, 0.5))
    points, labels = make_moons(400, noise=0.0)
    center = torch.where(labels[:, None] == 0, torch.tensor([0.0, 0.0]), torch.tensor([1.0, 0.5]))
    assert torch.allclose((points - center).norm(dim=1), torch.ones(400))
    points, labels = make_spirals(400, noise=0.0)
    turn = 2 * math.pi * points.norm(dim=1)  # of the radius: 1.5 units over one and a half turns
    angle = torch.atan2(points[:, 1], points[:, 0])
    turns = ((turn + math.pi * labels - angle) / (2 * math.pi) + 0.5) % 1
    assert torch.allclose(turns, torch.full((400,), 0.5), atol=1e-3)
