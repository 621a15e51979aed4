"""Closed tracks for the road world: a center line of points at equal distances, smooth through a few control points.

A track is described by control points, through which a closed spline runs (Catmull and Rom 1974). Random tracks draw
control points around a circle by a seed; those that bend too sharply, or come too near to themselves, are drawn again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float64
from numpy import ndarray
from torch import Tensor

from axone.play.random import make_keys, uniform

HALF_WIDTH = 4.0  # m, from the center line to a border
SPACING = 3.0  # m, between the points of the center line, approximately
SHARPEST = 2.5 * HALF_WIDTH  # m, the least radius of a bend
TRACKS = {  # control points, m
    "oval": [(-40, -20), (0, -22), (40, -20), (58, 0), (40, 20), (0, 22), (-40, 20), (-58, 0)],
    "circuit": [
        (-70, -34), (-20, -38), (30, -38), (66, -34), (78, -12), (62, 6), (38, 10), (26, 28), (24, 50), (4, 62),
        (-18, 52), (-24, 26), (-44, 8), (-74, 0), (-86, -18),
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Track:
    """A closed track, driven in the order of its points.

    Args:
        name: The name that a person types.
        centers: float64 [points, 2], m.
        tangents: float64 [points, 2], the unit vector of the direction in each point.
        spacing: The length of the center line from a point to the next, m.
    """

    name: str
    centers: Float64[Tensor, "points 2"]
    tangents: Float64[Tensor, "points 2"]
    spacing: float

    @property
    def length(self) -> float:
        """The length of the center line, m."""
        return self.spacing * len(self.centers)

    @property
    def normals(self) -> Float64[Tensor, "points 2"]:
        """The unit vector to the left in each point."""
        return torch.stack([-self.tangents[:, 1], self.tangents[:, 0]], 1)

    @property
    def borders(self) -> Float64[Tensor, "sides points 2"]:
        """The points of the left and the right border, m."""
        return torch.stack([self.centers + HALF_WIDTH * self.normals, self.centers - HALF_WIDTH * self.normals])


def is_random(name: str) -> bool:
    """Return whether a name is that of a random track."""
    return re.fullmatch(r"random-\d{1,9}", name, re.ASCII) is not None


def make_track(name: str) -> Track:
    """Return a track by name: one of `TRACKS`, or "random-SEED". Raises ValueError for another name."""
    if name in TRACKS:
        return build_track(name, np.array(TRACKS[name], dtype=np.float64))
    if not is_random(name):
        raise ValueError(f"there is no track {name!r}")
    seed = int(name.removeprefix("random-"))
    for attempt in range(1000):
        track = build_track(name, draw_points(seed, attempt))
        if is_drivable(track):
            return track
    raise AssertionError("a circle is always drivable")  # pragma: no cover


def draw_points(seed: int, attempt: int) -> ndarray:
    """Draw control points around a circle: angles and radii vary, less with each attempt."""
    key = make_keys(seed, 1)
    numbers = uniform(key, torch.arange(64) + 64 * attempt).numpy()
    count = 8 + int(numbers[0] * 6)
    spread = 0.98**attempt
    angles = 2 * np.pi * (np.arange(count) + 0.5 * spread * (numbers[1 : count + 1] - 0.5)) / count
    radii = 55 * (1 + 0.9 * spread * (numbers[32 : 32 + count] - 0.5))
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], 1)


def build_track(name: str, points: ndarray) -> Track:
    """Return the track of a closed spline through control points, with center points at equal distances."""
    fine = closed_spline(points, 200)
    lengths = np.linalg.norm(np.roll(fine, -1, 0) - fine, axis=1)
    places = np.concatenate([[0.0], np.cumsum(lengths)])
    count = round(places[-1] / SPACING)
    at = np.arange(count) * places[-1] / count
    closed = np.concatenate([fine, fine[:1]])
    centers = np.stack([np.interp(at, places, closed[:, axis]) for axis in (0, 1)], 1)
    chords = np.roll(centers, -1, 0) - np.roll(centers, 1, 0)
    tangents = chords / np.linalg.norm(chords, axis=1, keepdims=True)
    return Track(name, torch.from_numpy(centers), torch.from_numpy(tangents), float(places[-1] / count))


def closed_spline(points: ndarray, steps: int) -> ndarray:
    """Return `steps` points of the Catmull-Rom spline between each pair of neighboring control points."""
    t = np.arange(steps)[:, None] / steps
    parts = []
    for number in range(len(points)):
        before, start, end, after = (points[(number + offset) % len(points)] for offset in (-1, 0, 1, 2))
        parts.append(
            start
            + t * (end - before) / 2
            + t**2 * (before - 2.5 * start + 2 * end - 0.5 * after)
            + t**3 * (1.5 * (start - end) + (after - before) / 2)
        )
    return np.concatenate(parts)


def is_drivable(track: Track) -> bool:
    """Return whether no bend is too sharp and no two parts of the road touch."""
    turns = torch.linalg.vector_norm(track.tangents.roll(-1, 0) - track.tangents, dim=1)
    if float(turns.max()) > track.spacing / SHARPEST:
        return False
    count = len(track.centers)
    between = (torch.arange(count)[:, None] - torch.arange(count)).abs()
    between = torch.minimum(between, count - between)  # number of points along the track
    far = between * track.spacing > 4 * HALF_WIDTH * torch.pi / 2
    distances = torch.cdist(track.centers, track.centers)
    return bool((distances[far] > 2.5 * HALF_WIDTH).all())
