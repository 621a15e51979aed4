"""Series of numbers over time, all with the same channels, in one tensor."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor


@dataclass(frozen=True)
class Series:
    """Series of different lengths, one after the other.

    Args:
        name: What the data are called.
        source: Where they came from, for people.
        values: The values of all steps; NaN where missing.
        starts: The first step of each series in `values`.
        lengths: The number of steps of each series.
        names: The name of each series.
        channels: The name of each channel.
        labels: The class of each series, an index into `classes`; None for series without classes.
        classes: The names of the classes, in order.
        layout: How the columns of the table were used (`layout.Layout.to_json`); {} for generated series.
        notes: Sentences for people.
    """

    name: str
    source: str
    values: Float[Tensor, "steps channels"]
    starts: Int64[Tensor, " series"]
    lengths: Int64[Tensor, " series"]
    names: tuple[str, ...]
    channels: tuple[str, ...]
    labels: Int64[Tensor, " series"] | None = None
    classes: tuple[str, ...] = ()
    layout: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of series."""
        return len(self.names)

    def __getitem__(self, index: int) -> Float[Tensor, "steps channels"]:
        """Return the values of one series."""
        start = int(self.starts[index])
        return self.values[start : start + int(self.lengths[index])]

    @property
    def has_missing(self) -> bool:
        """Whether a value is missing."""
        return bool(self.values.isnan().any())

    def fingerprint(self) -> str:
        """Return a sha256 over the values: a resumed run must get the data that it was trained on."""
        digest = hashlib.sha256(repr((self.channels, self.classes, self.names)).encode())
        for part in (self.values, self.lengths, *([] if self.labels is None else [self.labels])):
            digest.update(part.numpy().tobytes())
        return digest.hexdigest()


def join_series(parts: list[Float[Tensor, "_ channels"]]) -> tuple[Tensor, Tensor, Tensor]:
    """Return values, starts and lengths of `Series` for a list of series."""
    lengths = torch.tensor([len(part) for part in parts], dtype=torch.int64)
    return torch.cat(parts).float(), lengths.cumsum(0) - lengths, lengths
