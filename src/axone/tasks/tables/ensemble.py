"""The network for tables: periodic features, embeddings, and an ensemble of dense networks that share their weights.

    numbers [B, n] -> periodic features [B, 4 n]          categories [B, c] -> embeddings [B, e c]
    -> concatenated [B, F] -> a scaled copy for each of M members [B, M, F]
    -> dense layers shared by all members [B, M, H] -> a linear output layer for each member [B, M, K]

Papers: Gorishniy, Kotelnikov, Babenko 2024, "TabM: Advancing Tabular Deep Learning with Parameter-Efficient
Ensembling", arXiv:2410.24210 (there: TabM-mini), after Wen, Tran, Ba 2020, "BatchEnsemble", arXiv:2002.06715. The
periodic features are in `periodic.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from axone.data.tables.columns import input_sizes
from axone.data.tables.encoder import UNSEEN
from axone.graph import Dropout, Input, Linear, Model
from axone.tasks.tables.periodic import PeriodicEmbedding

PERIODIC_COLUMNS = 100  # numbers up to which periodic features are used; more would dominate the training time


class Ensemble(nn.Module):
    """An ensemble of dense networks in the manner of TabM.

    Args:
        columns: The facts of the columns.
        outputs: Outputs of each member: logits, or standardized values.
        members: Members of the ensemble.
        units: Units of each shared dense layer; may be empty.
        activation: Activation function of the dense layers.
        dropout: Dropout rate after each dense layer.
        frequencies: Frequencies of the periodic features of each number; 0: numbers are used as they are.
        embedding: Dimensions of the embedding of each category.
    """

    def __init__(
        self,
        columns: Sequence[Mapping[str, Any]],
        outputs: int,
        *,
        members: int,
        units: Sequence[int],
        activation: str,
        dropout: float,
        frequencies: int,
        embedding: int,
    ) -> None:
        super().__init__()
        numbers, levels = input_sizes(columns)
        features = 0
        self.features = nn.ModuleList()  # one for each argument of `forward`
        if numbers:
            is_periodic = frequencies > 0 and numbers <= PERIODIC_COLUMNS
            periodic = PeriodicEmbedding(numbers, frequencies) if is_periodic else nn.Identity()
            self.features.append(periodic)
            features += numbers * (periodic.width if isinstance(periodic, PeriodicEmbedding) else 1)
        if levels:
            table = nn.Embedding(sum(levels), embedding)
            nn.init.normal_(table.weight, std=0.5)
            zero_unseen(table, columns)
            self.features.append(nn.Sequential(table, nn.Flatten()))
            features += len(levels) * embedding
        self.views = MemberScaling(members, features)
        x = h = Input(features)
        for count in units:
            h = Linear(count, activation=activation)(h)
            if dropout:
                h = Dropout(dropout)(h)
        self.body = Model(x, h) if units else nn.Identity()
        self.heads = MemberHeads(members, units[-1] if units else features, outputs)

    def forward(self, *inputs: Shaped[Tensor, "batch _"]) -> Shaped[Tensor, "batch members outputs"]:
        """Return the output of each member for numbers, categories, or both in this order."""
        parts = [feature(part) for feature, part in zip(self.features, inputs, strict=True)]
        views = self.views(parts[0] if len(parts) == 1 else torch.cat(parts, 1))  # [B, F] -> [B, M, F]
        hidden = self.body(views.flatten(0, 1))  # [B * M, F] -> [B * M, H]
        return self.heads(hidden.unflatten(0, views.shape[:2]))  # [B, M, H] -> [B, M, K]


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


def zero_unseen(embedding: nn.Embedding, columns: Sequence[Mapping[str, Any]]) -> None:
    """Set the embeddings of values that training does not see to zero; rare levels, which share them, train them."""
    levels = input_sizes(columns)[1]
    starts = np.cumsum([0, *levels[:-1]])
    with torch.no_grad():
        embedding.weight[torch.from_numpy(starts) + UNSEEN] = 0
