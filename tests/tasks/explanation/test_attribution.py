"""Grad-CAM computed by hand, occlusion of a network that uses one corner, completeness of integrated gradients."""

import pytest
import torch
from torch import nn

from axone.graph import Conv2d, Flatten, GlobalAveragePool2d, Input, Linear, Model
from axone.tasks.explanation.attribution import grad_cam, integrated_gradients, occlusion


def two_maps():
    """Two maps, x and -2x, whose means count 3 and 1 for class 0, and -1 and 0.5 for class 1."""
    x = Input(1, 2, 3)
    h = Conv2d(2, 1, bias=False, name="maps")(x)
    network = Model(x, Linear(2, name="head")(GlobalAveragePool2d()(h)))
    with torch.no_grad():
        network.get_submodule("maps").weight.copy_(torch.tensor([1.0, -2.0]).reshape(2, 1, 1, 1))
        network.get_submodule("head").weight.copy_(torch.tensor([[3.0, 1.0], [-1.0, 0.5]]))
    return network


def test_grad_cam_is_the_papers_formula():
    image = torch.tensor([[[[1.0, -2.0, 0.0], [0.5, 4.0, -1.0]]]])
    # A logit rises by v / 6 with each of the 6 places of a map. Class 0: 3/6 x + 1/6 (-2x) = x/6, cut at zero.
    expected = (image[0, 0] / 6).relu()
    assert torch.allclose(grad_cam(two_maps(), image, 0, "maps"), expected, atol=1e-6)
    # Class 1: -1/6 x + 0.5/6 (-2x) = -x/3.
    assert torch.allclose(grad_cam(two_maps(), image, 1, "maps"), (-image[0, 0] / 3).relu(), atol=1e-6)


def test_grad_cam_enlarges_small_maps_and_takes_any_module_and_frozen_weights():
    torch.manual_seed(3)
    network = nn.Sequential(nn.Conv2d(1, 4, 3, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(36, 3)).requires_grad_(
        False
    )
    heat = grad_cam(network, torch.randn(1, 1, 8, 8), 2, "1")
    assert heat.shape == (8, 8) and heat.min() >= 0 and heat.max() > 0


def corner_probabilities(images):
    """Class 1 where the upper left 4 x 4 pixels are bright; nothing else matters."""
    corner = images[:, 0, :4, :4].sum((1, 2))
    return torch.stack([1 - corner.sigmoid(), corner.sigmoid()], 1)


def test_occlusion_finds_the_corner_that_the_network_uses():
    image = torch.full((1, 1, 16, 16), 0.2)
    heat = occlusion(corner_probabilities, image, 1, patch=4, stride=2)
    assert (heat[:4, :4] > 0).all() and heat.shape == (16, 16)
    assert heat[0, 0] == heat.max() == pytest.approx(torch.tensor(3.2).sigmoid().item() - 0.5)  # all of it hidden
    assert (heat[6:] == 0).all() and (heat[:, 6:] == 0).all()
    other = occlusion(corner_probabilities, image, 0, patch=4, stride=2)
    assert torch.allclose(other, -heat, atol=1e-6)


@pytest.mark.parametrize(("side", "patch", "stride"), [(5, 2, 2), (28, 4, 2), (3, 7, 3), (1, 1, 1)])
def test_occlusion_hides_every_pixel(side, patch, stride):
    image = torch.ones(1, 1, side, side)
    heat = occlusion(lambda images: images.sum((1, 2, 3))[:, None] / side**2, image, 0, patch=patch, stride=stride)
    assert (heat > 0).all()


def test_integrated_gradients_of_a_linear_network_are_its_products():
    weights = torch.randn(2, 3 * 4 * 4)
    image, black = torch.randn(1, 3, 4, 4), torch.randn(1, 3, 4, 4)
    contributions, residual = integrated_gradients(lambda images: images.flatten(1) @ weights.T, image, 1, black)
    assert torch.allclose(contributions, ((image - black) * weights[1].reshape(1, 3, 4, 4))[0], atol=1e-5)
    assert abs(residual) < 1e-4


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_integrated_gradients_are_complete(activation):
    torch.manual_seed(1)
    x = Input(2, 6, 6)
    h = Conv2d(8, 3, activation=activation)(x)
    network = Model(x, Linear(4)(Linear(16, activation=activation)(Flatten()(h))))
    image, black = 3 * torch.randn(1, 2, 6, 6), torch.full((1, 2, 6, 6), -0.5)
    with torch.no_grad():
        difference = float(network(image)[0, 2] - network(black)[0, 2])
    contributions, residual = integrated_gradients(network, image, 2, black)
    assert abs(residual) <= 0.01 * abs(difference)
    assert float(contributions.sum()) + residual == pytest.approx(difference, abs=1e-5)


def test_integrated_gradients_return_their_residual():
    # A step at the very end of the way: no number of midpoints sees it.
    def steep(images):
        return 1000 * (images.sum((1, 2, 3))[:, None] - 3.999).relu()

    contributions, residual = integrated_gradients(
        steep, torch.ones(1, 1, 2, 2), 0, torch.zeros(1, 1, 2, 2), max_steps=64
    )
    assert residual == pytest.approx(1.0, rel=1e-3) and not contributions.any()
