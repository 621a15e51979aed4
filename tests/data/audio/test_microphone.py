import sys
import types

import numpy as np
import pytest

from axone.data.audio.microphone import record_microphone
from axone.errors import ResourceError, SettingsError
from tests.helpers.data.recordings import tone, write_wav


@pytest.fixture
def no_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)


def write_program(folder, monkeypatch, script: str) -> None:
    program = folder / "arecord"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_the_library_comes_first(monkeypatch):
    class PortAudioError(Exception):
        pass

    def rec(frames, samplerate, channels, dtype):
        if samplerate == 1:
            raise PortAudioError("no device")
        return np.full((frames, channels), 0.5, dtype)

    module = types.SimpleNamespace(rec=rec, wait=lambda: None, PortAudioError=PortAudioError)
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    assert record_microphone(0.1, 8000).tolist() == [0.5] * 800
    with pytest.raises(ResourceError, match="no device"):
        record_microphone(1.0, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="no shell scripts")
def test_the_program(monkeypatch, tmp_path, no_library):
    path = write_wav(tmp_path / "heard.wav", tone(0.1))
    write_program(tmp_path, monkeypatch, f'[ "$*" = "-q -t wav -f S16_LE -c 1 -r 8000 -s 800" ] && cat {path}')
    assert record_microphone(0.1, 8000) == pytest.approx(tone(0.1), abs=1e-4)
    write_program(tmp_path, monkeypatch, "echo 'arecord: no soundcards found' >&2; exit 1")
    with pytest.raises(ResourceError, match="no soundcards found"):
        record_microphone(0.1, 8000)
    write_program(tmp_path, monkeypatch, "exit 0")
    with pytest.raises(ResourceError, match="0 bytes"):
        record_microphone(0.1, 8000)


@pytest.mark.parametrize("seconds", [0.0, -1.0, 601.0, float("nan")])
def test_a_length_that_is_no_length(seconds):
    with pytest.raises(SettingsError, match="cannot have"):
        record_microphone(seconds, 8000)


def test_with_neither_the_error_says_what_to_install(monkeypatch, tmp_path, no_library):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ResourceError, match=r"(?s)neither is installed.*pip install sounddevice.*alsa-utils"):
        record_microphone(1.0, 8000)
