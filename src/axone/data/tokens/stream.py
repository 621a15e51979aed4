"""Batches of encoded texts of similar length, padded at the end."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Int64, Shaped
from torch import Tensor

from axone.data.sequences.buckets import BucketedStream
from axone.data.tokens.encoder import EncodedTexts


class TextBatch(NamedTuple):
    """A batch of texts and their targets; see `EncodedTexts` for the numbers."""

    tokens: Int64[Tensor, "batch steps"]
    pieces: Int64[Tensor, "batch steps pieces"]
    lengths: Int64[Tensor, " batch"]
    word_ngrams: Int64[Tensor, "batch words"]
    character_ngrams: Int64[Tensor, "batch characters"]
    targets: Shaped[Tensor, "batch ..."]
    index: Int64[Tensor, " batch"]  # type: ignore[assignment]  # the numbers of the texts

    def inputs(self, names: Sequence[str]) -> dict[str, Tensor]:
        """Return those inputs that a network takes, by their names."""
        return {name: getattr(self, name) for name in names}


class TextStream(BucketedStream[TextBatch]):
    """Batches of texts.

    Args:
        texts: All texts.
        targets: The class of each text, or 0 and 1 for each class.
        indices, batch_size, seed, shuffle, drop_last: See `IndexedStream`.
    """

    def __init__(
        self,
        texts: EncodedTexts,
        targets: Shaped[Tensor, "texts ..."],
        *,
        indices: Int64[Tensor, " samples"],
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
        drop_last: bool = False,
    ) -> None:
        super().__init__(indices, batch_size=batch_size, seed=seed, shuffle=shuffle, drop_last=drop_last)
        self.texts, self.targets, self.device = texts, targets, torch.device("cpu")

    @property
    def index_device(self) -> torch.device:
        """The CPU, where texts stay until they are in a batch."""
        return torch.device("cpu")

    @property
    def lengths(self) -> Int64[Tensor, " texts"]:
        """The number of steps of each text."""
        return self.texts.tokens.lengths

    def read_batch(self, index: Int64[Tensor, " batch"], epoch: int, number: int) -> TextBatch:
        """Return the texts `index`."""
        inputs = gather_texts(self.texts, index)
        others = {"targets": self.targets[index], "index": index}
        return TextBatch(**{name: part.to(self.device) for name, part in {**inputs, **others}.items()})

    def to(self, device: torch.device | str) -> TextStream:
        """Return the same stream with its batches on a device."""
        stream = copy.copy(self)
        stream.device = torch.device(device)
        return stream


def gather_texts(texts: EncodedTexts, index: Int64[Tensor, " batch"]) -> dict[str, Tensor]:
    """Return the inputs of a network for some texts by name: tokens, pieces, lengths, n-grams of both kinds."""
    tokens, lengths = texts.tokens.pad(index), texts.tokens.lengths[index]
    inside = torch.arange(tokens.shape[1]) < lengths[:, None]
    pieces = texts.pieces[texts.forms.pad(index)] * inside[:, :, None]
    return {
        "tokens": tokens,
        "pieces": pieces,
        "lengths": lengths,
        "word_ngrams": texts.word_ngrams.pad(index),
        "character_ngrams": texts.character_ngrams.pad(index),
    }
