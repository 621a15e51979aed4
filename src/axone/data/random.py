"""Seeds and random generators that are pure functions of their purpose.

Python's own `hash` changes from process to process, and a sum of numbers (seed + epoch) makes epoch 1 of seed 0 the
same as epoch 0 of seed 1. A cryptographic hash of the parts has neither fault, and is the same on every machine.
"""

from __future__ import annotations

import hashlib

import torch


def stable_seed(*parts: int | str) -> int:
    """Return a seed in [0, 2**63) that depends on all parts, on their order and on nothing else."""
    text = "\x1f".join(f"{type(part).__name__}:{part}" for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def make_generator(*parts: int | str, device: torch.device | str = "cpu") -> torch.Generator:
    """Return a new random generator whose draws depend on the parts and on the kind of its device alone.

    A CUDA device has generators of its own, so what it draws is where it is used. For any other device the generator
    is the CPU's. Draw with `device=generator.device`.

    Args:
        parts: What the draws are for, for example ("augment", seed, epoch, batch).
        device: The device that uses the draws.
    """
    device = torch.device(device)
    place = device if device.type == "cuda" else torch.device("cpu")
    return torch.Generator(place).manual_seed(stable_seed(*parts))
