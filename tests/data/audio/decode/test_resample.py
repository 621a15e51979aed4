import math

import numpy as np
import pytest
import scipy.signal
import soxr
import torch

from axone.data.audio.decode.resample import resample, resample_blocks

RATES = [(44100, 8000), (48000, 16000), (8000, 16000), (11025, 8000), (22050, 16000), (8000, 7999), (16000, 8000)]


def sweep(rate: int, top: float, seconds: float = 1.0) -> np.ndarray:
    time = np.arange(round(seconds * rate)) / rate
    return (scipy.signal.chirp(time, 20, seconds, top) * np.hanning(len(time))).astype(np.float32)


@pytest.mark.parametrize(("old", "new"), RATES)
def test_it_agrees_with_soxr_up_to_0_85_of_the_lower_nyquist_frequency(old, new):
    samples = sweep(old, 0.85 * min(old, new) / 2)
    ours, theirs = resample(torch.from_numpy(samples), old, new).numpy(), soxr.resample(samples, old, new, "VHQ")
    assert len(ours) == math.ceil(len(samples) * new / old)
    length = min(len(ours), len(theirs))
    assert np.abs(ours[:length] - theirs[:length]).max() < 1e-4  # 80 dB below the tone


@pytest.mark.parametrize(("old", "new"), [(44100, 8000), (48000, 16000), (16000, 8000)])
def test_what_the_lower_rate_cannot_represent_is_removed(old, new):
    tone = np.sin(2 * math.pi * 1.02 * new / 2 / old * np.arange(old)).astype(np.float32)
    assert resample(torch.from_numpy(tone), old, new)[500:-500].abs().max() < 2e-5


def test_a_constant_stays_constant():
    assert resample(torch.ones(4000), 11025, 8000)[400:-400] == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(("old", "new"), [(44100, 8000), (8000, 16000), (8000, 7999), (16000, 16000)])
def test_blocks_give_the_same_as_the_whole(old, new):
    samples = torch.from_numpy(sweep(old, 3000, 0.2))
    for size in (1, 97, 2000):
        pieces = list(resample_blocks(samples[: 40 * size].split(size), old, new))
        torch.testing.assert_close(torch.cat(pieces), resample(samples[: 40 * size], old, new), atol=1e-6, rtol=0)


def test_a_batch_gives_the_same_as_each():
    batch = torch.randn(3, 700)
    torch.testing.assert_close(resample(batch, 8000, 7200)[1], resample(batch[1], 8000, 7200), atol=1e-6, rtol=0)


def test_rates_without_a_common_divisor_are_bounded_in_memory():
    samples = torch.from_numpy(sweep(44101, 3000, 0.02))
    expected = soxr.resample(samples.numpy(), 44101, 8000, "VHQ")
    ours = resample(samples, 44101, 8000).numpy()
    assert np.abs(ours[: len(expected)] - expected).max() < 1e-4


def test_equal_rates_and_no_samples():
    samples = torch.randn(10)
    assert resample(samples, 8000, 8000) is samples
    assert resample(torch.zeros(0), 8000, 16000).shape == (0,)
    assert sum(map(len, resample_blocks([], 8000, 16000))) == 0


@pytest.mark.parametrize("rates", [(0, 8000), (8000, 0), (-1, 8000)])
def test_a_rate_below_1_is_an_error(rates):
    with pytest.raises(ValueError, match="at least 1 Hz"):
        resample(torch.zeros(5), *rates)
