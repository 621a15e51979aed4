"""What the kernels of several games use."""

from __future__ import annotations

from typing import Any

from numba import int64
from numba.extending import intrinsic
from numpy import ndarray

from axone.play.compilation import kernel


@intrinsic
def count_bits(_context: Any, _bits: Any) -> Any:
    """Return the number of bits that are set, by the processor's own instruction."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return int64(int64), generate


@kernel
def observe(own: ndarray, other: ndarray, cells: ndarray, planes: ndarray) -> None:
    """Write the stones of the player to move and of the opponent into planes, float32 [copies, 2, cells]."""
    for copy in range(len(own)):
        for cell in range(len(cells)):
            planes[copy, 0, cell] = (own[copy] >> cells[cell]) & 1
            planes[copy, 1, cell] = (other[copy] >> cells[cell]) & 1
