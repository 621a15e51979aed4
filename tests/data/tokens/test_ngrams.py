"""Hashed n-grams: which there are, where they are, and that their numbers never change."""

from __future__ import annotations

import numpy as np

from axone.data.tokens.ngrams import NGrams, character_ngrams, join_ngrams, to_buckets, word_ngrams


def spans(ngrams, texts):
    """Return the characters that each n-gram covers, by text."""
    padded = [f" {text} " for text in texts]
    return [
        [padded[o][s + 1 : s + 1 + n] for o, s, n in zip(ngrams.owner, ngrams.start, ngrams.length) if o == text]
        for text in range(len(texts))
    ]


def test_character_ngrams_stay_within_a_word_and_within_a_text():
    texts = ["ab c", "", "abc"]
    covered = spans(character_ngrams(texts, 2, 3, 10), texts)
    assert sorted(covered[0]) == sorted([" a", "ab", "b ", " c", "c ", " ab", "ab ", " c "])
    assert covered[1] == []
    assert sorted(covered[2]) == sorted([" a", "ab", "bc", "c ", " ab", "abc", "bc "])


def test_equal_ngrams_have_equal_buckets_in_any_text():
    together = character_ngrams(["xx", "hello", "yhello"], 3, 3, 16)
    alone = character_ngrams(["hello"], 3, 3, 16)
    assert set(alone.bucket) == set(together.bucket[together.owner == 1])
    shared = set(alone.bucket) & set(together.bucket[together.owner == 2])
    assert len(shared) == 4  # hel, ell, llo, and "lo "


def test_buckets_never_change():
    # A run's weights belong to these numbers: whoever changes the hash breaks every run.
    assert character_ngrams(["ab"], 2, 3, 16).bucket.tolist() == [47912, 1998, 61153, 18348, 36846]
    assert word_ngrams([["a", "b"]], 2, 16).bucket.tolist() == [55545, 37177, 60189]


def test_word_ngrams_have_an_order_and_end_with_their_text():
    ngrams = word_ngrams([["a", "b"], ["b", "a"], []], 2, 16)
    assert ngrams.owner.tolist() == [0, 0, 1, 1, 0, 1] and ngrams.length.tolist() == [1, 1, 1, 1, 2, 2]
    one, two, _x, _y, forward, backward = ngrams.bucket.tolist()
    assert one != two and forward != backward


def test_buckets_are_spread_evenly_from_one():
    buckets = to_buckets(np.arange(100_000, dtype=np.uint64), 8)
    counts = np.bincount(buckets, minlength=257)
    assert counts[0] == 0 and len(counts) == 257 and counts[1:].min() > 0.7 * 100_000 / 256


def test_lone_surrogates_and_wide_characters_have_ngrams():
    assert len(character_ngrams(["\ud800x", "😀😀"], 2, 2, 8).bucket) == 6


def test_nothing_has_no_ngrams():
    assert [len(part) for part in join_ngrams([])] == [0, 0, 0, 0]
    assert isinstance(character_ngrams([], 2, 3, 8), NGrams) and len(word_ngrams([], 2, 8).owner) == 0
