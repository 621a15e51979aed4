"""The symbols of a language model: characters, or byte-pair pieces that are trained on the corpus.

Two symbols come first in every vocabulary: the unknown one (0), for what training did not contain, and the boundary
(1), before the first and after the last symbol of each document. A vocabulary is stored in the facts of a run as JSON.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from jaxtyping import Integer
from torch import Tensor

from axone.errors import DataError, ResourceError
from axone.messages import _

UNKNOWN, BOUNDARY, SPECIAL = 0, 1, 2  # the two symbols, and their number
BLOCK = 1 << 20  # bytes of text that are converted at a time
REPLACEMENT = "\ufffd"  # how the unknown symbol is written
CODES = 0x110000  # of Unicode

Symbols = Integer[Tensor, " _"]


class Vocabulary(Protocol):
    """Converts texts into symbols, whole numbers below `size`, and back."""

    kind: str

    @property
    def size(self) -> int:
        """The number of symbols, with the two special ones."""

    def encode(self, data: bytes) -> Symbols:
        """Return the symbols of a text in UTF-8, in the smallest integer type that holds them."""

    def decode(self, symbols: Sequence[int]) -> str:
        """Return the text of symbols; special ones are left out, but for the unknown one."""

    def name(self, symbol: int) -> str:
        """Return what a symbol stands for, for tables and figures."""

    def to_facts(self) -> dict[str, Any]:
        """Return the vocabulary as JSON, for `read_vocabulary`."""


def iterate_text(data: bytes, block: int = BLOCK) -> Iterator[str]:
    """Yield a text in UTF-8 in parts of about `block` bytes, so that one long line needs little memory."""
    start = 0
    while start < len(data):
        end = min(start + block, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:  # within a character
            end += 1
        yield data[start:end].decode()
        start = end


class CharacterVocabulary:
    """Each character is a symbol.

    Args:
        characters: The characters, in the order of their symbols.
    """

    kind = "characters"

    def __init__(self, characters: str) -> None:
        self.characters = characters
        self._numbers = {character: SPECIAL + number for number, character in enumerate(characters)}
        self._table = np.zeros(CODES, np.int16 if self.size < 2**15 else np.int32)
        for character, number in self._numbers.items():
            self._table[ord(character)] = number

    @classmethod
    def from_texts(cls, texts: Iterable[bytes], most: int) -> CharacterVocabulary:
        """Return the `most` most frequent characters of texts, sorted by their codes."""
        counts: Counter[str] = Counter()
        for data in texts:
            for part in iterate_text(data):
                counts.update(part)
        frequent = sorted(counts, key=lambda character: (-counts[character], character))[:most]
        return cls("".join(sorted(frequent)))

    @property
    def size(self) -> int:
        """The number of symbols."""
        return SPECIAL + len(self.characters)

    def encode(self, data: bytes) -> Symbols:
        """Return one symbol per character."""
        kind = np.uint8 if self.size <= 256 else self._table.dtype
        parts = [
            self._table[np.frombuffer(part.encode("utf-32-le"), np.uint32)].astype(kind) for part in iterate_text(data)
        ]
        return torch.from_numpy(np.concatenate([*parts, np.zeros(0, kind)]))

    def decode(self, symbols: Sequence[int]) -> str:
        """Return the text of symbols."""
        return "".join(
            self.characters[symbol - SPECIAL] if symbol >= SPECIAL else REPLACEMENT
            for symbol in symbols
            if symbol != BOUNDARY
        )

    def find(self, character: str) -> int:
        """Return the symbol of a character; the unknown one for a character that training did not contain."""
        return self._numbers.get(character, UNKNOWN)

    def name(self, symbol: int) -> str:
        """Return the character, or what a special symbol is called."""
        return _name_special(symbol) or self.characters[symbol - SPECIAL]

    def to_facts(self) -> dict[str, Any]:
        """Return the vocabulary as JSON."""
        return {"kind": self.kind, "size": self.size, "characters": self.characters}


class PieceVocabulary:
    """Byte-pair pieces: frequent sequences of bytes, merged step by step (Sennrich, Haddow and Birch 2016,
    arXiv:1508.07909). Every text can be written in them, so that no symbol is unknown.

    Args:
        tokenizer: The `tokenizers.Tokenizer`.
    """

    kind = "pieces"

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer

    @classmethod
    def from_texts(cls, texts: Iterable[bytes], size: int) -> PieceVocabulary:
        """Train pieces on texts until there are `size` symbols, or nothing left to merge."""
        tokenizers = import_tokenizers()
        tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
        tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = tokenizers.decoders.ByteLevel()
        trainer = tokenizers.trainers.BpeTrainer(
            vocab_size=size,
            show_progress=False,
            special_tokens=["<unknown>", "<boundary>"],
            initial_alphabet=sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet()),
        )
        parts = (part for data in texts for part in iterate_text(data))
        tokenizer.train_from_iterator(parts, trainer)
        return cls(tokenizer)

    @property
    def size(self) -> int:
        """The number of symbols."""
        return int(self.tokenizer.get_vocab_size())

    def encode(self, data: bytes) -> Symbols:
        """Return the pieces of a text."""
        kind = np.int16 if self.size < 2**15 else np.int32
        # The names of the special symbols in a text are text.
        self.tokenizer.encode_special_tokens = True
        parts = [
            np.array(self.tokenizer.encode(part, add_special_tokens=False).ids, kind) for part in iterate_text(data)
        ]
        return torch.from_numpy(np.concatenate([*parts, np.zeros(0, kind)]))

    def decode(self, symbols: Sequence[int]) -> str:
        """Return the text of pieces; bytes that are no whole character are written as a replacement character."""
        return str(self.tokenizer.decode([symbol for symbol in symbols if symbol >= SPECIAL]))

    def name(self, symbol: int) -> str:
        """Return the text of a piece."""
        return _name_special(symbol) or self.decode([symbol])

    def to_facts(self) -> dict[str, Any]:
        """Return the vocabulary as JSON."""
        return {"kind": self.kind, "size": self.size, "tokenizer": self.tokenizer.to_str()}


def _name_special(symbol: int) -> str:
    return {UNKNOWN: _("(unknown)"), BOUNDARY: _("(boundary)")}.get(symbol, "")


def read_vocabulary(facts: Mapping[str, Any]) -> CharacterVocabulary | PieceVocabulary:
    """Return the vocabulary that `to_facts` wrote. Raises DataError when a run's own is damaged."""
    if facts["kind"] == "characters":
        return CharacterVocabulary(facts["characters"])
    tokenizers = import_tokenizers()
    try:
        tokenizer = tokenizers.Tokenizer.from_str(facts["tokenizer"])
    except Exception as error:  # tokenizers raises Exception itself
        raise DataError(_("The vocabulary of the run is damaged: {reason}.", reason=str(error)[:200])) from None
    return PieceVocabulary(tokenizer)


def import_tokenizers() -> Any:
    """Return the module `tokenizers`. Raises ResourceError, with what to type, when it is not installed."""
    try:
        import tokenizers
        import tokenizers.decoders
        import tokenizers.models
        import tokenizers.pre_tokenizers
        import tokenizers.trainers
    except ImportError:
        raise ResourceError(
            _("Byte-pair pieces need the library tokenizers, which is not installed."),
            hint=_("type: pip install 'axone[text]', or --symbols characters"),
        ) from None
    return tokenizers
