"""Where things are on the 10 x 10 pixels of Breakout."""

from __future__ import annotations

SIZE = 10  # rows and columns; the paddle is in the last row
FIRST_ROW, ROWS = 1, 3  # of blocks
START = SIZE // 2 - 1  # column of the paddle
ALL_BLOCKS = (1 << ROWS * SIZE) - 1  # a bit for each block: bit 10 * (row - 1) + column
