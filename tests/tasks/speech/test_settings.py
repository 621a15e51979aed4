"""The settings and options, without torch."""

from __future__ import annotations

import pytest

from axone.errors import SettingsError
from axone.settings import resolve_options
from axone.systems.speech import Settings
from axone.tasks.speech.inputs import load_sound
from axone.tasks.speech.settings import SpeechPredictOptions
from tests.helpers.data.recordings import tone


def test_options_are_checked():
    assert resolve_options(SpeechPredictOptions, {"beam": 16}).beam == 16
    with pytest.raises(SettingsError):
        resolve_options(SpeechPredictOptions, {"beam": 0})


def test_the_task_is_found_unless_it_is_set():
    assert Settings().task == "auto"
    with pytest.raises(ValueError, match="task"):
        Settings(task="words")


def test_a_recording_of_the_microphone_is_an_input(monkeypatch):
    monkeypatch.setattr("axone.data.audio.microphone.record_microphone", lambda seconds, rate: tone(seconds, rate=rate))
    _name, sound = SpeechPredictOptions(record=0.5).read_input()
    assert len(load_sound(sound, 8000)) == 4000
