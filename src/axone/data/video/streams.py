"""Batches of frames: clips cut from videos, and scenes that are generated anew for each batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from axone.data.random import make_generator
from axone.data.stream import IndexedStream, StatelessStream
from axone.data.video.sprites import make_scenes


class FrameBatch(NamedTuple):
    """Clips: the frames that are observed, those that follow, and what goes straight on.

    Args:
        past: Pixels from 0 to 1.
        future: The frames to predict.
        straight: The future of scenes whose sprites go straight on; empty in clips of videos, whose motion can only be
            estimated from the frames.
    """

    past: Float[Tensor, "batch past channels height width"]
    future: Float[Tensor, "batch future channels height width"]
    straight: Float[Tensor, "batch straight_steps channels height width"]


def list_clips(parts: Sequence[tuple[int, int]], clip: int, stride: int = 1, most: int = 0) -> Int64[Tensor, " clips"]:
    """Return the first frame of every clip of `clip` frames that lies within a part (start, stop).

    Args:
        parts: The parts as positions of frames.
        clip: The number of frames in a clip.
        stride: Frames from the beginning of a clip to that of the next.
        most: The largest number of clips, evenly spaced among all; 0: all.
    """
    starts = [torch.arange(start, stop - clip + 1, stride) for start, stop in parts if stop - start >= clip]
    clips = torch.cat(starts) if starts else torch.empty(0, dtype=torch.int64)
    if most and len(clips) > most:
        clips = clips[torch.linspace(0, len(clips) - 1, most).round().long()]
    return clips


class ClipStream(IndexedStream[FrameBatch]):
    """Batches of clips of videos.

    Args:
        frames: The frames of all videos.
        starts: The first frame of each clip.
        past: The number of observed frames.
        future: The number of frames to predict.
        batch_size: The number of clips in a batch.
        seed: The seed of the order.
        shuffle: False: the order of `starts`.
    """

    def __init__(
        self,
        frames: UInt8[Tensor, "frames height width channels"],
        starts: Int64[Tensor, " clips"],
        *,
        past: int,
        future: int,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
    ) -> None:
        super().__init__(starts, batch_size=batch_size, seed=seed, shuffle=shuffle, drop_last=shuffle)
        self.frames, self.past, self.future = frames, past, future

    def to(self, device: torch.device | str) -> ClipStream:
        """Return the stream with its frames on a device."""
        if self.frames.device == torch.device(device):
            return self
        return ClipStream(
            self.frames.to(device), self.indices, past=self.past, future=self.future, batch_size=self.batch_size,
            seed=self.seed, shuffle=self.shuffle,
        )  # fmt: skip

    @property
    def index_device(self) -> torch.device:
        """The device of the frames."""
        return self.frames.device

    def read_batch(self, index: Int64[Tensor, " batch"], epoch: int, number: int) -> FrameBatch:
        """Return the clips that begin at these frames."""
        steps = torch.arange(self.past + self.future, device=self.index_device)
        clips = self.frames[index[:, None] + steps].permute(0, 1, 4, 2, 3).float() / 255
        return FrameBatch(clips[:, : self.past], clips[:, self.past :], clips[:, :0])


class SceneStream(StatelessStream[FrameBatch]):
    """Batches of generated scenes, each a pure function of (purpose, seed, epoch, batch).

    Args:
        sprites: The images that move.
        scenes: The number of scenes in an epoch.
        batch_size: The number of scenes in a batch.
        past: The number of observed frames.
        future: The number of frames to predict.
        side: Height and width of the frames in pixels.
        count: The number of sprites in a scene.
        seed: The seed of all scenes.
        fixed: Every epoch has the same scenes, as validation and test need; the name of their purpose. "": new scenes
            in every epoch.
    """

    def __init__(
        self,
        sprites: Float[Tensor, "images size size"],
        *,
        scenes: int,
        batch_size: int,
        past: int,
        future: int,
        side: int,
        count: int,
        seed: int = 0,
        fixed: str = "",
        device: torch.device | str = "cpu",
    ) -> None:
        self.sprites, self.scenes, self.batch_size = sprites, scenes, min(batch_size, scenes)
        self.past, self.future, self.side, self.count = past, future, side, count
        self.seed, self.fixed, self.device = seed, fixed, torch.device(device)

    @property
    def samples(self) -> int:
        """The number of scenes in an epoch."""
        return len(self) * self.batch_size

    def __len__(self) -> int:
        """Return the number of batches in an epoch; scenes that do not fill a batch are not generated."""
        return self.scenes // self.batch_size

    def batches(self, epoch: int, start: int = 0) -> Iterator[FrameBatch]:
        """Yield the batches of an epoch (counted from 1), from batch number `start` (counted from 0) on."""
        for number in range(start, len(self)):
            yield self.make_batch(0 if self.fixed else epoch, number)

    def make_batch(self, epoch: int, number: int) -> FrameBatch:
        """Return one batch. Scenes are generated on the CPU, so that they are the same on every device."""
        generator = make_generator("scenes", self.fixed, self.seed, epoch, number)
        scenes = make_scenes(
            self.sprites, generator, scenes=self.batch_size, observed=self.past, later=self.future, side=self.side,
            count=self.count,
        )  # fmt: skip
        frames = scenes.frames.to(self.device)
        return FrameBatch(frames[:, : self.past], frames[:, self.past :], scenes.straight.to(self.device))

    def to(self, device: torch.device | str) -> SceneStream:
        """Return the stream with its batches on a device."""
        return SceneStream(
            self.sprites, scenes=self.scenes, batch_size=self.batch_size, past=self.past, future=self.future,
            side=self.side, count=self.count, seed=self.seed, fixed=self.fixed, device=device,
        )  # fmt: skip
