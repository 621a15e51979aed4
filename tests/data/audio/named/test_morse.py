import numpy as np
import pytest
import torch

from axone.data.audio.named.morse import CODE, TONE, synthesize_morse


def test_the_code_is_complete_and_unambiguous():
    assert len(CODE) == 36 == len(set(CODE.values()))
    assert CODE["S"] + CODE["O"] + CODE["S"] == "...---..."
    assert all(CODE[str(n)] == "." * n + "-" * (5 - n) for n in range(1, 6))


def test_longer_texts_last_longer_and_the_seed_decides():
    short, long = synthesize_morse("E", 0), synthesize_morse("QUICK 1", 0)
    assert len(long) > 5 * len(short) and long.abs().max() == 1
    assert synthesize_morse("SOS", 1).equal(synthesize_morse("sos", 1))
    assert not torch.equal(synthesize_morse("SOS", 1)[:500], synthesize_morse("SOS", 2)[:500])


def test_the_tone_is_within_its_range_and_loud_enough():
    for seed in range(5):
        samples = synthesize_morse("PARIS", seed, 16000).numpy()
        spectrum = np.abs(np.fft.rfft(samples))
        peak = spectrum.argmax() * 16000 / len(samples)
        assert TONE[0] - 10 <= peak <= TONE[1] + 10


def test_other_characters_are_an_error():
    with pytest.raises(ValueError, match="no '!'"):
        synthesize_morse("HI!", 0)
