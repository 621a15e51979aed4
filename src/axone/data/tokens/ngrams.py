"""Hashed n-grams: the numbers of sequences of characters or of words, without a vocabulary.

An n-gram's number is a hash of its characters in a fixed number of buckets, so that unseen ones have a number too and
no list of n-grams is stored (Weinberger et al. 2009, arXiv:0902.2206). The hash is a polynomial modulo 2^64, which is
computed for all texts and each n in a few operations on arrays. It is the same on every machine.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64, UInt64

BASE = np.uint64(1099511628211)  # of the polynomial
GOLDEN, MIXER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)  # of splitmix64
SPACE = np.uint64(33)  # the code of a space, counted from 1
WORD_SPACE = np.uint64(1 << 40)  # separates n-grams of words from those of characters


class NGrams(NamedTuple):
    """Occurrences of n-grams in several texts."""

    owner: Int64[np.ndarray, " occurrences"]  # the number of the text
    start: Int64[np.ndarray, " occurrences"]  # the place of the first character or token in its text
    length: Int64[np.ndarray, " occurrences"]  # characters or tokens
    bucket: Int64[np.ndarray, " occurrences"]  # from 1 to 2^bits


def character_ngrams(texts: Sequence[str], lowest: int, highest: int, bits: int) -> NGrams:
    """Return the n-grams of characters within the words of texts, where a word begins and ends with a space.

    Args:
        texts: Normalized texts. `start` counts their characters; a space before the text is at -1.
        lowest: The smallest n, at least 1.
        highest: The largest n.
        bits: The binary logarithm of the number of buckets.
    """
    padded = [f" {text} " for text in texts]
    lengths = np.array([len(text) for text in padded], dtype=np.int64)
    owner = np.repeat(np.arange(len(padded)), lengths)
    place = np.arange(lengths.sum()) - np.repeat(lengths.cumsum() - lengths, lengths) - 1
    data = "".join(padded).encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(data, dtype="<u4").astype(np.uint64) + np.uint64(1)
    is_space = np.isin(codes, np.array([ord(space) + 1 for space in " \t\n\r\f\v\u00a0"], dtype=np.uint64))
    codes[is_space] = SPACE
    parts = []
    hashes, crosses = np.zeros_like(codes), np.zeros(len(codes), dtype=bool)
    for n in range(1, highest + 1):
        count = max(0, len(codes) - n + 1)
        hashes = hashes[:count] * BASE + codes[n - 1 :]
        crosses = crosses[:count] | (owner[:count] != owner[n - 1 :])
        if n > 2:
            crosses |= is_space[n - 2 : n - 2 + count]  # a space inside: two words
        if n >= lowest:
            is_used = ~crosses if n > 2 else ~crosses & ~(is_space[:count] & is_space[n - 1 :])
            size = np.full(int(is_used.sum()), n)
            parts.append(NGrams(owner[:count][is_used], place[:count][is_used], size,
                                to_buckets(hashes[is_used] + np.uint64(n), bits)))  # fmt: skip
    return join_ngrams(parts)


def word_ngrams(tokens: Sequence[Sequence[str]], highest: int, bits: int) -> NGrams:
    """Return the n-grams of 1 to `highest` tokens of texts that are split; `start` counts tokens."""
    known: dict[str, int] = {}
    owner, place, hashes = [], [], []
    for number, words in enumerate(tokens):
        for word in words:
            if word not in known:
                known[word] = zlib.crc32(word.encode("utf-8", "surrogatepass"))
        owner.append(np.full(len(words), number))
        place.append(np.arange(len(words)))
        hashes.append(np.array([known[word] for word in words], dtype=np.uint64))
    owners, places = (np.concatenate(column).astype(np.int64) if column else np.zeros(0, np.int64)
                      for column in (owner, place))  # fmt: skip
    singles = np.concatenate(hashes) if hashes else np.zeros(0, np.uint64)
    rolling, parts = np.zeros_like(singles), []
    for n in range(1, highest + 1):
        count = max(0, len(singles) - n + 1)
        rolling = rolling[:count] * BASE + singles[n - 1 :]
        is_used = owners[:count] == owners[n - 1 :]
        size = np.full(int(is_used.sum()), n)
        parts.append(NGrams(owners[:count][is_used], places[:count][is_used], size,
                            to_buckets(rolling[is_used] + WORD_SPACE * np.uint64(n), bits)))  # fmt: skip
    return join_ngrams(parts)


def to_buckets(hashes: UInt64[np.ndarray, " n"], bits: int) -> Int64[np.ndarray, " n"]:
    """Return the bucket of each hash, from 1 to 2^bits: its upper bits after mixing (splitmix64)."""
    mixed = hashes * GOLDEN
    mixed ^= mixed >> np.uint64(29)
    mixed *= MIXER
    return (mixed >> np.uint64(64 - bits)).astype(np.int64) + 1


def join_ngrams(parts: Sequence[NGrams]) -> NGrams:
    """Return all occurrences of several parts."""
    if not parts:
        return NGrams(*(np.zeros(0, dtype=np.int64) for _ in range(4)))
    return NGrams(*(np.concatenate(columns).astype(np.int64) for columns in zip(*parts)))
