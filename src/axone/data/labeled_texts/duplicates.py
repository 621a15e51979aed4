"""Texts that occur more than once, and texts of an evaluation that nearly occur in training.

Equal texts are found exactly, apart from case and spaces. Near-duplicates are found by MinHash (Broder 1997): of each
text's set of character 5-grams, the smallest value of each of several hash functions is kept; texts that agree in a
band of them are candidates, whose Jaccard similarity is then computed exactly. Time and memory are bounded: of many
texts a sample is compared, and a bucket with many texts is compared with its first ones only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Int64, UInt64
from torch import Tensor

from axone.data.labeled_texts.collection import LabeledTexts

TRAIN = "train"
SHINGLE = 5  # characters
BANDS, ROWS = 10, 2  # a pair with similarity s is a candidate with probability 1 - (1 - s^ROWS)^BANDS: 0.999 at 0.7
NEAR = 0.7  # Jaccard similarity from which on two texts are near-duplicates
MOST_CHARACTERS = 8_000_000  # of all texts that are compared
LONGEST = 20_000  # characters of a text that are compared
MOST_PER_BUCKET = 20  # training texts with which a text is compared in each bucket


class NearDuplicate(NamedTuple):
    """A text outside the training set, the most similar training text, and their Jaccard similarity."""

    text: int
    training_text: int
    similarity: float


@dataclass(frozen=True)
class Duplicates:
    """What was found.

    Args:
        equal: Groups of two or more equal texts of the parts.
        leaks: For each part other than training, the number of its texts that are also training texts.
        conflicts: Groups of equal texts with different labels.
        near: Near-duplicates of training texts in other parts, the most similar first, without equal texts.
        compared: The fraction of the texts that were compared for near-duplicates.
    """

    equal: list[list[int]]
    leaks: dict[str, int]
    conflicts: list[list[int]]
    near: list[NearDuplicate]
    compared: float


def find_duplicates(collection: LabeledTexts, parts: Mapping[str, Int64[Tensor, " _"]]) -> Duplicates:
    """Return equal texts and near-duplicates among the texts of the parts as they are used."""
    part_of = {row: part for part, rows in parts.items() for row in rows.tolist()}
    keys = {row: " ".join(collection.texts[row].casefold().split()) for row in sorted(part_of)}
    groups: dict[str, list[int]] = defaultdict(list)
    for row, key in keys.items():
        groups[key].append(row)
    equal = [rows for rows in groups.values() if len(rows) > 1]
    leaks = {part: 0 for part in parts if part != TRAIN}
    leaked = set()
    for rows in equal:
        if any(part_of[row] == TRAIN for row in rows):
            for row in rows:
                if part_of[row] != TRAIN:
                    leaks[part_of[row]] += 1
                    leaked.add(row)
    targets = collection.targets
    conflicts = [rows for rows in equal if any(not torch.equal(targets[row], targets[rows[0]]) for row in rows)]
    near, compared = _find_near(keys, part_of, leaked)
    return Duplicates(equal, leaks, conflicts, near, compared)


def _find_near(
    keys: Mapping[int, str], part_of: Mapping[int, str], leaked: set[int]
) -> tuple[list[NearDuplicate], float]:
    """Return near-duplicates of training texts in other parts, and the fraction of the texts that were compared."""
    outside = [row for row in keys if part_of[row] != TRAIN and row not in leaked]
    training = [row for row in keys if part_of[row] == TRAIN]
    if not outside or not training:
        return [], 1.0
    total = sum(min(len(key), LONGEST) for key in keys.values())
    step = -(-total // MOST_CHARACTERS)
    rows = training[::step] + outside[::step]
    shingles = [shingle_hashes(keys[row][:LONGEST]) for row in rows]
    signatures = compute_signatures(shingles)
    border, similarities = len(training[::step]), {}
    for band in range(BANDS):
        columns = signatures[:, band * ROWS : (band + 1) * ROWS]
        buckets: dict[bytes, list[int]] = defaultdict(list)
        for place, column in enumerate(columns):
            key = column.tobytes()
            if place < border:
                if len(buckets[key]) < MOST_PER_BUCKET:
                    buckets[key].append(place)
                continue
            for other in buckets.get(key, ()):
                if (place, other) not in similarities:
                    similarities[place, other] = jaccard(shingles[place], shingles[other])
    best: dict[int, NearDuplicate] = {}
    for (place, other), similarity in similarities.items():
        if similarity >= NEAR and similarity > best.get(place, NearDuplicate(0, 0, 0.0)).similarity:
            best[place] = NearDuplicate(rows[place], rows[other], round(similarity, 4))
    near = sorted(best.values(), key=lambda pair: (-pair.similarity, pair.text))
    return near, 1.0 / step


def shingle_hashes(text: str) -> UInt64[np.ndarray, " shingles"]:
    """Return the distinct hashes of the character 5-grams of a text; of a shorter text, that of the whole."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    size = min(SHINGLE, max(1, len(codes)))
    hashes = np.zeros(max(1, len(codes) - size + 1), dtype=np.uint64)
    for place in range(min(size, len(codes))):
        hashes = hashes * np.uint64(1099511628211) + codes[place : place + len(hashes)]
    return np.unique(hashes)


def compute_signatures(shingles: Sequence[UInt64[np.ndarray, " _"]]) -> UInt64[np.ndarray, "texts hashes"]:
    """Return the smallest value of each hash function over the shingles of each text."""
    generator = np.random.default_rng(0)
    factors = generator.integers(1, 2**63, BANDS * ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    lengths = np.array([len(each) for each in shingles])
    flat, starts = np.concatenate(shingles), lengths.cumsum() - lengths
    columns = []
    for factor in factors:
        mixed = flat * factor
        mixed ^= mixed >> np.uint64(31)
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        columns.append(np.minimum.reduceat(mixed >> np.uint64(16), starts))
    return np.stack(columns, axis=1)


def jaccard(one: UInt64[np.ndarray, " _"], other: UInt64[np.ndarray, " _"]) -> float:
    """Return the number of common values of two sorted sets, divided by that of all."""
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common)
