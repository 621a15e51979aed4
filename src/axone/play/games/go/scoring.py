"""Area scoring after Tromp and Taylor: stones and the empty points from which only one color is reached.

No stone is dead: what is left on the board counts as alive, as in every engine that plays by these rules. In a seki,
the stones count, and the shared liberties, which reach both colors, count for neither.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Int8, Int64
from torch import Tensor

from axone.play.games.go.tables import BLACK, EMPTY, WHITE, Tables


def find_ownership(tables: Tables, board: Int8[Tensor, "copies points"]) -> Int8[Tensor, "copies cells"]:
    """Return to whom each point belongs: 1 black, -1 white, 0 neither."""
    empty = board == EMPTY
    reaches_black = _flood(tables, board == BLACK, empty)
    reaches_white = _flood(tables, board == WHITE, empty)
    return (reaches_black.char() - reaches_white.char())[:, tables.inner]


def count_area(tables: Tables, board: Int8[Tensor, "copies points"]) -> Int64[Tensor, " copies"]:
    """Return the points of black less those of white, without komi."""
    return find_ownership(tables, board).sum(1, dtype=torch.int64)


def _flood(
    tables: Tables, seeds: Bool[Tensor, "copies points"], empty: Bool[Tensor, "copies points"]
) -> Bool[Tensor, "copies points"]:
    """Return the seeds and all empty points that are connected to them through empty points."""
    while True:
        above, left, right, below = (seeds[:, tables.near(offset)] for offset in tables.offsets)
        grown = seeds.clone()
        grown[:, tables.rows] |= (above | left | right | below) & empty[:, tables.rows]
        if torch.equal(grown, seeds):
            return seeds
        seeds = grown
