"""Periodic features of numbers: what lets a network see a step or a bump in one column, as trees do."""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn


class PeriodicEmbedding(nn.Module):
    """Turn each number x into `width` numbers: itself, and width - 1 mixtures of waves cos(2 pi f x + p).

    Frequencies f, phases p and mixtures are learned, for each column its own. Paper: Gorishniy, Rubachev, Babenko
    2022, "On Embeddings for Numerical Features in Tabular Deep Learning", arXiv:2203.05556; with phases and the
    number itself beside them as in Holzmüller et al. 2024, arXiv:2407.04491 (there: PBLD). `spread` is the standard
    deviation of the first frequencies: the finest detail that is looked for at once.
    """

    def __init__(self, columns: int, frequencies: int = 16, width: int = 4, spread: float = 0.1) -> None:
        super().__init__()
        if width < 2:
            raise ValueError(f"width must be at least 2, not {width}")
        self.width = width
        # (columns, 1, ...): one matrix product a column, all of them at once.
        self.frequency = nn.Parameter(2 * math.pi * spread * torch.randn(columns, 1, frequencies))
        self.phase = nn.Parameter(math.pi * (2 * torch.rand(columns, 1, frequencies) - 1))
        bound = 1 / math.sqrt(frequencies)
        self.mixture = nn.Parameter(bound * (2 * torch.rand(columns, frequencies, width - 1) - 1))
        self.shift = nn.Parameter(bound * (2 * torch.rand(columns, 1, width - 1) - 1))

    def forward(self, numbers: Float[Tensor, "batch columns"]) -> Float[Tensor, "batch features"]:
        """Return the features of each row side by side: columns * width of them."""
        by_column = numbers.t().unsqueeze(2)
        waves = torch.addcmul(self.phase, by_column, self.frequency).cos()
        mixed = torch.baddbmm(self.shift, waves, self.mixture)
        return torch.cat([by_column, mixed], 2).transpose(0, 1).flatten(1)
