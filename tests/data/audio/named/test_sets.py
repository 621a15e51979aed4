from dataclasses import replace

import numpy as np
import pytest

from axone import messages
from axone.data.audio.named import sets as module
from axone.data.audio.named.sets import AUDIO_SETS, default_set, ensure_generated
from axone.data.audio.voices.generate import list_words
from axone.data.audio.voices.words import DIGITS
from axone.errors import ResourceError
from axone.progress import ignore_progress


class Synthesizer:
    """Speaks noise whose length follows from the text."""

    def __init__(self, version: str = "test 1"):
        self.version, self.spoken = version, 0

    def speak(self, text, voice):
        self.spoken += 1
        rng = np.random.default_rng(self.spoken)
        return rng.uniform(-1, 1, 2000 + 300 * len(text)).astype(np.float32), 22050


@pytest.fixture
def synthesizer(monkeypatch, tmp_path):
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path))
    spec = replace(AUDIO_SETS["synthetic-digits"], utterances=lambda: list_words("en", 3, 0, commands=False))
    monkeypatch.setitem(AUDIO_SETS, "synthetic-digits", spec)
    synthesizer = Synthesizer()
    monkeypatch.setattr(module, "find_synthesizer", lambda: synthesizer)
    return synthesizer


def test_voices_speak_once_and_are_kept_in_the_cache(synthesizer):
    progress = []
    cache = ensure_generated("synthetic-digits", 8000, lambda *step: progress.append(step[1:]))
    assert len(cache.rows) == 30 and progress[-1] == (30, 30) and cache.recordings.rate == 8000
    assert {row.target for row in cache.rows} == set(DIGITS["en"])
    assert all(row.group for row in cache.rows)
    ensure_generated("synthetic-digits", 8000, ignore_progress)
    assert synthesizer.spoken == 30
    synthesizer.version = "test 2"  # another version sounds otherwise
    ensure_generated("synthetic-digits", 8000, ignore_progress)
    assert synthesizer.spoken == 60


def test_without_a_synthesizer_the_default_is_morse_code_and_says_so(monkeypatch):
    monkeypatch.setattr(module, "find_synthesizer", lambda: None)
    name, note = default_set("transcripts")
    assert name == "morse" and "pip install 'axone[voices]'" in note
    assert default_set("classes")[0] == "morse-letters"
    with pytest.raises(ResourceError, match=r"pip install 'axone\[voices\]'"):
        ensure_generated("synthetic-words", 8000, ignore_progress)


def test_the_default_has_the_language_of_the_messages(synthesizer):
    assert default_set("classes") == ("synthetic-words", None)
    messages.use("fr")
    assert default_set("transcripts") == ("synthetic-numbers-fr", None)


def test_morse_code_needs_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("AXONE_CACHE", str(tmp_path))
    for name in ("morse", "morse-letters"):
        monkeypatch.setitem(AUDIO_SETS, name, replace(AUDIO_SETS[name], count=36))
        rows = ensure_generated(name, 8000, ignore_progress).rows
        assert len(rows) == 36
        assert all(len(row.target) == 1 for row in rows) == (name == "morse-letters")


def test_every_summary_and_name_is_that_of_its_kind():
    for name, spec in AUDIO_SETS.items():
        assert spec.summary and (spec.utterances is not None) == name.startswith("synthetic")
        if spec.utterances is not None:
            assert (name.endswith("-fr")) == (spec.language == "fr")
