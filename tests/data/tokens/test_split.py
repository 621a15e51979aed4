"""Tokens of texts: words, punctuation and characters with their places, and the choice between them."""

from __future__ import annotations

import pytest

from axone.data.tokens.split import choose_unit, normalize_text, split_text


def test_words_have_their_places_in_the_text():
    text = "Don't stop, well-known  café!"
    tokens = split_text(text, "words")
    assert [token.text for token in tokens] == ["Don't", "stop", ",", "well-known", "café", "!"]
    assert all(text[token.start : token.end] == token.text for token in tokens)


def test_characters_are_tokens_with_their_spaces():
    assert [token.text for token in split_text("ab c ", "characters")] == ["a", "b", " ", "c"]


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_text_of_spaces_has_no_tokens(text):
    assert split_text(text, "words") == [] == split_text(text, "characters")


def test_accented_letters_are_the_same_however_they_were_typed():
    assert normalize_text("cafe\u0301", False) == "caf\u00e9" == normalize_text("CAFE\u0301", True)


@pytest.mark.parametrize("mark", ["\u200b", "\u202e", "\x07", "\ud800", "\u0591"])
def test_control_characters_marks_and_surrogates_stay_in_the_text(mark):
    assert mark in normalize_text(f"a{mark}b", True)
    assert any(mark in token.text for token in split_text(f"a{mark}b", "characters"))


def test_the_unit_follows_the_texts():
    assert choose_unit(["a wonderful little film", "nothing in it is new"]) == "words"
    assert choose_unit(["Deutschland", "Finlande", "Côte d'Ivoire"]) == "characters"
    assert choose_unit(["これは日本語の文章です、とても長い文章です"] * 3) == "characters"
    assert choose_unit(["!!!", "?"]) == "characters"
