"""Music of music21's corpus, kept in the cache."""

from __future__ import annotations

import sys

import pytest

from axone.data.notes import corpus
from axone.errors import ResourceError
from axone.progress import ignore_progress


def test_a_chorale_is_read_once(monkeypatch, tmp_path):
    monkeypatch.setattr(corpus, "cache_folder", lambda: tmp_path)
    listed = corpus.list_corpus
    monkeypatch.setattr(corpus, "list_corpus", lambda name, music21: listed(name, music21)[:3])
    pieces = corpus.read_corpus(corpus.CHORALES, ignore_progress)
    assert pieces
    assert all(corpus.is_chorale(score) for _name, score in pieces)
    monkeypatch.setattr(corpus, "parse_with_music21", None)
    assert corpus.read_corpus(corpus.CHORALES, ignore_progress) == pieces


def test_without_music21(monkeypatch):
    monkeypatch.setitem(sys.modules, "music21", None)
    with pytest.raises(ResourceError) as error:
        corpus.read_corpus(corpus.CHORALES, ignore_progress)
    assert "axone[music]" in str(error.value)
