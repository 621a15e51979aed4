"""Encode texts as numbers: a vocabulary of tokens, hashed pieces of tokens, hashed n-grams of the whole text.

A `TextEncoder` is fitted on the training texts and described by facts of the run, so that any text is read as in
training. A token that is not in the vocabulary still has pieces, which say much about it: its beginning, its ending.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor

from axone.data.tokens.ngrams import NGrams, character_ngrams, word_ngrams
from axone.data.tokens.split import Token, Unit, normalize_text, split_text

PADDING, UNKNOWN = 0, 1  # indices of tokens; those of the vocabulary follow
RESERVED = 2
LEAST_COUNT = 2  # training texts in which a token must occur to be in the vocabulary
WORD_PIECES, CHARACTER_PIECES = (3, 5), (2, 4)  # lengths of the pieces of a token
MOST_PIECES = 24  # of a token
CHARACTER_NGRAMS = (2, 6)  # lengths of the n-grams of characters of a text
WORD_NGRAMS = 2  # the longest n-gram of words of a text
MOST_NGRAMS = 20_000  # of each kind in a text


class Ragged:
    """Rows of different lengths, stored one after the other.

    Args:
        values: All rows together.
        lengths: The length of each row.
    """

    def __init__(self, values: Int64[Tensor, " values"], lengths: Int64[Tensor, " rows"]) -> None:
        self.values, self.lengths = values, lengths
        self.starts = lengths.cumsum(0) - lengths

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, row: int) -> Int64[Tensor, " length"]:
        start = int(self.starts[row])
        return self.values[start : start + int(self.lengths[row])]

    def pad(self, rows: Int64[Tensor, " batch"], padding: int = 0) -> Int64[Tensor, "batch longest"]:
        """Return some rows, filled up to the longest of them (at least one value) with `padding`."""
        lengths = self.lengths[rows]
        places = torch.arange(max(1, int(lengths.max()) if len(rows) else 1))
        inside = places < lengths[:, None]
        if not len(self.values):
            return torch.full(inside.shape, padding)
        at = (self.starts[rows][:, None] + places).clamp_max(len(self.values) - 1)
        return torch.where(inside, self.values[at], padding)


@dataclass(frozen=True)
class EncodedTexts:
    """Texts as numbers.

    Args:
        tokens: The indices of the tokens of each text; one `UNKNOWN` for a text without tokens.
        forms: For each token, the row of its pieces in `pieces`.
        pieces: The buckets of the pieces of each distinct token; 0 where there is none.
        word_ngrams: The buckets of the n-grams of words of each text, each once, and a last one that every text has.
        character_ngrams: The same for n-grams of characters.
    """

    tokens: Ragged
    forms: Ragged
    pieces: Int64[Tensor, "forms pieces"]
    word_ngrams: Ragged
    character_ngrams: Ragged

    def __len__(self) -> int:
        return len(self.tokens)


@dataclass(frozen=True)
class TextEncoder:
    """How the texts of a run are encoded.

    Args:
        unit: What a step of the sequence is: "words" or "characters".
        lowercase: Whether upper and lower case are the same.
        vocabulary: The tokens that have an index of their own, from `RESERVED`.
        piece_bits: The binary logarithm of the number of buckets for pieces of tokens.
        ngram_bits: The same for n-grams of a text.
        longest: The number of tokens of a text from which on the rest is not read as a sequence. The n-grams are
            those of the whole text.
    """

    unit: Unit
    lowercase: bool
    vocabulary: tuple[str, ...]
    piece_bits: int
    ngram_bits: int
    longest: int

    @classmethod
    def fit(cls, texts: Sequence[str], *, unit: Unit, lowercase: bool, most_tokens: int, **sizes: int) -> TextEncoder:
        """Return the encoder for training texts, with the `most_tokens` most frequent tokens as the vocabulary."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update({token.text for token in split_text(normalize_text(text, lowercase), unit)})
        frequent = [(-count, token) for token, count in counts.items() if count >= LEAST_COUNT]
        vocabulary = tuple(token for _count, token in sorted(frequent)[:most_tokens])
        return cls(unit, lowercase, vocabulary, **sizes)

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> TextEncoder:
        """Return the encoder that `to_facts` described."""
        described = dict(facts["encoder"])
        return cls(**{**described, "vocabulary": tuple(described["vocabulary"])})

    def to_facts(self) -> dict[str, Any]:
        """Return the encoder as values that JSON can hold."""
        return {**vars(self), "vocabulary": list(self.vocabulary)}

    @property
    def token_count(self) -> int:
        """The number of indices of tokens."""
        return RESERVED + len(self.vocabulary)

    @property
    def piece_count(self) -> int:
        """The number of buckets of pieces, with 0 for none."""
        return 2**self.piece_bits + 1

    @property
    def ngram_count(self) -> int:
        """The number of buckets of n-grams, with 0 for none, and the last for what every text has."""
        return 2**self.ngram_bits + 2

    def split(self, text: str) -> tuple[str, list[Token]]:
        """Return a normalized text and its tokens, without those beyond the longest sequence."""
        normalized = normalize_text(text, self.lowercase)
        return normalized, split_text(normalized, self.unit)[: self.longest]

    def encode(self, texts: Sequence[str]) -> EncodedTexts:
        """Return texts as numbers."""
        indices = {token: place for place, token in enumerate(self.vocabulary, RESERVED)}
        rows: dict[str, int] = {}  # of each distinct form
        normalized, words, tokens, forms = [], [], [], []
        for text in texts:
            text = normalize_text(text, self.lowercase)
            normalized.append(text)
            split = split_text(text, self.unit)
            words.append([token.text for token in (split if self.unit == "words" else split_text(text, "words"))])
            split = split[: self.longest]
            tokens.append([indices.get(token.text, UNKNOWN) for token in split] or [UNKNOWN])
            forms.append([rows.setdefault(self._form(text, token), len(rows)) for token in split] or [
                rows.setdefault("", len(rows))
            ])  # fmt: skip
        return EncodedTexts(
            _to_ragged(tokens),
            _to_ragged(forms),
            self._find_pieces(list(rows)),
            keep_distinct(word_ngrams(words, WORD_NGRAMS, self.ngram_bits), len(texts), self.ngram_count - 1),
            keep_distinct(
                character_ngrams(normalized, *CHARACTER_NGRAMS, self.ngram_bits), len(texts), self.ngram_count - 1
            ),
        )

    def _form(self, text: str, token: Token) -> str:
        """Return what the pieces of a token depend on: the word itself, or a character and those after it."""
        return token.text if self.unit == "words" else text[token.start : token.start + CHARACTER_PIECES[1]]

    def _find_pieces(self, forms: Sequence[str]) -> Int64[Tensor, "forms pieces"]:
        """Return the buckets of the pieces of each form; 0 where it has fewer than the others."""
        listed = [[self._hash(piece) for piece in self._list_pieces(form)[:MOST_PIECES]] for form in forms]
        return _to_ragged(listed).pad(torch.arange(len(forms)))

    def _list_pieces(self, form: str) -> list[str]:
        if self.unit == "characters":
            return [form[:n] for n in range(CHARACTER_PIECES[0], len(form) + 1)]
        word, (lowest, highest) = f" {form} ", WORD_PIECES
        return [word[start : start + n] for n in range(lowest, highest + 1) for start in range(len(word) - n + 1)]

    def _hash(self, piece: str) -> int:
        mixed = zlib.crc32(piece.encode("utf-8", "surrogatepass")) * 0x9E3779B1 & 0xFFFFFFFF
        return (mixed >> (32 - self.piece_bits)) + 1  # 0 is no piece


def keep_distinct(ngrams: NGrams, texts: int, constant: int) -> Ragged:
    """Return the distinct buckets of each text in ascending order, and at its end the bucket that every text has."""
    # Sorting is several times as fast as np.unique.
    keys = np.sort(np.append(ngrams.owner << 32 | ngrams.bucket, np.arange(texts) << 32 | constant))
    keys = keys[np.append(True, keys[1:] != keys[:-1])] if len(keys) else keys
    owner = keys >> 32
    lengths = np.bincount(owner, minlength=texts)
    place = np.arange(len(keys)) - np.repeat(lengths.cumsum() - lengths, lengths)
    from_end = np.repeat(lengths, lengths) - 1 - place
    is_used = from_end < MOST_NGRAMS
    return Ragged(torch.from_numpy(keys[is_used] & 0xFFFFFFFF), torch.from_numpy(np.minimum(lengths, MOST_NGRAMS)))


def _to_ragged(rows: Sequence[Sequence[int]]) -> Ragged:
    lengths = torch.tensor([len(row) for row in rows], dtype=torch.int64)
    return Ragged(torch.tensor([value for row in rows for value in row], dtype=torch.int64), lengths)
