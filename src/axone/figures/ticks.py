"""Round numbers along an axis."""

from __future__ import annotations

import math

from axone.numbers import Number


def choose_ticks(low: Number, high: Number, about: int = 5) -> list[float]:
    """Return round values (1, 2 or 5 times a power of ten) from low to high, `about` of them."""
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.75)
    first = math.ceil(low / step - 1e-9)
    return [float(f"{index * step:.12g}") for index in range(first, math.floor(high / step + 1e-9) + 1)]


def choose_log_ticks(low: Number, high: Number) -> list[float]:
    """Return powers of ten from low to high, with 2 and 5 times each when there are few of them."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    factors = (1, 2, 5) if len(powers) <= 4 else (1,)
    every = max(1, len(powers) // 6)
    values = [factor * 10.0**power for power in powers if power % every == 0 for factor in factors]
    return [value for value in values if low * 0.999 <= value <= high * 1.001]
