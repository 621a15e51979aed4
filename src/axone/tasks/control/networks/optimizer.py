"""The optimizer of an ensemble, whose gradients are clipped for each member."""

from __future__ import annotations

import torch
from torch import Tensor

from axone.engine.optimization.optimizer import Optimizer

EPSILON = 1e-6  # added to a norm by which gradients are divided, as torch does


class MemberOptimizer(Optimizer):
    """An optimizer of stacked weights: a large gradient of one member leaves those of the others as they are."""

    def clip_gradients(self, norm: Tensor) -> None:
        """Scale the gradients of each member whose norm exceeds the setting."""
        gradients = [parameter.grad for parameter in self.parameters if parameter.grad is not None]
        norms = torch.stack([gradient.flatten(1).norm(dim=1) for gradient in gradients]).norm(dim=0)  # [members]
        factors = (self.settings.gradient_clip / (norms + EPSILON)).clamp(max=1.0)
        for gradient in gradients:
            gradient.mul_(factors.view(-1, *[1] * (gradient.ndim - 1)))
