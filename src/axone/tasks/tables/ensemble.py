"""An ensemble in one network: its members share their weights and differ in how they scale the input features.

Paper: Gorishniy, Kotelnikov, Babenko 2024, "TabM: Advancing Tabular Deep Learning with Parameter-Efficient
Ensembling", arXiv:2410.24210 (there: TabM-mini), after Wen, Tran, Ba 2020, "BatchEnsemble", arXiv:2002.06715.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn


class MemberScaling(nn.Module):
    """Multiplies the features by learned factors, which differ from member to member.

    The factors are initialized to 1 or -1 at random, so that the members differ from the start although they share
    the weights of all following layers.
    """

    def __init__(self, members: int, features: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.randint(0, 2, (members, features)).float().mul(2).sub(1))

    def forward(self, features: Float[Tensor, "batch features"]) -> Float[Tensor, "batch members features"]:
        """Return the scaled features of each row for every member."""
        return features.unsqueeze(1) * self.scale


class MemberHeads(nn.Module):
    """One linear output layer per member."""

    def __init__(self, members: int, features: int, outputs: int) -> None:
        super().__init__()
        bound = 1 / math.sqrt(features)
        self.weight = nn.Parameter(bound * (2 * torch.rand(members, features, outputs) - 1))
        self.bias = nn.Parameter(bound * (2 * torch.rand(members, 1, outputs) - 1))

    def forward(self, hidden: Float[Tensor, "batch members features"]) -> Float[Tensor, "batch members outputs"]:
        """Return the output of every member."""
        return torch.baddbmm(self.bias, hidden.transpose(0, 1), self.weight).transpose(0, 1)
