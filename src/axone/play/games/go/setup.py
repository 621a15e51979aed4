"""A state from stones on the board: for handicap games, problems, and positions of a file."""

from __future__ import annotations

import torch
from jaxtyping import Int8, Int16, Int64
from torch import Tensor

from axone.play.games.go.tables import BLACK, WHITE, Tables


def find_chains(tables: Tables, board: Int8[Tensor, "copies points"]) -> Int16[Tensor, "copies points"]:
    """Return the number of each stone's chain, its smallest point, by following neighbors of the same color."""
    is_stone = (board == BLACK) | (board == WHITE)
    points = torch.arange(tables.points, dtype=torch.int16, device=board.device)
    chains = points * is_stone
    while True:
        joined = chains.clone()
        inner = joined[:, tables.rows]
        for offset in tables.offsets:
            near = tables.near(offset)
            is_same = is_stone[:, tables.rows] & (board[:, near] == board[:, tables.rows])
            torch.minimum(inner, torch.where(is_same, chains[:, near], inner), out=inner)
        if torch.equal(joined, chains):
            return chains
        chains = joined


def hash_boards(tables: Tables, board: Int8[Tensor, "copies points"]) -> Int64[Tensor, " copies"]:
    """Return the hash of each position: the sum of the numbers of its stones."""
    black, white = tables.zobrist
    return ((board == BLACK) * black + (board == WHITE) * white).sum(1)
