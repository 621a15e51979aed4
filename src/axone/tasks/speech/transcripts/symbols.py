"""The symbols of transcripts: every different character of the training transcripts has a number; 0 is the blank."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

import torch
from jaxtyping import Int64
from torch import Tensor


def list_symbols(transcripts: Iterable[str]) -> list[str]:
    """Return the different characters of transcripts, sorted. The number of the first one is 1."""
    return sorted(set("".join(transcripts)))


def encode_symbols(transcript: str, symbols: Sequence[str]) -> Int64[Tensor, " symbols"]:
    """Return the numbers of a transcript's symbols, without those that `symbols` does not contain."""
    numbers = {symbol: number for number, symbol in enumerate(symbols, 1)}
    text = unicodedata.normalize("NFC", transcript)
    return torch.tensor([numbers[symbol] for symbol in text if symbol in numbers], dtype=torch.int64)


def decode_symbols(numbers: Sequence[int], symbols: Sequence[str]) -> str:
    """Return the text of symbols' numbers."""
    return "".join(symbols[number - 1] for number in numbers)


def count_needed_steps(numbers: Int64[Tensor, " symbols"]) -> int:
    """Return the steps that CTC needs for a target: one for each symbol, and a blank between two equal ones."""
    return len(numbers) + int((numbers[1:] == numbers[:-1]).sum())
