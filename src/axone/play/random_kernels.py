"""The random numbers of `random.py` for kernels: one pair of a key and a counter, the same bits.

numba shifts int64 with its sign and multiplies with wrapping, as torch does.
"""

from __future__ import annotations

from typing import Any

from numpy import int64

from axone.play.compilation import inlined
from axone.play.random import FIRST_FACTOR, GAMMA, SECOND_FACTOR, TO_UNIT

LOW_34, LOW_37, LOW_33, LOW_53 = (1 << 34) - 1, (1 << 37) - 1, (1 << 33) - 1, (1 << 53) - 1


@inlined
def random_bits(key: int, counter: int) -> int:
    """Return 64 random bits as int64."""
    bits: Any = int64(key) + int64(counter + 1) * GAMMA  # int64 also where kernels are not compiled, for debugging
    bits = (bits ^ ((bits >> 30) & LOW_34)) * FIRST_FACTOR
    bits = (bits ^ ((bits >> 27) & LOW_37)) * SECOND_FACTOR
    return bits ^ ((bits >> 31) & LOW_33)


@inlined
def uniform(key: int, counter: int) -> float:
    """Return a number from [0, 1)."""
    return float((random_bits(key, counter) >> 11) & LOW_53) * TO_UNIT


@inlined
def random_integer(key: int, counter: int, count: int) -> int:
    """Return an integer from 0 to `count` - 1; `count` is below 2**31."""
    return int(uniform(key, counter) * count)
