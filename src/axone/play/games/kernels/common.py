"""What the kernels of several games use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from numba import int64
from numba.extending import intrinsic
from numpy import ndarray

from axone.play.compilation import kernel


def generate_count(_context: Any, _bits: Any) -> Any:
    """Return the type of `count_bits`, and the function that generates its instruction."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return int64(int64), generate


# The number of bits that are set in an integer, by the processor's own instruction.
count_bits: Callable[[int], int] = cast(Any, intrinsic(generate_count))


@kernel
def observe(own: ndarray, other: ndarray, cells: ndarray, planes: ndarray) -> None:
    """Write the stones of the player to move and of the opponent into planes, float32 [copies, 2, cells]."""
    for copy in range(len(own)):
        for cell in range(len(cells)):
            planes[copy, 0, cell] = (own[copy] >> cells[cell]) & 1
            planes[copy, 1, cell] = (other[copy] >> cells[cell]) & 1
