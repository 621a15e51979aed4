"""A copy of networks of action values that follows them in jumps, so that targets do not move with each update."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from axone.tasks.control.networks.network import ControlNetwork


class TargetNetwork(nn.Module):
    """The weights that networks had some updates ago (Mnih et al. 2015).

    Args:
        network: The networks.
        every: The number of updates after which their weights are copied.
    """

    updates: Tensor

    def __init__(self, network: ControlNetwork, every: int) -> None:
        super().__init__()
        self.copy, self.every = copy.deepcopy(network).requires_grad_(False), every
        self.register_buffer("updates", torch.zeros((), dtype=torch.int64))

    def follow(self, network: ControlNetwork) -> None:
        """Count an update of the networks; copy their weights when it is time."""
        self.updates += 1
        if int(self.updates) % self.every == 0:
            self.copy.load_state_dict(network.state_dict())

    def forward(self, observations: Tensor) -> dict[str, Tensor]:
        """Return the outputs of the copy."""
        outputs: dict[str, Tensor] = self.copy(observations)
        return outputs
