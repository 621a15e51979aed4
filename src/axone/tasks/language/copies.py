"""The longest verbatim copy: how much of a generated text is in the training text, letter by letter.

A text of length L that occurs in both has every shorter part of itself in both, so that the largest L is found by
bisection. For one L, the hashes of all parts of that length of both texts are compared; every candidate is then
compared byte by byte, so that the result is exact.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import UInt64

_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd; arithmetic is modulo 2^64
MOST_CANDIDATES = 50
FILTER_BITS = 20


class Copy(NamedTuple):
    """A part of a text that occurs in another one: where it begins in both, in bytes, and the part itself."""

    start: int
    found_at: int
    text: bytes


def find_longest_copy(text: bytes, source: bytes) -> Copy:
    """Return the longest part of a text that occurs in `source`, the first of several; Copy(0, 0, b"") if none does."""
    sums, source_sums = _sum_up(text), _sum_up(source)
    best = Copy(0, 0, b"")
    low, high = 0, min(len(text), len(source))  # a copy of `low` bytes is known, one of `high` + 1 is impossible
    while low < high:
        length = min((low + high + 1) // 2, max(16, 2 * low))  # most copies are short
        copy = _find(text, source, sums, source_sums, length)
        if copy is None:
            high = length - 1
        else:
            low, best = length, copy
    return best


def _sum_up(data: bytes) -> tuple[UInt64[np.ndarray, " _"], UInt64[np.ndarray, " _"]]:
    """Return the prefix sums of byte x base^place, and the powers of the base."""
    powers = np.ones(len(data) + 1, np.uint64)
    np.cumprod(np.full(len(data), _BASE), out=powers[1:])
    sums = np.zeros(len(data) + 1, np.uint64)
    mixed = (np.frombuffer(data, np.uint8).astype(np.uint64) + np.uint64(1)) * np.uint64(0xD1B54A32D192ED03)
    np.cumsum((mixed ^ (mixed >> np.uint64(29))) * powers[:-1], out=sums[1:])
    return sums, powers


def _find(
    text: bytes,
    source: bytes,
    sums: tuple[np.ndarray, np.ndarray],
    source_sums: tuple[np.ndarray, np.ndarray],
    length: int,
) -> Copy | None:
    """Return the first part of `length` bytes that occurs in both, or None."""
    most = max(len(text), len(source)) + 1
    powers = sums[1] if len(sums[1]) == most else source_sums[1]

    def hash_parts(prefix: np.ndarray) -> np.ndarray:
        parts = prefix[length:] - prefix[:-length]
        # All hashes get the same power of the base.
        parts *= powers[most - len(parts) : most][::-1]
        return parts

    own = hash_parts(sums[0])
    order = np.argsort(own, kind="stable")
    known = own[order]
    others = hash_parts(source_sums[0])
    # Nearly all parts of the source are ruled out by their highest bits.
    is_possible = np.zeros(1 << FILTER_BITS, bool)
    is_possible[own >> np.uint64(64 - FILTER_BITS)] = True
    others = others[is_possible[others >> np.uint64(64 - FILTER_BITS)]]
    places = np.minimum(np.searchsorted(known, others), len(known) - 1)
    starts = np.unique(order[places[known[places] == others]])
    for start in starts[:MOST_CANDIDATES].tolist():
        part = text[start : start + length]
        if (place := source.find(part)) >= 0:
            return Copy(start, place, part)
    return None
