"""What the kernels of several games use."""

from __future__ import annotations

from numpy import ndarray

from axone.play.compilation import inlined, kernel


@inlined
def count_bits(bits: int) -> int:
    """Return the number of bits that are set."""
    bits = bits - ((bits >> 1) & 0x5555555555555555)
    bits = (bits & 0x3333333333333333) + ((bits >> 2) & 0x3333333333333333)
    bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0F
    return ((bits * 0x0101010101010101) >> 56) & 0x7F


@kernel
def observe(own: ndarray, other: ndarray, cells: ndarray, planes: ndarray) -> None:
    """Write the stones of the player to move and of the opponent into planes, float32 [copies, 2, cells]."""
    for copy in range(len(own)):
        for cell in range(len(cells)):
            planes[copy, 0, cell] = (own[copy] >> cells[cell]) & 1
            planes[copy, 1, cell] = (other[copy] >> cells[cell]) & 1
