"""What a person asks about."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from axone.errors import DataError
from axone.tasks.speech.inputs import Sound, load_sound, read_recording_inputs
from tests.helpers.data.recordings import tone, write_folder, write_wav


def test_a_file_is_one_input_and_a_folder_many(tmp_path):
    folder = write_folder(tmp_path, {"a": 2, "b": 1})
    assert read_recording_inputs(str(folder / "a" / "000.wav")) == ([folder / "a" / "000.wav"], True)
    files, single = read_recording_inputs(folder)
    assert len(files) == 3 and not single
    assert read_recording_inputs([folder, Path("x.wav")]) == ([*files, Path("x.wav")], False)


def test_samples_need_their_rate():
    (sound,), single = read_recording_inputs((np.zeros(10, np.int16), 8000))
    assert single and isinstance(sound, Sound) and sound.samples.dtype == np.float32
    for wrong in (np.zeros(10), (np.zeros((2, 3)), 8000), (np.zeros(0), 8000), (np.full(3, np.nan), 8000)):
        with pytest.raises(DataError):
            read_recording_inputs(wrong)


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(DataError, match="no recordings"):
        read_recording_inputs(tmp_path)


def test_a_file_and_its_samples_are_the_same(tmp_path):
    samples = tone(0.3, rate=16_000)
    path = write_wav(tmp_path / "a.wav", samples, rate=16_000)
    from_file, from_memory = load_sound(path, 8000), load_sound(Sound(samples, 16_000), 8000)
    assert len(from_file) == len(from_memory) == 2400
    assert float((from_file - from_memory).abs().max()) < 1e-3
