"""The settings and options, without torch."""

from __future__ import annotations

import pytest

from axone.errors import SettingsError
from axone.settings import resolve_options
from axone.systems.speech import Settings
from axone.tasks.speech.settings import SpeechPredictOptions


def test_options_are_checked():
    assert resolve_options(SpeechPredictOptions, {"beam": 16}).beam == 16
    with pytest.raises(SettingsError):
        resolve_options(SpeechPredictOptions, {"beam": 0})


def test_the_task_is_found_unless_it_is_set():
    assert Settings().task == "auto"
    with pytest.raises(ValueError, match="task"):
        Settings(task="words")
