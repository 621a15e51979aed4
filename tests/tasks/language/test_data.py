"""Splits, symbols and notes of a corpus; texts that are too short are refused with both numbers."""

import pytest

from axone.data.text.files import TextFile
from axone.data.text.vocabulary import BOUNDARY
from axone.engine.context import BuildContext
from axone.errors import DataError
from axone.systems.language_model import Settings
from axone.tasks.language.data import read_language, split_documents


def documents(*lengths):
    return [TextFile(str(number), bytes([97 + number]) * length) for number, length in enumerate(lengths)]


def test_one_document_is_cut_at_a_whole_character():
    text = "\u00e9" * 10
    train, held_out = split_documents([TextFile("a", text.encode())], 0.13, 0)
    assert (train[0] + held_out[0]).decode() == text
    assert len(held_out[0].decode()) == 1
    assert split_documents([TextFile("a", b"text")], 0.0, 0) == ((b"text",), ())


def test_documents_stay_whole():
    parts = documents(*[100] * 20)
    train, held_out = split_documents(parts, 0.1, 3)
    assert sorted(train + held_out) == sorted(part.data for part in parts) and len(held_out) == 2
    assert split_documents(parts, 0.1, 3) == (train, held_out) != split_documents(parts, 0.1, 4)
    train, held_out = split_documents(documents(1000, 900), 0.1, 0)
    assert [len(data) for data in held_out] == [900]


def read(text, **settings):
    return read_language(Settings(data="(from Python)", **settings), BuildContext(data=text))


def test_boundaries_stand_between_documents():
    data = read(["hello world " * 20, "other text " * 20, "third text " * 20], validation=0.3)
    symbols = data.train.tolist()
    assert symbols[0] == BOUNDARY and symbols.count(BOUNDARY) == 2
    assert data.held_out[0] == BOUNDARY
    assert "whole documents" in data.notes[1] and "memorizes it" in data.notes[-1]


def test_limits_and_unknown_characters():
    data = read(["abc " * 100 + "\u6771\u4eac" * 30], validation=0.1, limit=200)
    assert len(data.train) == 201
    assert any("does not contain" in note for note in data.notes)
    assert data.facts["characters_per_symbol"] == pytest.approx(1)


def test_pieces_count_per_character():
    pytest.importorskip("tokenizers")
    data = read(["the cat sat on the mat. " * 100], symbols="pieces", vocabulary=300)
    assert data.facts["characters_per_symbol"] > 2
    assert data.vocabulary.decode(data.held_out.tolist()) == data.held_out_texts[0].decode()


@pytest.mark.parametrize(
    ("text", "match"),
    [("short text", r"has 9 symbols.*\n.*window of 64"), ("a" * 500, "one character only: 'a'")],
)
def test_texts_that_cannot_be_learned_are_refused(text, match):
    with pytest.raises(DataError) as caught:
        read([text])
    import re

    assert re.search(match, f"{caught.value.what}\n{caught.value.expected}")
