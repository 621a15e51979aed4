"""Random states: set from one seed, saved with a checkpoint, put back bit for bit, left alone by checks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy
import torch


def seed_everything(seed: int) -> None:
    """Start Python's, NumPy's and torch's generators (all devices) from one seed."""
    random.seed(seed)
    numpy.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def random_state() -> dict[str, Any]:
    """Take the state of every generator as tensors and plain numbers: nothing that loading could execute."""
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
    if torch.cuda.is_available():
        state["cuda"] = list(torch.cuda.get_rng_state_all())
    return state


def restore_random_state(state: dict[str, Any]) -> None:
    """Put back what `random_state` took."""
    python = state["python"]
    random.setstate((python["version"], tuple(python["internal"]), python["gauss"]))
    kept = state["numpy"]
    keys = kept["keys"].numpy().astype(numpy.uint32)
    numpy.random.set_state(("MT19937", keys, kept["position"], kept["has_gauss"], kept["cached"]))
    torch.set_rng_state(state["torch"])
    if torch.cuda.is_available() and len(state.get("cuda", ())) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(state["cuda"])


@contextmanager
def preserve_random_state() -> Iterator[None]:
    """Run checks and pictures without moving the random states that training goes on from."""
    kept = random_state()
    try:
        yield
    finally:
        restore_random_state(kept)
