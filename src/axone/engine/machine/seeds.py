"""Random states: set from one seed, saved with a checkpoint, restored bit for bit, preserved by checks."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy
import torch


def seed_everything(seed: int) -> None:
    """Seed Python's, NumPy's and torch's generators (of all devices) with one seed."""
    random.seed(seed)
    numpy.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def shard_seed(seed: int, epoch: int, batch: int, shard: int) -> int:
    """Return the seed of the random numbers that one shard of one batch draws, from 0 to 2**63 - 1."""
    text = f"shard {seed} {epoch} {batch} {shard}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def random_state(device: torch.device | None = None) -> dict[str, Any]:
    """Return the states of the generators as tensors and plain numbers, which cannot execute anything when loaded.

    Args:
        device: The device whose generator is used besides the CPU's. Generators of other devices are left alone:
            reading one would create a context on that device.
    """
    version, internal, gauss = random.getstate()
    _kind, keys, position, has_gauss, cached = numpy.random.get_state(legacy=True)
    state: dict[str, Any] = {
        "python": {"version": version, "internal": list(internal), "gauss": gauss},
        "numpy": {
            "keys": torch.from_numpy(numpy.asarray(keys).astype(numpy.int64)),
            "position": int(position),
            "has_gauss": int(has_gauss),
            "cached": float(cached),
        },
        "torch": torch.get_rng_state(),
    }
    if device is not None and device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    if device is not None and device.type == "mps":
        state["mps"] = torch.mps.get_rng_state()
    return state


def restore_random_state(state: dict[str, Any], device: torch.device | None = None) -> None:
    """Restore what `random_state` returned; the state of a device's generator only on a device of that kind."""
    python = state["python"]
    random.setstate((python["version"], tuple(python["internal"]), python["gauss"]))
    saved = state["numpy"]
    keys = saved["keys"].numpy().astype(numpy.uint32)
    numpy.random.set_state(("MT19937", keys, saved["position"], saved["has_gauss"], saved["cached"]))
    torch.set_rng_state(state["torch"])
    if device is not None and device.type == "cuda" and "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"], device)
    if device is not None and device.type == "mps" and "mps" in state:
        torch.mps.set_rng_state(state["mps"])


@contextmanager
def preserve_random_state(device: torch.device | None = None) -> Iterator[None]:
    """Run checks and figures without changing the random states from which training continues."""
    state = random_state(device)
    try:
        yield
    finally:
        restore_random_state(state, device)


@contextmanager
def preserve_torch_random_state(device: torch.device) -> Iterator[None]:
    """Preserve the states of torch's generators alone, which costs less."""
    state = torch.get_rng_state()
    on_device = torch.cuda.get_rng_state(device) if device.type == "cuda" else None
    try:
        yield
    finally:
        torch.set_rng_state(state)
        if on_device is not None:
            torch.cuda.set_rng_state(on_device, device)
