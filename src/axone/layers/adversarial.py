"""Losses, a gradient penalty and an initialization for generative adversarial networks.

Papers: Jolicoeur-Martineau 2018 (arXiv:1807.00734) for the relativistic loss; Mescheder, Geiger, Nowozin 2018
(arXiv:1801.04406) for the gradient penalties R1 (on real examples) and R2 (on generated ones); Huang, Gokaslan,
Kuleshov, Tompkin 2025 (arXiv:2501.05441) for the combination of both without further tricks; Radford, Metz, Chintala
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


def approximate_gradient_penalty(
    discriminator: Callable[[Tensor], Scores], examples: Float[Tensor, "batch ..."], scores: Scores, distance: float
) -> Float[Tensor, ""]:
    """Return about half the mean squared gradient of the scores with respect to the examples.

    Where second derivatives are expensive (3-D convolutions), a finite difference replaces them: each number of an
    example is moved by Gaussian noise of standard deviation `distance` (Lin et al. 2025, arXiv:2501.08316). The squared
    change of the score divided by distance² is, on average, the squared norm of the gradient. `scores` are the
    discriminator's outputs for the unchanged examples.
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
