import shutil

import numpy as np
import pytest

from axone.data.audio.voices.program import EspeakProgram, find_program
from axone.data.audio.voices.voice import SpeechError, Voice

needs_program = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")


@needs_program
def test_it_speaks():
    program = find_program()
    assert program is not None and "eSpeak NG" in program.version
    samples, rate = program.speak("-seven", Voice("en-us+f3"))  # not taken for an option
    assert rate == 22050 and 0.3 < len(samples) / rate < 1.5 and np.abs(samples).max() > 0.05


@needs_program
def test_an_unknown_voice_is_an_error():
    program = find_program()
    assert program is not None
    with pytest.raises(SpeechError):
        program.speak("a", Voice("klingonish"))


def test_a_program_that_is_missing_or_fails(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_program() is None
    broken = tmp_path / "espeak-ng"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert find_program() is None
    with pytest.raises(SpeechError):
        EspeakProgram(str(tmp_path / "none"))
