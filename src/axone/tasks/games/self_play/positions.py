"""Positions of self-play: those of games in progress, those to learn from, and a batch of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int8, Int64, UInt8
from torch import Tensor


class Positions(NamedTuple):
    """Positions with what was found out about them, for the player to move.

    Args:
        observations: What the network sees, as bytes: planes of zeros and ones.
        legal: Which actions are allowed.
        policies: The policy that the search returned.
        weights: The weight of that policy: 1 for a full search, 0 for a fast one.
        values: The value to learn: the result of the game, or a mixture with the value that the search returned.
        owners: To whom each point belongs in the end; no points in games without territory (`territory.py`).
        scores: The score in the end, as a share of the board.
    """

    observations: UInt8[Tensor, "positions channels height width"]
    legal: Bool[Tensor, "positions actions"]
    policies: Float[Tensor, "positions actions"]
    weights: Float[Tensor, " positions"]
    values: Float[Tensor, " positions"]
    owners: Int8[Tensor, "positions points"]
    scores: Float[Tensor, " positions"]

    def select(self, indices: Any) -> Positions:
        """Return some of the positions, by a tensor of indices, a mask or a slice."""
        return Positions(*(part[indices] for part in self))


class GameBatch(NamedTuple):
    """Positions to learn from, and what self-play looked like while they were made.

    Args:
        observations: What the network sees.
        legal: Which actions are allowed.
        policies: The policies that searches returned.
        weights: The weight of each policy: 1 for a full search, 0 for a fast one.
        values: The values to learn.
        owners: The owners of the points to learn, as numbers from -1 to 1.
        scores: The scores to learn.
        statistics: Means over the games and searches since the last batch, by the id of the metric.
    """

    observations: Float[Tensor, "positions channels height width"]
    legal: Bool[Tensor, "positions actions"]
    policies: Float[Tensor, "positions actions"]
    weights: Float[Tensor, " positions"]
    values: Float[Tensor, " positions"]
    owners: Float[Tensor, "positions points"]
    scores: Float[Tensor, " positions"]
    statistics: dict[str, Tensor]


class Pending(NamedTuple):
    """Positions of games that are not over, so that their values are not known yet.

    Args:
        copies: The number of the game, from 0 to the number of games at once.
        players: Who was to move.
        positions: The positions; their values are those that the search returned.
    """

    copies: Int64[Tensor, " positions"]
    players: Int64[Tensor, " positions"]
    positions: Positions

    def select(self, mask: Bool[Tensor, " positions"]) -> Pending:
        """Return some of the positions."""
        return Pending(self.copies[mask], self.players[mask], self.positions.select(mask))

    def join(self, other: Pending) -> Pending:
        """Return these positions, followed by others."""
        joined = Positions(*(torch.cat(parts) for parts in zip(self.positions, other.positions, strict=True)))
        return Pending(torch.cat([self.copies, other.copies]), torch.cat([self.players, other.players]), joined)
