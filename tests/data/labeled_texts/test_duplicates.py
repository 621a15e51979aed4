"""Equal texts, contradictory labels and near-duplicates between parts, in bounded time."""

from __future__ import annotations

import torch

from axone.data.labeled_texts import duplicates
from axone.data.labeled_texts.collection import LabeledTexts
from axone.data.labeled_texts.duplicates import find_duplicates, jaccard, shingle_hashes

SENTENCE = "the quick brown fox jumps over the lazy dog near the river bank"


def collection(texts, labels=None):
    labels = labels or [number % 2 for number in range(len(texts))]
    return LabeledTexts("t", "", texts, ("a", "b"), torch.tensor(labels))


def parts(train, test, validation=()):
    return {name: torch.tensor(rows, dtype=torch.int64)
            for name, rows in (("train", train), ("validation", list(validation)), ("test", test))}  # fmt: skip


def test_equal_texts_leaks_and_conflicts_are_found():
    outcome = find_duplicates(collection(["A b", "c", "a  B", "d", "c"], [0, 0, 0, 1, 1]), parts([0, 1, 3], [2], [4]))
    assert outcome.equal == [[0, 2], [1, 4]] and outcome.conflicts == [[1, 4]]
    assert outcome.leaks == {"validation": 1, "test": 1}


def test_near_duplicates_of_training_texts_are_found_and_others_are_not():
    texts = [SENTENCE, SENTENCE.replace("lazy", "sleepy"), "something else entirely, about cats and ships at sea"]
    outcome = find_duplicates(collection(texts), parts([0], [1, 2]))
    (pair,) = outcome.near
    assert (pair.text, pair.training_text) == (1, 0) and pair.similarity > duplicates.NEAR and outcome.compared == 1.0


def test_two_near_duplicates_in_training_are_no_leak():
    texts = [SENTENCE, SENTENCE + "s", "something else entirely, about cats"]
    assert find_duplicates(collection(texts), parts([0, 1], [2])).near == []


def test_many_characters_are_compared_in_a_sample(monkeypatch):
    monkeypatch.setattr(duplicates, "MOST_CHARACTERS", 500)
    texts = [f"{SENTENCE} {number}" for number in range(40)]
    outcome = find_duplicates(collection(texts), parts(list(range(20)), list(range(20, 40))))
    assert outcome.compared < 0.3 and outcome.near


def test_short_texts_have_one_shingle_and_similarity_counts_common_ones():
    assert len(shingle_hashes("ab")) == 1 and len(shingle_hashes("")) == 1
    assert jaccard(shingle_hashes("abcdef"), shingle_hashes("abcdef")) == 1.0
    assert jaccard(shingle_hashes("abcdef"), shingle_hashes("bcdefg")) == 1 / 3


def test_nothing_outside_training_is_nothing_to_compare():
    assert find_duplicates(collection(["a", "b"]), parts([0, 1], [])).near == []
