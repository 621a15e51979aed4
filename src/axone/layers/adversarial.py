"""Losses, gradient penalties and an initialization for generative adversarial networks.

Papers: Jolicoeur-Martineau 2018 (arXiv:1807.00734) for the relativistic loss; Mao et al. 2017 (arXiv:1611.04076) for
the least-squares loss; Mescheder, Geiger, Nowozin 2018 (arXiv:1801.04406) for the gradient penalties R1 (on real
examples) and R2 (on generated ones); Gulrajani et al. 2017 (arXiv:1704.00028) for the penalty of WGAN-GP; Huang,
Gokaslan, Kuleshov, Tompkin 2025 (arXiv:2501.05441) for the relativistic loss with R1 and R2; Radford, Metz, Chintala
2015 (arXiv:1511.06434) for the initialization.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

LAYERS = (nn.Linear, nn.Conv2d, nn.Conv3d, nn.ConvTranspose2d, nn.ConvTranspose3d)

Scores = Float[Tensor, " batch"]


def relativistic_loss(higher: Scores, lower: Scores) -> Float[Tensor, ""]:
    """Return the mean of softplus(lower - higher): small where each score of `higher` exceeds its pair in `lower`.

    The discriminator minimizes it with (real, generated), the generator with (generated, real).
    """
    return functional.softplus(lower - higher).mean()


def lsgan_loss(scores: Float[Tensor, "batch ..."], target: float) -> Float[Tensor, ""]:
    """Return the mean squared difference between scores and their target: 1 for real, 0 for generated."""
    return (scores.float() - target).square().mean()


def gradient_penalty(scores: Scores, examples: Float[Tensor, "batch ..."]) -> Float[Tensor, ""]:
    """Return half the mean squared norm of the gradient of the scores with respect to the examples.

    This is R1 for real examples and R2 for generated ones. `examples` must have required gradients when they were
    scored. The result can be differentiated again.
    """
    (gradient,) = torch.autograd.grad(scores.sum(), examples, create_graph=True)
    return 0.5 * gradient.float().square().sum(tuple(range(1, gradient.ndim))).mean()


def interpolated_gradient_penalty(
    discriminator: Callable[[Tensor], Scores],
    real: Float[Tensor, "batch ..."],
    generated: Float[Tensor, "batch ..."],
) -> Float[Tensor, ""]:
    """Return the mean squared difference between the gradient's norm and 1: the penalty of WGAN-GP.

    The gradient is taken at random points of the lines between real and generated examples.
    """
    position = torch.rand(len(real), *[1] * (real.ndim - 1), device=real.device)  # on each line, from 0 to 1
    between = torch.lerp(real.detach(), generated.detach(), position).requires_grad_()
    (gradient,) = torch.autograd.grad(discriminator(between).sum(), between, create_graph=True)
    return (gradient.float().flatten(1).norm(dim=1) - 1).square().mean()


def approximate_gradient_penalty(
    discriminator: Callable[[Tensor], Scores], examples: Float[Tensor, "batch ..."], scores: Scores, distance: float
) -> Float[Tensor, ""]:
    """Return an estimate of `gradient_penalty` that needs no second derivative.

    Where second derivatives are expensive (3-D convolutions), a finite difference replaces them: Gaussian noise of
    standard deviation `distance` is added to every number of an example (Lin et al. 2025, arXiv:2501.08316). The
    squared change of the score divided by distance² is, on average, the squared norm of the gradient. `scores` are
    the discriminator's outputs for the unchanged examples.
    """
    moved = examples + distance * torch.randn_like(examples)
    return 0.5 * ((discriminator(moved) - scores) / distance).square().mean()


@torch.no_grad()
def init_dcgan(network: nn.Module) -> None:
    """Initialize convolutions and linear layers as DCGAN does: weights from N(0, 0.02²), biases zero."""
    for layer in network.modules():
        if isinstance(layer, LAYERS):
            nn.init.normal_(layer.weight, 0.0, 0.02)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
