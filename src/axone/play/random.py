"""Counter-based random numbers: each copy of a world has its own stream, which is a pure function of (key, counter).

Nothing is stored but the counter of each copy, so that a resumed run, another device, and the kernels of
`random_kernels.py` draw the same numbers to the bit. The generator is splitmix64 (Steele, Lea and Flood 2014, "Fast
splittable pseudorandom number generators", OOPSLA), written for int64 tensors, whose products wrap around.
"""

from __future__ import annotations

import torch
from jaxtyping import Float64, Int64
from torch import Tensor

GAMMA = -0x61C8864680B583EB  # 0x9E3779B97F4A7C15 as a signed integer
FIRST_FACTOR = -0x40A7B892E31B1A47  # 0xBF58476D1CE4E5B9
SECOND_FACTOR = -0x6B2FB644ECCEEE15  # 0x94D049BB133111EB
TO_UNIT = 2.0**-53  # from the upper 53 bits to [0, 1)


def shift_right(bits: Int64[Tensor, "*shape"], places: int) -> Int64[Tensor, "*shape"]:
    """Return the bits moved to the right, with zeros from the left (int64's own shift copies the sign)."""
    return (bits >> places).bitwise_and_((1 << (64 - places)) - 1)


def random_bits(keys: Int64[Tensor, "*keys"], counters: Int64[Tensor, "*counters"]) -> Int64[Tensor, "*broadcast"]:
    """Return 64 random bits for each pair of a key and a counter, which are broadcast."""
    bits = torch.add(keys, counters, alpha=GAMMA).add_(GAMMA)  # keys + GAMMA * (counters + 1)
    bits.bitwise_xor_(shift_right(bits, 30)).mul_(FIRST_FACTOR)
    bits.bitwise_xor_(shift_right(bits, 27)).mul_(SECOND_FACTOR)
    return bits.bitwise_xor_(shift_right(bits, 31))


def uniform(keys: Int64[Tensor, "*keys"], counters: Int64[Tensor, "*counters"]) -> Float64[Tensor, "*broadcast"]:
    """Return a number from [0, 1) for each pair of a key and a counter, with 53 random bits."""
    return shift_right(random_bits(keys, counters), 11).double().mul_(TO_UNIT)


def random_integers(
    keys: Int64[Tensor, "*keys"], counters: Int64[Tensor, "*counters"], count: int | Int64[Tensor, "*count"]
) -> Int64[Tensor, "*broadcast"]:
    """Return an integer from 0 to `count` - 1 for each pair; `count` is below 2**31.

    The probabilities differ by less than count / 2**53.
    """
    return (uniform(keys, counters) * count).long()


def make_keys(seed: int, copies: int, device: torch.device | str = "cpu") -> Int64[Tensor, " copies"]:
    """Return a key for each copy: random bits, so that the streams of two copies, or of two seeds, do not overlap."""
    numbers = torch.arange(copies, dtype=torch.int64, device=device)
    return random_bits(torch.full_like(numbers, seed), numbers)
