import numpy as np
import pytest
import scipy.signal
import torch
from torch.export import Dim, export

from axone.data.audio.features import LogMel, band_count, hertz_to_mel, mel_filters, mel_to_hertz


def lengths_of(*counts: int) -> torch.Tensor:
    return torch.tensor(counts)


@pytest.mark.parametrize("rate", [8000, 16000, 11025])
def test_the_energies_are_those_of_scipys_transform(rate):
    samples = torch.randn(1, rate // 4)
    features = LogMel(rate, normalize=False)
    logs, frames = features(samples, lengths_of(rate // 4))
    padded = np.pad(samples[0].numpy().astype(np.float64), (features.before, features.size))
    window = features.window.double().numpy()
    assert window[window > 0] == pytest.approx(scipy.signal.get_window("hann", round(0.025 * rate))[1:], abs=1e-6)
    starts = np.arange(int(frames)) * features.step
    power = np.abs(np.fft.rfft(np.stack([padded[s : s + features.size] * window for s in starts]))) ** 2
    expected = np.log(power @ features.filters.double().numpy())
    assert logs[0].numpy() == pytest.approx(expected, abs=1e-3)


def test_the_filters_are_those_of_slaneys_auditory_toolbox():
    # Values of librosa.filters.mel(sr=8000, n_fft=256, n_mels=40): the formula, in double precision.
    edges = mel_to_hertz(torch.linspace(0, float(hertz_to_mel(torch.tensor(4000.0))), 42, dtype=torch.float64))
    bins = np.arange(129) * 8000 / 256
    filters = mel_filters(8000, 256, 40).numpy()
    for band in (0, 7, 20, 39):
        low, middle, high = edges[band : band + 3].tolist()
        triangle = np.interp(bins, [low, middle, high], [0, 2 / (high - low), 0])
        assert filters[:, band] == pytest.approx(triangle, abs=1e-7)
    assert (filters.max(0) > 0).all()  # each band has a frequency of the transform


def test_the_mel_scale():
    hertz = torch.tensor([0.0, 200.0, 1000.0, 6400.0, 8000.0], dtype=torch.float64)
    mel = hertz_to_mel(hertz)
    assert mel[:4].tolist() == pytest.approx([0, 3, 15, 42])  # 27 mel from 1,000 to 6,400 Hz
    assert mel_to_hertz(mel).tolist() == pytest.approx(hertz.tolist())


def test_alone_and_in_a_padded_batch_a_recording_has_the_same_features():
    features, samples = LogMel(8000), torch.randn(3, 4000)
    counts = lengths_of(4000, 1234, 81)
    together, frames = features(samples, counts)
    assert frames.tolist() == [50, 16, 2] and together.shape == (3, 50, 40)
    for row, count in enumerate(counts.tolist()):
        alone, _frames = features(samples[row : row + 1, :count], lengths_of(count))
        torch.testing.assert_close(together[row, : frames[row]], alone[0], atol=1e-5, rtol=0)
        assert together[row, frames[row] :].eq(0).all()


def test_features_do_not_depend_on_the_level():
    features, samples = LogMel(16000), torch.randn(1, 8000)
    samples[:, 4000:] = 0  # silence is 50 dB below the loudest frame, whatever the level
    for level in (1e-3, 30.0):
        torch.testing.assert_close(
            features(level * samples, lengths_of(8000))[0], features(samples, lengths_of(8000))[0], atol=1e-3, rtol=0
        )


def test_they_have_mean_0_and_variance_1_over_the_valid_frames():
    outputs, frames = LogMel(8000)(torch.randn(2, 8000), lengths_of(8000, 3000))
    for row in range(2):
        valid = outputs[row, : frames[row]]
        assert abs(valid.mean()) < 1e-5
        assert float(valid.var(unbiased=False)) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("samples", [torch.zeros(1, 500), torch.full((1, 500), 1e-30), torch.ones(1, 1)])
def test_silence_and_a_single_sample_have_finite_features(samples):
    outputs, _frames = LogMel(8000)(samples, lengths_of(samples.shape[1]))
    assert outputs.isfinite().all()


def test_it_is_exported_with_a_dynamic_batch_and_length():
    features = LogMel(8000)
    shapes = ({0: Dim("batch"), 1: Dim("samples", min=81)}, {0: Dim("batch")})
    program = export(features, (torch.randn(2, 900), lengths_of(900, 300)), dynamic_shapes=shapes)
    for count, length in ((2, 900), (5, 4001), (3, 81)):
        samples, counts = torch.randn(count, length), torch.randint(1, length + 1, (count,))
        for ours, theirs in zip(program.module()(samples, counts), features(samples, counts), strict=True):
            torch.testing.assert_close(ours, theirs)


def test_the_number_of_bands():
    assert (band_count(8000), band_count(11025), band_count(16000)) == (40, 64, 64)
    assert LogMel(16000, 24)(torch.randn(1, 400), lengths_of(400))[0].shape == (1, 3, 24)
