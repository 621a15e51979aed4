"""Batches of pieces: excerpts in random keys, of similar lengths in each batch. All is a function of (seed, epoch)."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from axone.data.notes.score import PITCHES, Piece
from axone.data.random import make_generator
from axone.data.sequences.buckets import group_by_length
from axone.data.stream import IndexedStream
from axone.tasks.music.tokens import POSITIONS, Tokens, encode, pad, transpose

BATCHES_IN_GROUP = 8  # sorted by length together: there are few pieces, which should not always meet the same others


class NoteBatch(NamedTuple):
    """A batch for the objective "notes"."""

    tokens: Tokens
    steps: int  # of all pieces


class StepBatch(NamedTuple):
    """A batch for the objective "sigmoids": the pitches of each step as ones and zeros."""

    previous: Float[Tensor, "batch steps pitches"]
    positions: Int64[Tensor, "batch steps"]
    targets: Float[Tensor, "batch steps pitches"]
    own: Bool[Tensor, "batch steps"]  # False at the padding

    @property
    def steps(self) -> int:
        """The number of steps of all pieces."""
        return int(self.own.sum())


class _Example(NamedTuple):
    piece: int
    first: int  # step
    steps: int


class MusicStream(IndexedStream[NoteBatch | StepBatch]):
    """Batches of excerpts of pieces.

    Args:
        pieces: The pieces.
        objective: "notes" or "sigmoids", which decides what a batch contains.
        excerpt: The longest excerpt in steps; 0: whole pieces. Excerpts begin elsewhere in each epoch.
        keys: The lowest and the highest transposition in semitones, drawn for each example of each epoch.
        batch_size, seed, shuffle: See `IndexedStream`.
    """

    def __init__(
        self,
        pieces: Sequence[Piece],
        objective: str,
        *,
        batch_size: int,
        excerpt: int = 0,
        keys: tuple[int, int] = (0, 0),
        seed: int = 0,
        shuffle: bool = True,
    ) -> None:
        self.pieces, self.objective, self.keys = pieces, objective, keys
        self.excerpt = excerpt
        self.examples = [
            _Example(number, first, min(excerpt or len(piece), len(piece) - first))
            for number, piece in enumerate(pieces)
            for first in range(0, len(piece), excerpt or len(piece))
        ]
        self._encoded = [encode(piece) for piece in pieces] if objective == "notes" else []
        self._lengths = torch.tensor([example.steps for example in self.examples])
        self._device = torch.device("cpu")
        super().__init__(torch.arange(len(self.examples)), batch_size=batch_size, seed=seed, shuffle=shuffle)

    @property
    def mean_length(self) -> int:
        """The mean number of tokens, or of steps, of an example."""
        items = sum(len(tokens.targets) for tokens, _bounds in self._encoded) or int(self._lengths.sum())
        return max(1, items // max(1, len(self.examples)))

    @property
    def index_device(self) -> torch.device:
        """The device of the indices: batches are assembled on the CPU."""
        return torch.device("cpu")

    def to(self, device: torch.device | str) -> MusicStream:
        """Return the same stream with its batches on a device."""
        other = copy.copy(self)
        other._device = torch.device(device)
        return other

    def order(self, epoch: int) -> Int64[Tensor, " samples"]:
        """Return the order of an epoch: random, with examples of similar lengths in each batch."""
        generator = make_generator("batches", self.seed, epoch) if self.shuffle else None
        return group_by_length(super().order(epoch), self._lengths, self.batch_size, generator, BATCHES_IN_GROUP)

    def read_batch(self, index: Int64[Tensor, " batch"], epoch: int, number: int) -> NoteBatch | StepBatch:
        """Return the examples `index`, each from a place and in a key drawn for this batch of this epoch."""
        generator = make_generator("excerpts", self.seed, epoch, number)
        drawn = torch.rand(len(index), 2, generator=generator).tolist()
        chosen = []
        for position, (place, key) in zip(index.tolist(), drawn, strict=True):
            example = self.examples[position]
            piece = self.pieces[example.piece]
            if self.shuffle and self.excerpt and len(piece) > self.excerpt:
                last = len(piece) - example.steps
                example = example._replace(first=min(last, max(0, example.first + round((place - 0.5) * self.excerpt))))
            chosen.append((example, self._choose_key(piece, key)))
        steps = sum(example.steps for example, _key in chosen)
        if self.objective == "notes":
            tokens = pad([self._cut_tokens(example, key) for example, key in chosen])
            return NoteBatch(Tokens(*(part.to(self._device) for part in tokens)), steps)
        return self._stack_steps(chosen)

    def _choose_key(self, piece: Piece, draw: float) -> int:
        """Return a transposition after which no pitch is out of MIDI's range."""
        low, high = self.keys
        semitones = min(high, low + int(draw * (high - low + 1)))
        pitches = [pitch for frame in piece.frames for pitch in frame]
        return max(-min(pitches, default=0), min(semitones, PITCHES - 1 - max(pitches, default=0)))

    def _cut_tokens(self, example: _Example, key: int) -> Tokens:
        tokens, bounds = self._encoded[example.piece]
        cut = slice(int(bounds[example.first]), int(bounds[example.first + example.steps]))
        part = Tokens(*(field[cut] for field in tokens))
        return part._replace(
            previous=transpose(part.previous, key), context=transpose(part.context, key),
            targets=transpose(part.targets, key),
        )  # fmt: skip

    def _stack_steps(self, chosen: Sequence[tuple[_Example, int]]) -> StepBatch:
        longest = max(example.steps for example, _key in chosen)
        # One step more than the targets have: the network reads the step before each.
        sounding = torch.zeros(len(chosen), longest + 1, PITCHES)
        positions = torch.zeros(len(chosen), longest, dtype=torch.int64)
        own = torch.zeros(len(chosen), longest, dtype=torch.bool)
        for row, (example, key) in enumerate(chosen):
            piece, first, end = self.pieces[example.piece], example.first, example.first + example.steps
            for column, step in enumerate(range(first - 1, end)):
                if step >= 0:
                    sounding[row, column, [pitch + key for pitch in piece.frames[step]]] = 1.0
            positions[row, : example.steps] = torch.tensor(piece.positions[first:end]).clamp(max=POSITIONS - 1)
            own[row, : example.steps] = True
        parts = (sounding[:, :-1], positions, sounding[:, 1:], own)
        return StepBatch(*(part.to(self._device) for part in parts))
