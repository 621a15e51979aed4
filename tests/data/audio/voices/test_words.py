from axone.data.audio.voices.words import ACCENTS, PITCH, PITCH_RANGE, SPEED


def test_ranges_are_those_of_the_synthesizer():
    assert 80 <= SPEED[0] < SPEED[1] <= 450
    assert all(0 <= low < high <= 99 for low, high in (PITCH, PITCH_RANGE))
    assert all(name == name.lower() for names in ACCENTS.values() for name in names)
