"""Tracks: where things are at equal steps of time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Track:
    """One thing without interruption.

    Args:
        thing: Its name.
        scene: What it shares with the things around it: tracks of different scenes never meet.
        start: The step of its first position, counted from that of the earliest position of the scene.
        positions: x and y in the unit of the data, one pair for each step.
        start_time: The time of its first position.
    """

    thing: str
    scene: str
    start: int
    positions: Float[Tensor, "steps 2"]  # float64
    start_time: float = 0.0

    def __len__(self) -> int:
        """Return the number of positions."""
        return len(self.positions)


@dataclass(frozen=True)
class Tracks:
    """Tracks with what is known of them.

    Args:
        tracks: The tracks.
        step: The time between two positions, in the unit of the data.
        name: What they are called.
        source: Where they came from, for people.
        columns: The names of the columns of thing, time, x and y; "" for a table without that column.
        has_dates: Whether times are seconds since 1970-01-01, read from dates.
        notes: Sentences for people to read before training.
    """

    tracks: tuple[Track, ...]
    step: float
    name: str
    source: str
    columns: tuple[str, str, str, str] = ("thing", "time", "x", "y")
    has_dates: bool = False
    notes: tuple[str, ...] = ()

    def fingerprint(self) -> str:
        """Return a sha256 of all positions, by which a resumed run recognizes its data."""
        digest = hashlib.sha256(repr(self.step).encode())
        for track in self.tracks:
            digest.update(repr((track.thing, track.scene, track.start)).encode())
            digest.update(track.positions.contiguous().numpy().data)
        return digest.hexdigest()
