"""Periodic features of numeric columns, with which a network can represent a step or a narrow bump, as trees can."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn


class PeriodicEmbedding(nn.Module):
    """Maps each number x to `width` features: x itself, and width - 1 linear combinations of cos(2 pi f x + p).

    Frequencies f, phases p and combination weights are learned separately for each column. Paper: Gorishniy, Rubachev,
    Babenko 2022, "On Embeddings for Numerical Features in Tabular Deep Learning", arXiv:2203.05556; the phases and the
    unchanged x are as in Holzmüller et al. 2024, arXiv:2407.04491 (there: PBLD). `spread` is the standard deviation of
    the initial frequencies: the larger it is, the finer the detail that the network can fit at the start.
    """

    def __init__(self, columns: int, frequencies: int = 16, width: int = 4, spread: float = 0.1) -> None:
        super().__init__()
        if width < 2:
            raise ValueError(f"width must be at least 2, not {width}")
        self.width = width
        # (columns, 1, ...): all columns in one batched matrix product.
        self.frequency = nn.Parameter(2 * math.pi * spread * torch.randn(columns, 1, frequencies))
        self.phase = nn.Parameter(math.pi * (2 * torch.rand(columns, 1, frequencies) - 1))
        bound = 1 / math.sqrt(frequencies)
        self.mixture = nn.Parameter(bound * (2 * torch.rand(columns, frequencies, width - 1) - 1))
        self.shift = nn.Parameter(bound * (2 * torch.rand(columns, 1, width - 1) - 1))

    def forward(self, numbers: Float[Tensor, "batch columns"]) -> Float[Tensor, "batch features"]:
        """Return the concatenated features of each row: columns * width numbers."""
        by_column = numbers.t().unsqueeze(2)
        waves = torch.addcmul(self.phase, by_column, self.frequency).cos()
        combined = torch.baddbmm(self.shift, waves, self.mixture)
        return torch.cat([by_column, combined], 2).transpose(0, 1).flatten(1)
