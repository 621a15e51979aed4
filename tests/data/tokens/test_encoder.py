"""Texts as numbers: vocabulary, pieces, n-grams, facts; the same in any company."""

from __future__ import annotations

import json

import torch

from axone.data.tokens.encoder import MOST_PIECES, UNKNOWN, Ragged, TextEncoder

TEXTS = ["a good film", "a bad film", "good!", "a film"]
SIZES = {"piece_bits": 8, "ngram_bits": 10, "longest": 4}


def fit(texts=TEXTS, unit="words", lowercase=True, most_tokens=100, **sizes):
    return TextEncoder.fit(texts, unit=unit, lowercase=lowercase, most_tokens=most_tokens, **{**SIZES, **sizes})


def test_the_vocabulary_has_the_frequent_words_in_order():
    assert fit().vocabulary == ("a", "film", "good")  # bad and ! occur in one text only
    assert fit(most_tokens=1).vocabulary == ("a",)


def test_unknown_words_have_pieces_and_known_ones_an_index():
    encoder = fit()
    encoded = encoder.encode(["a terrible film", ""])
    assert encoded.tokens[0].tolist() == [2, UNKNOWN, 3] and encoded.tokens[1].tolist() == [UNKNOWN]
    pieces = encoded.pieces[encoded.forms[0]]
    assert (pieces[1] > 0).sum() == 8 + 7 + 6  # " terrible ": 8 of 3, 7 of 4 and 6 of 5 characters
    assert int(pieces.max()) < encoder.piece_count


def test_a_long_word_has_a_bounded_number_of_pieces_and_a_long_text_of_steps():
    encoded = fit().encode(["x" * 500, "a b c d e f"])
    assert encoded.pieces.shape[1] == MOST_PIECES and len(encoded.tokens[1]) == 4
    assert len(encoded.word_ngrams[1]) == 6 + 5 + 1  # the n-grams are of the whole text


def test_texts_are_encoded_alike_alone_and_together():
    encoder = fit(unit="characters", longest=50)
    together = encoder.encode([*TEXTS, "unseen ones"])
    for number, text in enumerate([*TEXTS, "unseen ones"]):
        alone = encoder.encode([text])
        assert torch.equal(alone.tokens[0], together.tokens[number])
        assert torch.equal(alone.pieces[alone.forms[0]], together.pieces[together.forms[number]])
        assert torch.equal(alone.word_ngrams[0], together.word_ngrams[number])
        assert torch.equal(alone.character_ngrams[0], together.character_ngrams[number])


def test_every_text_ends_with_the_constant_ngram_and_has_each_other_once():
    encoder = fit()
    encoded = encoder.encode(["film film film", ""])
    for ngrams in (encoded.word_ngrams, encoded.character_ngrams):
        assert ngrams[0][-1] == ngrams[1][-1] == encoder.ngram_count - 1
        assert len(ngrams[0].unique()) == len(ngrams[0]) and len(ngrams[1]) == 1


def test_facts_give_the_same_encoder():
    encoder = fit()
    facts = json.loads(json.dumps({"encoder": encoder.to_facts()}))
    assert TextEncoder.from_facts(facts) == encoder


def test_upper_case_is_another_word_if_it_should_be():
    assert "A" in fit(["A b", "A b"], lowercase=False).vocabulary and "A" not in fit(["A b", "A b"]).vocabulary


def test_split_returns_places_in_the_normalized_text():
    normalized, tokens = fit().split("A GOOD film")
    assert normalized == "a good film" and [normalized[t.start : t.end] for t in tokens] == ["a", "good", "film"]


def test_ragged_rows_are_padded():
    ragged = Ragged(torch.tensor([1, 2, 3]), torch.tensor([2, 0, 1]))
    assert ragged.pad(torch.tensor([2, 0, 1])).tolist() == [[3, 0], [1, 2], [0, 0]]
    assert Ragged(torch.zeros(0, dtype=torch.int64), torch.tensor([0])).pad(torch.tensor([0])).tolist() == [[0]]
