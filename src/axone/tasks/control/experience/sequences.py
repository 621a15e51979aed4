"""Sequences of steps, cut where an episode ends, for recurrent layers.

A recurrent layer reads a whole sequence at once, which is fast, but cannot forget in the middle of it. So each
sequence of steps is cut into segments that lie within one episode. The segments of a member are padded at the end, and
the layers receive their lengths and the state before the first step: that of the copy where a sequence begins, zeros
where an episode begins.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from axone.tasks.control.networks.network import Memory


@dataclass(frozen=True)
class Segments:
    """Where each step of some sequences is among the segments.

    Args:
        numbers: The segment of a step, among those of its member.
        places: The position of a step in its segment.
        count: The largest number of segments of a member.
        length: The length of the longest segment.
    """

    numbers: Int64[Tensor, "members copies steps"]
    places: Int64[Tensor, "members copies steps"]
    count: int
    length: int

    def lengths(self) -> Int64[Tensor, "members count"]:
        """Return the steps of each segment; 0 where a member has fewer segments than another."""
        members = len(self.numbers)
        lengths = torch.zeros(members, self.count, dtype=torch.int64, device=self.numbers.device)
        numbers = self.numbers.flatten(1)
        return lengths.scatter_add_(1, numbers, torch.ones_like(numbers))

    def gather(self, values: Tensor) -> Tensor:
        """Return for each step, [members, copies, steps, ...], what is in segments, [members, count, length, ...]."""
        members = torch.arange(len(self.numbers), device=self.numbers.device)[:, None, None]
        return values[members, self.numbers, self.places]

    def scatter(self, values: Tensor) -> Tensor:
        """Return what belongs to steps, [members, copies, steps, ...], in segments: [members, count, length, ...]."""
        members = torch.arange(len(self.numbers), device=self.numbers.device)[:, None, None]
        segments = values.new_zeros(len(self.numbers), self.count, self.length, *values.shape[3:])
        segments[members, self.numbers, self.places] = values
        return segments

    def place_memory(self, memory: Memory) -> Memory:
        """Return the state before the first step of each segment, [members, count, ...]."""
        members = torch.arange(len(self.numbers), device=self.numbers.device)[:, None]
        placed = {}
        for name, part in memory.items():
            placed[name] = part.new_zeros(len(part), self.count, *part.shape[2:])
            placed[name][members, self.numbers[:, :, 0]] = part
        return placed


def cut_at_ends(ended: Bool[Tensor, "members copies steps"]) -> Segments:
    """Return the segments of sequences. `ended`: whether an episode ended after a step."""
    steps = ended.shape[2]
    begins = torch.ones_like(ended)
    begins[:, :, 1:] = ended[:, :, :-1]
    numbers = begins.flatten(1).long().cumsum(1).view(begins.shape) - 1
    time = torch.arange(steps, device=ended.device).expand(begins.shape)
    places = time - (time * begins).cummax(2).values
    return Segments(numbers, places, int(numbers.max()) + 1, int(places.max()) + 1)
