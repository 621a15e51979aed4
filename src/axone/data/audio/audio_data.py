"""A data set of recordings: samples, classes or transcripts, groups, splits, and what people should know of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from jaxtyping import Int64
from torch import Tensor

from axone.data.audio.cache.format import Row
from axone.data.audio.recordings import Recordings


@dataclass(frozen=True)
class AudioData:
    """Recordings with classes or transcripts, ready to train on.

    Args:
        name: What it is called.
        source: Where it came from, for people.
        recordings: The samples.
        classes: The names of the classes, sorted; empty for recordings with transcripts.
        labels: The class of each recording; -1 for recordings with transcripts.
        transcripts: The transcript of each recording, in NFC with single spaces; the name of the class for classes.
        groups: The group of each recording, such as its speaker; empty where there are none.
        splits: "train", "test" and perhaps "validation" (where the data has its own) -> indices of recordings.
        rows: What is known of the file of each recording.
        notes: Sentences for people to read before training.
        skipped: The files that were not used, each with its reason.
        duplicates: Groups of equal recordings (their indices) in two splits, or with two targets.
    """

    name: str
    source: str
    recordings: Recordings
    classes: tuple[str, ...]
    labels: Int64[Tensor, " recordings"]
    transcripts: tuple[str, ...]
    groups: tuple[str, ...]
    splits: Mapping[str, Int64[Tensor, " _"]]
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    duplicates: tuple[tuple[int, ...], ...] = field(default=())

    @property
    def has_transcripts(self) -> bool:
        """Whether the targets are transcripts rather than classes."""
        return not self.classes

    def fingerprint(self) -> str:
        """Return a sha256 of recordings, targets and splits: a resumed run must get the data of its training."""
        digest = hashlib.sha256(repr((self.classes, self.recordings.rate)).encode())
        for split in sorted(self.splits):
            digest.update(f"{split} {len(self.splits[split])}".encode())
            for index in self.splits[split].tolist():
                digest.update(self.recordings.hashes[index].tobytes())
                digest.update(self.transcripts[index].encode())
        return digest.hexdigest()


def select_recordings(data: AudioData, indices: list[int]) -> AudioData:
    """Return some recordings of a data set that has no splits yet."""
    return replace(
        data,
        recordings=data.recordings.select(indices),
        labels=data.labels[indices],
        transcripts=tuple(data.transcripts[index] for index in indices),
        groups=tuple(data.groups[index] for index in indices) if data.groups else (),
        rows=tuple(data.rows[index] for index in indices),
    )
