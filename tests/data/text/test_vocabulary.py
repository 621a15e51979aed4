"""Symbols of texts: characters and byte-pair pieces, their round trips, unknown characters, and facts."""

import json

import pytest

from axone.data.text.vocabulary import (
    BOUNDARY,
    UNKNOWN,
    CharacterVocabulary,
    PieceVocabulary,
    iterate_text,
    read_vocabulary,
)
from axone.errors import DataError, ResourceError

TEXT = "ab ba \u00e9\u6771\U0001f600\nab"


def test_a_text_is_iterated_at_whole_characters():
    for block in range(1, 9):
        assert "".join(iterate_text(TEXT.encode(), block)) == TEXT


def test_characters_return():
    vocabulary = CharacterVocabulary.from_texts([TEXT.encode()], 100)
    symbols = vocabulary.encode(TEXT.encode())
    assert vocabulary.size == 2 + len(set(TEXT)) and len(symbols) == len(TEXT)
    assert vocabulary.decode(symbols.tolist()) == TEXT
    again = read_vocabulary(json.loads(json.dumps(vocabulary.to_facts())))
    assert again.encode(TEXT.encode()).equal(symbols)


def test_rare_characters_are_unknown():
    vocabulary = CharacterVocabulary.from_texts([b"aaabbbc"], 2)
    assert vocabulary.characters == "ab"
    assert vocabulary.encode("abc\u6771".encode()).tolist() == [2, 3, UNKNOWN, UNKNOWN]
    assert vocabulary.decode([2, UNKNOWN, BOUNDARY, 3]) == "a\ufffdb"
    assert [vocabulary.find(character) for character in "az"] == [2, UNKNOWN]
    assert vocabulary.name(2) == "a" and vocabulary.name(BOUNDARY) == "(boundary)"


def test_pieces_return_and_know_every_character():
    pytest.importorskip("tokenizers")
    texts = [b"the cat and the dog and the bird " * 20]
    vocabulary = PieceVocabulary.from_texts(texts, 300)
    assert 258 <= vocabulary.size <= 300
    symbols = vocabulary.encode(texts[0])
    assert len(symbols) < len(texts[0]) / 2 and min(symbols) > BOUNDARY
    for text in (texts[0].decode(), TEXT, "<boundary> <unknown>", " x"):
        assert vocabulary.decode(vocabulary.encode(text.encode()).tolist()) == text
        assert BOUNDARY not in vocabulary.encode(text.encode())
    facts = json.loads(json.dumps(vocabulary.to_facts()))
    assert read_vocabulary(facts).encode(texts[0]).equal(symbols)
    with pytest.raises(DataError, match="damaged"):
        read_vocabulary({**facts, "tokenizer": "{"})


def test_pieces_without_the_library_say_what_to_type(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tokenizers", None)
    with pytest.raises(ResourceError, match="tokenizers") as caught:
        PieceVocabulary.from_texts([b"text"], 300)
    assert "axone[text]" in caught.value.hint
