"""The synthesizer: the right frequencies at the right times."""

from __future__ import annotations

import numpy as np
import pytest

from axone.data.notes.score import Note, Score
from axone.data.notes.synthesize import PEAK, RATE, RELEASE, synthesize, synthesize_note


@pytest.mark.parametrize("pitch", [45, 69, 81])
def test_the_loudest_frequency_is_that_of_the_pitch(pitch):
    sound = synthesize_note(pitch, 1.0)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    assert np.argmax(spectrum) * RATE / len(sound) == pytest.approx(440 * 2 ** ((pitch - 69) / 12), rel=0.01)


def test_notes_begin_and_end_at_their_times():
    sound = synthesize(Score((Note(1.0, 1.0, 60),), tempo=60.0))
    assert sound.shape == (int((2.0 + RELEASE) * RATE) + 1, 2)
    assert np.abs(sound[: RATE - 1]).max() == 0
    assert np.abs(sound).max() == pytest.approx(PEAK)
    assert np.abs(sound[-10:]).max() < 0.01


def test_parts_are_spread_and_silence_is_silent():
    left, right = np.abs(synthesize(Score((Note(0, 1, 60, 0), Note(2, 1, 60, 1))))).T
    half = len(left) // 2
    assert left[:half].max() > right[:half].max()
    assert left[half:].max() < right[half:].max()
    assert not synthesize(Score(())).any()
