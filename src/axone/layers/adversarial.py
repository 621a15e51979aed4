"""What two players who learn against each other want, the price of a steep judge, and how both begin.

Papers: Jolicoeur-Martineau 2018 (arXiv:1807.00734) for the loss; Mescheder, Geiger, Nowozin 2018 (arXiv:1801.04406)
for the penalties R1 (on real examples) and R2 (on made ones); Huang, Gokaslan, Kuleshov, Tompkin 2025
(arXiv:2501.05441) for the two together, without any other trick; Radford, Metz, Chintala 2015 (arXiv:1511.06434) for
the first weights.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

LAYERS = (nn.Linear, nn.Conv2d, nn.Conv3d, nn.ConvTranspose2d, nn.ConvTranspose3d)

Scores = Float[Tensor, " batch"]


def relativistic_loss(own: Scores, other: Scores) -> Float[Tensor, ""]:
    """Return the loss of the player whose examples should score higher than those they are paired with.

    The discriminator calls it with (real, made), the generator with (made, real).
    """
    return functional.softplus(other - own).mean()


def approximate_gradient_penalty(
    judge: Callable[[Tensor], Scores], examples: Float[Tensor, "batch ..."], scores: Scores, distance: float
) -> Float[Tensor, ""]:
    """Return about half the mean squared gradient of a judge's scores with respect to the examples.

    Where a gradient of a gradient is dear (convolutions in three dimensions), it is measured instead: how much the
    score changes one small random step away, `distance` in each number (Lin et al. 2025, arXiv:2501.08316). The
    square of that change over `distance` squared is, on average, the squared length of the gradient. `scores` are
    what the judge said of the examples themselves.
    """
    away = examples + distance * torch.randn_like(examples)
    return 0.5 * ((judge(away) - scores) / distance).square().mean()


@torch.no_grad()
def init_dcgan(network: nn.Module) -> None:
    """Draw the first weights of convolutions and dense layers as DCGAN does: deviation 0.02, no bias."""
    for layer in network.modules():
        if isinstance(layer, LAYERS):
            nn.init.normal_(layer.weight, 0.0, 0.02)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
