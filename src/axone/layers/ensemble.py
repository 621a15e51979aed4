"""Many networks in one: members that share their weights and differ in how they look at the input.

Paper: Gorishniy, Kotelnikov, Babenko 2024, "TabM: Advancing Tabular Deep Learning with Parameter-Efficient
Ensembling", arXiv:2410.24210 (there: TabM-mini), after Wen, Tran, Ba 2020, "BatchEnsemble", arXiv:2002.06715.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn


class Views(nn.Module):
    """Give each of `members` its own view of the features: each feature times a number of the member's own.

    The numbers begin as 1 or -1 by chance, so that members start far apart, though they share all weights behind.
    """

    def __init__(self, members: int, features: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.randint(0, 2, (members, features)).float().mul(2).sub(1))

    def forward(self, features: Float[Tensor, "batch features"]) -> Float[Tensor, "batch members features"]:
        """Return every member's view of each row."""
        return features.unsqueeze(1) * self.scale


class Heads(nn.Module):
    """A linear layer of its own for each member."""

    def __init__(self, members: int, features: int, outputs: int) -> None:
        super().__init__()
        bound = 1 / math.sqrt(features)
        self.weight = nn.Parameter(bound * (2 * torch.rand(members, features, outputs) - 1))
        self.bias = nn.Parameter(bound * (2 * torch.rand(members, 1, outputs) - 1))

    def forward(self, hidden: Float[Tensor, "batch members features"]) -> Float[Tensor, "batch members outputs"]:
        """Return every member's answers."""
        return torch.baddbmm(self.bias, hidden.transpose(0, 1), self.weight).transpose(0, 1)
