"""The padded board: constant tables for one size, which the tensor operations and the kernels share.

A board of S x S points lies in (S + 2) x (S + 2) points with a border, flattened, so that the four neighbors of point p
are p - 1, p + 1, p - width and p + width for every point of the board: slices instead of index tables. More border
follows, up to a multiple of 64 points, so that loops over all points consist of whole vector instructions.

A liberty is one int64 with three numbers for its point: count (1), point and point squared. The sum over the liberties
of a chain, in which a liberty occurs once for each stone next to it, says all that the rules ask: count 0 is a captured
chain; all liberties are the same point (atari) exactly when point sum^2 = count * squares sum, by the inequality of
Cauchy and Schwarz (the method of Pachi and OpenSpiel).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Int64
from torch import Tensor

from axone.play.random import random_bits

EMPTY, BLACK, WHITE, BORDER = 0, 1, -1, 2  # what a point holds; the opponent of a color is its negative

# One int64 holds count (12 bits), sum of points (20 bits) and sum of squares (30 bits): at most 4 * 361 liberties of
# points below 21 * 21.
COUNT_PLACE, SUM_PLACE = 50, 30
COUNT_MASK, SUM_MASK, SQUARES_MASK = (1 << 12) - 1, (1 << 20) - 1, (1 << 30) - 1

BLOCK = 64  # points
ZOBRIST_KEY = 0x60


@dataclass(frozen=True)
class Tables:
    """What is constant for boards of one size.

    Args:
        size: The number of lines.
        width: Of the padded board.
        points: The number of points of the padded board, a multiple of 64.
        inner: The point of each cell, from the upper left to the lower right.
        liberty: For each point, what it adds to the liberties of a stone next to it, when it is empty.
        zobrist: For black and white and each point, what a stone adds to the hash of the position; 0 on the border.
    """

    size: int
    width: int
    points: int
    inner: Int64[Tensor, " cells"]
    liberty: Int64[Tensor, " points"]
    zobrist: Int64[Tensor, "2 points"]

    @property
    def rows(self) -> slice:
        """Return the rows of the board with their left and right border: `size` times `width` points."""
        return slice(self.width, self.width * (self.size + 1))

    def near(self, offset: int) -> slice:
        """Return the neighbors of the points of `rows` that are `offset` away."""
        return slice(self.rows.start + offset, self.rows.stop + offset)

    @property
    def offsets(self) -> tuple[int, int, int, int]:
        """Return the differences to the four neighbors of a point."""
        return -self.width, -1, 1, self.width


@lru_cache(maxsize=64)
def make_tables(size: int, device: torch.device) -> Tables:
    """Return the tables for boards of `size` lines; the same object for the same arguments."""
    width = size + 2
    rows, columns = torch.meshgrid(torch.arange(1, size + 1), torch.arange(1, size + 1), indexing="ij")
    inner = (rows * width + columns).flatten()
    points = torch.arange(-(-width * width // BLOCK) * BLOCK)
    liberty = (1 << COUNT_PLACE) + (points << SUM_PLACE) + points * points
    zobrist = torch.zeros(2, len(points), dtype=torch.int64)
    numbers = torch.arange(2 * size * size).reshape(2, -1)
    zobrist[:, inner] = random_bits(torch.tensor(ZOBRIST_KEY), numbers)
    return Tables(size, width, len(points), inner.to(device), liberty.to(device), zobrist.to(device))
