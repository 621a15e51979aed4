"""The words of languages: each once, none of several languages, the same list every time."""

from __future__ import annotations

import sys

import pytest

from axone.data.datasets import language_words
from axone.errors import ResourceError


@pytest.fixture(scope="module")
def words():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language_words, "LANGUAGES", {"de": "German", "fr": "French", "nl": "Dutch"})
        return language_words.read_language_words()


def test_words_have_one_language_and_occur_once(words):
    assert len({word.lower() for word in words.words}) == len(words.words) == len(words.languages) > 2000
    assert set(words.languages) == {"German", "French", "Dutch"} and words.shared > 500
    known = dict(zip(words.words, words.languages))
    assert known["Frankreich"] == "German" and known["janvier"] == "French" and known["Zwitserland"] == "Dutch"
    assert "Afrika" not in known  # German and Dutch
    assert min(map(len, words.words)) >= language_words.LEAST_LETTERS


def test_without_babel_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "babel", None)
    with pytest.raises(ResourceError, match="Babel") as error:
        language_words.read_language_words()
    assert "axone[text]" in error.value.hint
