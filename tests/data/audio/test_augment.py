import pytest
import torch

from axone.data.audio.augment import (
    Augmentation,
    add_noise,
    change_gain,
    change_spectrum,
    mask_features,
    perturb_speed,
)
from axone.data.random import make_generator


def batch(count: int = 6, longest: int = 800) -> tuple[torch.Tensor, torch.Tensor]:
    lengths = torch.linspace(longest, longest // 3, count).long()
    samples = 0.3 * torch.sin(torch.arange(longest) * 0.3).repeat(count, 1)
    return torch.where(torch.arange(longest) < lengths[:, None], samples, 0.0), lengths


def test_speed_changes_length_and_pitch_together():
    samples, lengths = batch()
    changed, new_lengths = perturb_speed((samples, lengths), (0.5, 2.0), 8000, make_generator(1))
    factors = (lengths / new_lengths).tolist()
    assert {round(factor, 1) for factor in factors} == {0.5, 2.0}
    row = factors.index(max(factors))
    half = int(new_lengths[row]) // 2
    expected = 0.3 * torch.sin(torch.arange(changed.shape[1]) * 0.6)
    torch.testing.assert_close(changed[row, 60:half], expected[60:half], atol=1e-3, rtol=0)
    for row, length in enumerate(new_lengths.tolist()):
        assert changed[row, length:].eq(0).all()


def test_noise_has_the_requested_level_and_only_within_the_recording():
    samples, lengths = batch()
    noisy, _lengths = add_noise((samples, lengths), 1.0, (10.0, 10.0), make_generator(2))
    for row, length in enumerate(lengths.tolist()):
        noise = (noisy - samples)[row, :length]
        ratio = 10 * torch.log10(samples[row, :length].square().mean() / noise.square().mean())
        assert float(ratio) == pytest.approx(10, abs=0.1)
        assert noisy[row, length:].eq(0).all()
    same, _lengths = add_noise((samples, lengths), 0.0, (0.0, 0.0), make_generator(2))
    assert same.equal(samples)


def test_noise_on_silence_is_silent():
    noisy, _lengths = add_noise((torch.zeros(2, 100), torch.tensor([100, 50])), 1.0, (0.0, 0.0), make_generator(3))
    assert noisy.eq(0).all()


def test_gain_is_within_its_range_and_clips():
    samples, lengths = batch(40)
    louder, _lengths = change_gain((samples, lengths), 20.0, make_generator(4))
    ratio = louder.abs().amax(1) / samples.abs().amax(1)
    assert 0.1 <= ratio.min() < 0.3 and louder.abs().max() == 1.0


def test_masks_cover_spans_of_time_and_bands():
    features, lengths = torch.ones(50, 40, 20), torch.full((50,), 30)
    options = Augmentation(time_masks=1, time_mask_fraction=0.5, band_masks=1, band_mask_width=6)
    masked = mask_features(features, lengths, options, make_generator(5))
    assert masked[:, 30:].mean() > 0.7  # a mask over time is within the recording
    times, bands = masked.eq(0).all(2).sum(1), masked.eq(0).all(1).sum(1)
    assert times.max() <= 15 and times.max() > 8 and bands.max() <= 6 and bands.max() >= 5
    rows = masked.eq(0).all(2).nonzero()
    for row in rows[:, 0].unique().tolist():
        places = rows[rows[:, 0] == row, 1]
        assert int(places[-1] - places[0]) == len(places) - 1  # one span


def test_everything_is_a_function_of_the_generator():
    options = Augmentation(speeds=(0.9, 1.0, 1.1), noise=0.5, tilt=6.0, gain=6.0)
    first, second, other = (options.change_samples(batch(), 8000, make_generator("a", key)) for key in (1, 1, 2))
    assert first[0].equal(second[0]) and first[1].equal(second[1])
    assert first[0].shape != other[0].shape or not first[0].equal(other[0])


def test_the_defaults_change_nothing():
    samples, lengths = batch()
    changed, new_lengths = Augmentation().change_samples((samples, lengths), 8000, make_generator(6))
    assert changed is samples and new_lengths is lengths


def test_another_microphone_changes_the_gain_of_frequencies_smoothly():
    samples, lengths = batch(20)
    changed, _lengths = change_spectrum((samples, lengths), 6.0, make_generator(7))
    ratio = changed[:, 100:200].abs().amax(1) / samples[:, 100:200].abs().amax(1)  # of a tone of one frequency
    decibels = 20 * ratio.log10()
    assert decibels.abs().max() < 12.1 and decibels.std() > 1
    for row, length in enumerate(lengths.tolist()):
        assert changed[row, length:].eq(0).all()
    high = torch.randn(2, 4096)
    counts = torch.tensor([4096, 4096])
    loud, _lengths = change_spectrum((high, counts), 6.0, make_generator(8))
    both = (torch.fft.rfft(loud).abs() / torch.fft.rfft(high).abs()).log10().mul(20)
    assert both.diff(dim=1).abs().max() < 0.1
