"""Load a data set of recordings: one with a name, a folder, or a table of files. Each is decoded once.

`load_audio` returns everything: samples, classes or transcripts, groups, splits, and all that people should know
before training (`AudioData.describe`, `AudioData.report`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jaxtyping import Int64
from torch import Tensor

from axone.data.audio.file import LONGEST
from axone.data.audio.recordings import Recordings
from axone.progress import Progress, ignore_progress

TEST_FRACTION = 0.15


@dataclass(frozen=True)
class AudioData:
    """Recordings with classes or transcripts, ready to train on.

    Args:
        name: What it is called.
        source: Where it came from, for people.
        recordings: The samples.
        classes: The names of the classes, sorted; empty for recordings with transcripts.
        labels: The class of each recording; -1 for recordings with transcripts.
        transcripts: The transcript of each recording, normalized to NFC without outer spaces; empty for classes.
        groups: The group of each recording, such as its speaker; empty where there are none.
        splits: "train", "test" and perhaps "validation" (where the data has its own) -> indices of recordings.
        notes: Sentences for people to read before training.
        skipped: The files that were not used, each with its reason.
        duplicates: Groups of equal recordings (their indices) in two splits, or with two targets.
        facts: What the notes are made of: rates, channels, formats, lengths.
    """

    name: str
    source: str
    recordings: Recordings
    classes: tuple[str, ...]
    labels: Int64[Tensor, " recordings"]
    transcripts: tuple[str, ...]
    groups: tuple[str, ...]
    splits: Mapping[str, Int64[Tensor, " _"]]
    notes: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    duplicates: tuple[tuple[int, ...], ...] = ()
    facts: Mapping[str, Any] | None = None

    @property
    def has_transcripts(self) -> bool:
        """Whether the targets are transcripts rather than classes."""
        return not self.classes


def load_audio(
    source: str,
    *,
    target: str | None = None,
    group: str | None = None,
    held_out: Sequence[str] = (),
    rate: int | None = None,
    longest: float = LONGEST,
    test_fraction: float = TEST_FRACTION,
    seed: int = 0,
    limit: int = 0,
    whole: bool = False,
    classes: Sequence[str] | None = None,
    progress: Progress = ignore_progress,
) -> AudioData:
    """Load a data set of recordings.

    Args:
        source: The name of a data set of `AUDIO_SETS`, a folder CLASS/*.wav (perhaps in train, val and test), a folder
            of files whose names contain their class, or a CSV (or Parquet ...) file of paths and labels or transcripts.
        target: The column of the labels or transcripts; or, for a folder, a pattern of the file names such as
            "{label}_*". None: found.
        group: The column of the groups, such as the speaker; or a pattern such as "*_{group}_*". None: none.
        held_out: Groups that become the test set. Empty with groups: whole groups are drawn for it.
        rate: The sampling rate in Hz; None: the most frequent one of the files, at most 16,000.
        longest: Recordings that are longer, in seconds, are left out.
        test_fraction: The fraction that becomes the test set of data without one.
        seed: The seed of that split.
        limit: Use this many recordings at most, drawn at random from each split; 0: all.
        whole: Whether all of it will be evaluated, whatever its division: everything is then in "test".
        classes: The classes in their order, when a run knows them already.
        progress: Counts recordings.

    Raises:
        DataError: There is no such source, it cannot be used, or more than 5 % of its files are unusable.
        ResourceError: It may not be read, does not fit on the disk, or a library is missing.
    """
    raise NotImplementedError


def hold_out(
    data: AudioData, indices: Int64[Tensor, " _"], fraction: float, seed: int
) -> tuple[Int64[Tensor, " kept"], Int64[Tensor, " held_out"]]:
    """Split some recordings of a data set, for example into training and validation: whole groups where it has groups.

    Otherwise the fraction is taken of each class, or of each third of the transcripts by length. Duplicates stay in
    one part.
    """
    raise NotImplementedError
