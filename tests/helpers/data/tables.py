"""A table with numbers, categories and missing values, and settings for a quick training on it."""

from __future__ import annotations

import numpy as np
import polars

QUICK = {"units": (16,), "members": 4, "epochs": 40, "batch_size": 32, "threads": 1, "device": "cpu"}

NUMBER = {"name": "n", "kind": "number", "center": 0.0, "scale": 1.0, "missing": False}
CATEGORY = {"name": "w", "kind": "category", "levels": ["u", "v"], "missing": False}


def make_passengers(rows: int = 240, seed: int = 0) -> polars.DataFrame:
    """Return rows whose targets "fare" and "pays" depend on a number and a category; both have missing values."""
    rng = np.random.default_rng(seed)
    age, town = rng.uniform(0, 40, rows), rng.choice(["north", "south", "west"], rows)
    pays = (age > 18) & (town != "west")
    return polars.DataFrame(
        {
            "age": [None if k % 11 == 0 else float(a) for k, a in enumerate(age)],
            "town": [None if k % 13 == 0 else str(t) for k, t in enumerate(town)],
            "noise": rng.standard_normal(rows),
            "fare": np.where(pays, 2.5 + age / 40, 0.5),
            "pays": ["yes" if p else "no" for p in pays],
        },
        strict=False,
    )
