"""Windows of tracks: the positions that are observed, those that follow, and the things nearby."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from axone.data.random import make_generator
from axone.data.stream import IndexedStream
from axone.data.trajectories.tracks import Track

FEWEST_GROUPS = 5  # things (or scenes) from which on whole ones are held out


class TrackBatch(NamedTuple):
    """Windows as a learner takes them, in float64 and in the unit of the data."""

    past: Float[Tensor, "batch past 2"]
    future: Float[Tensor, "batch future 2"]
    nearby: Float[Tensor, "batch past neighbors 2"]  # positions of the nearest things; NaN where there is none


class Windows(NamedTuple):
    """All windows of some tracks: `first` is a position in `positions`, which are those of all tracks joined."""

    positions: Float[Tensor, "positions 2"]
    first: Int64[Tensor, " windows"]
    track: Int64[Tensor, " windows"]
    nearby: Float[Tensor, "windows past neighbors 2"]


def make_windows(
    tracks: Sequence[Track], ranges: Sequence[tuple[int, int]], *, past: int, future: int, neighbors: int, stride: int
) -> Windows:
    """Return the windows of tracks.

    Args:
        tracks: All tracks; neighbors are looked for among all of them.
        ranges: Of each track, the steps (start, stop) within which windows lie.
        past: The number of observed positions.
        future: The number of positions that follow; 0 for windows that end with the observed ones.
        neighbors: The number of nearest things whose positions are part of a window.
        stride: Steps from the beginning of a window to that of the next.
    """
    offsets = torch.tensor([0, *(len(track) for track in tracks)]).cumsum(0).tolist()
    firsts, numbers = [], []
    for number, (start, stop) in enumerate(ranges):
        begins = torch.arange(start, stop - past - future + 1, stride) if stop - start >= past + future else None
        if begins is not None:
            firsts.append(offsets[number] + begins)
            numbers.append(torch.full_like(begins, number))
    empty = torch.empty(0, dtype=torch.int64)
    first, track = (torch.cat(parts) if parts else empty for parts in (firsts, numbers))
    positions = torch.cat([track.positions for track in tracks]) if tracks else torch.empty(0, 2, dtype=torch.float64)
    nearby = torch.full((len(first), past, neighbors, 2), torch.nan, dtype=torch.float64)
    if neighbors:
        starts = [track.start for track in tracks]
        _fill_nearby(nearby, tracks, first - torch.tensor(offsets)[track], track, starts)
    return Windows(positions, first, track, nearby)


def split_tracks(
    tracks: Sequence[Track], *, validation: float, test: float, seed: int, window: int, whole: bool = False
) -> tuple[dict[str, list[tuple[int, int]]], str]:
    """Return, for "train", "validation" and "test", the steps of each track that belong to it, and what is held out.

    Whole scenes are held out where there are at least five, otherwise whole things, otherwise the last part of the
    time. An empty range is (0, 0).

    Args:
        tracks: The tracks.
        validation: The fraction of the rest for validation.
        test: The fraction for the test set.
        seed: The seed of the choice.
        window: Steps of a window: a part of the time has at least as many.
        whole: Whether all of them are the test set.

    Returns:
        The ranges, and "scene", "thing" or "time".
    """
    lengths = [len(track) for track in tracks]
    if whole:
        everything = [(0, length) for length in lengths]
        nothing = [(0, 0)] * len(lengths)
        return {"train": everything, "validation": nothing, "test": everything}, "scene"
    scenes = [track.scene for track in tracks]
    things = [f"{track.scene}\x1f{track.thing}" for track in tracks]
    for kind, keys in (("scene", scenes), ("thing", things)):
        groups = list(dict.fromkeys(keys))
        if len(groups) < FEWEST_GROUPS:
            continue
        order = torch.randperm(len(groups), generator=make_generator("tracks", seed)).tolist()
        tested = max(1, round(test * len(groups))) if test else 0
        validated = max(1, round(validation * (len(groups) - tested))) if validation else 0
        of_group = {groups[k]: "test" for k in order[:tested]}
        of_group |= {groups[k]: "validation" for k in order[tested : tested + validated]}
        return {
            split: [(0, n) if of_group.get(key, "train") == split else (0, 0) for n, key in zip(lengths, keys)]
            for split in ("train", "validation", "test")
        }, kind
    ranges: dict[str, list[tuple[int, int]]] = {"train": [], "validation": [], "test": []}
    for length in lengths:
        tested = max(window, round(test * length)) if test else 0
        validated = max(window, round(validation * (length - tested))) if validation else 0
        if length - tested - validated < window:
            tested = validated = 0
        cuts = [0, length - tested - validated, length - tested, length]
        for split, low, high in zip(ranges, cuts, cuts[1:]):
            ranges[split].append((low, high))
    return ranges, "time"


class WindowStream(IndexedStream[TrackBatch]):
    """Batches of windows.

    Args:
        windows: The windows.
        indices: Which of them.
        past: The number of observed positions.
        future: The number of positions to predict.
        batch_size: The number of windows in a batch.
        seed: The seed of the order.
        shuffle: False: the order of `indices`.
    """

    def __init__(
        self,
        windows: Windows,
        indices: Int64[Tensor, " samples"],
        *,
        past: int,
        future: int,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
    ) -> None:
        super().__init__(indices, batch_size=batch_size, seed=seed, shuffle=shuffle, drop_last=shuffle)
        self.windows, self.past, self.future = windows, past, future

    def to(self, device: torch.device | str) -> WindowStream:
        """Return the stream with its positions on a device."""
        if self.index_device == torch.device(device):
            return self
        return WindowStream(
            Windows(*(part.to(device) for part in self.windows)), self.indices, past=self.past, future=self.future,
            batch_size=self.batch_size, seed=self.seed, shuffle=self.shuffle,
        )  # fmt: skip

    @property
    def index_device(self) -> torch.device:
        """The device of the positions."""
        return self.windows.positions.device

    def read_batch(self, index: Int64[Tensor, " batch"], epoch: int, number: int) -> TrackBatch:
        """Return the windows of these numbers."""
        steps = torch.arange(self.past + self.future, device=self.index_device)
        positions = self.windows.positions[self.windows.first[index][:, None] + steps]
        return TrackBatch(positions[:, : self.past], positions[:, self.past :], self.windows.nearby[index])


def _fill_nearby(
    nearby: Float[Tensor, "windows past neighbors 2"],
    tracks: Sequence[Track],
    begins: Int64[Tensor, " windows"],
    track: Int64[Tensor, " windows"],
    starts: list[int],
) -> None:
    """Write the positions of the things that are nearest at the last observed step of each window.

    The same things are followed through all observed steps.
    """
    past, neighbors = nearby.shape[1:3]
    by_scene: dict[str, list[int]] = {}
    for number, one in enumerate(tracks):
        by_scene.setdefault(one.scene, []).append(number)
    steps = torch.arange(past)
    for members in by_scene.values():
        rows = torch.isin(track, torch.tensor(members)).nonzero().flatten()
        if len(members) < 2 or not len(rows):
            continue
        end = max(starts[number] + len(tracks[number]) for number in members)
        dense = torch.full((len(members), end, 2), torch.nan, dtype=torch.float64)
        for place, number in enumerate(members):
            dense[place, starts[number] : starts[number] + len(tracks[number])] = tracks[number].positions
        places = torch.tensor([members.index(number) for number in track[rows].tolist()])
        times = torch.tensor(starts)[track[rows]] + begins[rows]
        at_last = dense[:, times + past - 1]  # [things, windows, 2]
        distance = (at_last - at_last[places, torch.arange(len(rows))]).norm(dim=-1)
        distance = distance.nan_to_num(torch.inf)
        distance[places, torch.arange(len(rows))] = torch.inf
        count = min(neighbors, len(members) - 1)
        near, which = distance.topk(count, dim=0, largest=False)  # [count, windows]
        chosen = dense[which.T[:, None], (times[:, None] + steps)[:, :, None]]  # [windows, past, count, 2]
        nearby[rows, :, :count] = chosen.masked_fill(near.T[:, None, :, None].isinf(), torch.nan)
