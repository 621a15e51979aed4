"""Keys and the spelling of notes."""

from __future__ import annotations

import pytest

from axone.data.notes.keys import find_key, spell


@pytest.mark.parametrize("fifths", range(-5, 7))
def test_keys_are_found_and_all_names_have_the_right_pitch(fifths):
    scale = [(7 * fifths + step) % 12 + 60 for step in (0, 2, 4, 5, 7, 9, 11)]
    assert find_key(scale) == fifths
    natural = dict(zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11), strict=True))
    for pitch in range(36, 96):
        letter, alter, octave = spell(pitch, fifths)
        assert natural[letter] + alter + 12 * (octave + 1) == pitch
    assert len({spell(pitch, fifths).letter for pitch in scale}) == 7


def test_leading_tones():
    assert spell(68, 0)[:2] == ("G", 1)
    assert spell(70, -1)[:2] == ("B", -1)
