"""Batches of recordings: samples of similar length, augmented, as log-mel features, with their targets."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from axone.data.audio.augment import Augmentation, mask_features
from axone.data.audio.features import LogMel
from axone.data.audio.recordings import Recordings
from axone.data.random import make_generator
from axone.data.sequences.buckets import BucketedStream

NO_AUGMENTATION = Augmentation()


class AudioBatch(NamedTuple):
    """A batch of recordings as features, with classes or with symbols."""

    inputs: Float[Tensor, "batch frames bands"]
    lengths: Int64[Tensor, " batch"]  # frames of each recording
    targets: Int64[Tensor, " batch *symbols"]  # the class of each; or its symbols, right-padded with 0
    target_lengths: Int64[Tensor, " batch"]  # the number of symbols of each; 1 for classes
    index: Int64[Tensor, " batch"]  # type: ignore[assignment]  # the indices of the recordings in their data set


class AudioStream(BucketedStream[AudioBatch]):
    """Batches of some recordings of a data set.

    Args:
        recordings: All recordings.
        targets: The class of each recording, or the symbols of each.
        indices: The recordings of this stream.
        batch_size, seed, shuffle, drop_last: See `IndexedStream`.
        bands: The number of mel bands; None: the usual one of the rate.
        augmentation: How recordings are changed. The random generators depend on (seed, epoch, batch number) alone.
    """

    def __init__(
        self,
        recordings: Recordings,
        targets: Int64[Tensor, " recordings"] | Sequence[Int64[Tensor, " _"]],
        *,
        indices: Int64[Tensor, " samples"],
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
        drop_last: bool = False,
        bands: int | None = None,
        augmentation: Augmentation = NO_AUGMENTATION,
    ) -> None:
        super().__init__(indices, batch_size=batch_size, seed=seed, shuffle=shuffle, drop_last=drop_last)
        self.recordings, self.targets, self.augmentation = recordings, targets, augmentation
        self.features = LogMel(recordings.rate, bands)
        self.device = torch.device("cpu")

    @property
    def lengths(self) -> Int64[Tensor, " recordings"]:
        """The samples of each recording."""
        return self.recordings.lengths

    @property
    def index_device(self) -> torch.device:
        """The CPU, on which the samples are."""
        return torch.device("cpu")

    def read_batch(self, index: Int64[Tensor, " batch"], epoch: int, number: int) -> AudioBatch:
        """Return the recordings `index` as features, augmented as batch `number` of an epoch."""
        generator = make_generator("augment", self.seed, epoch, number)
        batch = self.recordings.read_batch(index)
        samples, sample_counts = self.augmentation.change_samples(batch, self.recordings.rate, generator)
        with torch.no_grad():
            inputs, lengths = self.features(samples, sample_counts)
        if self.augmentation.time_masks or self.augmentation.band_masks:
            inputs = mask_features(inputs, lengths, self.augmentation, generator)
        targets, target_lengths = self._collect_targets(index)
        parts = (part.to(self.device) for part in (inputs, lengths, targets, target_lengths, index))
        return AudioBatch(*parts)

    def _collect_targets(self, index: Int64[Tensor, " batch"]) -> tuple[Tensor, Int64[Tensor, " batch"]]:
        if isinstance(self.targets, Tensor):
            return self.targets[index], torch.ones(len(index), dtype=torch.int64)
        symbols = [self.targets[position] for position in index.tolist()]
        lengths = torch.tensor([len(each) for each in symbols], dtype=torch.int64)
        return pad_sequence(symbols, batch_first=True), lengths

    def without_augmentation(self, batch_size: int) -> AudioStream:
        """Return a stream of the same recordings, each once, by increasing length, unchanged."""
        stream = copy.copy(self)
        stream.batch_size, stream.shuffle, stream.drop_last = batch_size, False, False
        stream.augmentation = NO_AUGMENTATION
        return stream

    def select(self, indices: Int64[Tensor, " some"]) -> AudioStream:
        """Return a stream of other recordings of the same data set, unshuffled and unchanged."""
        stream = self.without_augmentation(self.batch_size)
        stream.indices = indices
        return stream

    def to(self, device: torch.device | str) -> AudioStream:
        """Return the same stream with its batches on a device. Samples stay in the CPU's memory."""
        stream = copy.copy(self)
        stream.device = torch.device(device)
        return stream
