"""Augmentation of whole batches of recordings. All randomness comes from a generator, which the stream seeds by (seed,
epoch, batch), so that a resumed run gets the same.

`perturb_speed`, `change_gain` and `add_noise` change samples; `mask_features` (SpecAugment) changes features.

Papers: Ko et al. 2015, "Audio Augmentation for Speech Recognition" (speed); Park et al. 2019, "SpecAugment",
arXiv:1904.08779.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from axone.data.audio.decode.resample import resample

Samples = tuple[Float[Tensor, "batch _"], Int64[Tensor, " batch"]]  # right-padded with 0, and their lengths
COLORS = (0.0, 1.0, 2.0)  # of noise: power falls with this exponent of the frequency (white, pink, brown)


@dataclass(frozen=True)
class Augmentation:
    """How strongly a training stream changes recordings; the defaults change nothing.

    Args:
        speeds: Factors of the speed, of which one is drawn for each recording: (0.9, 1.0, 1.1).
        noise: The probability that noise is added to a recording.
        snr: The range of the signal-to-noise ratio in dB from which it is drawn.
        tilt: The gain of each frequency changes smoothly by up to this many dB, as between microphones.
        gain: Samples are multiplied by a factor drawn up to this many dB up or down, and clipped to -1 ... 1.
        time_masks: Masks over time of SpecAugment.
        time_mask_fraction: The largest width of one, as a fraction of the recording's frames.
        band_masks: Masks over bands of SpecAugment.
        band_mask_width: The largest width of one, in bands.
    """

    speeds: tuple[float, ...] = (1.0,)
    noise: float = 0.0
    snr: tuple[float, float] = (5.0, 30.0)
    tilt: float = 0.0
    gain: float = 0.0
    time_masks: int = 0
    time_mask_fraction: float = 0.2
    band_masks: int = 0
    band_mask_width: int = 8

    def change_samples(self, batch: Samples, rate: int, generator: torch.Generator) -> Samples:
        """Return recordings at another speed and level, of another microphone, with noise."""
        if self.speeds != (1.0,):
            batch = perturb_speed(batch, self.speeds, rate, generator)
        if self.tilt:
            batch = change_spectrum(batch, self.tilt, generator)
        if self.noise:
            batch = add_noise(batch, self.noise, self.snr, generator)
        if self.gain:
            batch = change_gain(batch, self.gain, generator)
        return batch


def perturb_speed(batch: Samples, speeds: Sequence[float], rate: int, generator: torch.Generator) -> Samples:
    """Return recordings played faster or slower (their pitch changes too), each by a factor drawn from `speeds`."""
    samples, lengths = batch
    drawn = torch.randint(len(speeds), (len(samples),), generator=generator)
    from_rates = [round(speed * rate) for speed in speeds]
    new_lengths = torch.empty_like(lengths)
    changed = []
    for number, from_rate in enumerate(from_rates):
        rows = (drawn == number).nonzero().flatten()
        if not len(rows):
            continue
        longest = int(lengths[rows].max())
        new_lengths[rows] = -(-lengths[rows] * rate // from_rate)
        changed.append((rows, resample(samples[rows, :longest], from_rate, rate)))
    output = torch.zeros(len(samples), int(new_lengths.max()))
    for rows, part in changed:
        output[rows, : part.shape[1]] = part
    return torch.where(_within(output, new_lengths), output, 0.0), new_lengths


def change_spectrum(batch: Samples, decibels: float, generator: torch.Generator) -> Samples:
    """Return recordings whose frequencies have another gain: two waves over the spectrum, up to `decibels` dB each."""
    samples, lengths = batch
    longest = samples.shape[1]
    size = _round_up(longest)
    spectrum = torch.fft.rfft(samples, n=size)
    place = torch.linspace(0, torch.pi, spectrum.shape[1])
    drawn = (2 * torch.rand(2, len(samples), 1, generator=generator) - 1) * decibels
    gains = 10 ** ((drawn[0] * torch.cos(place) + drawn[1] * torch.cos(2 * place)) / 20)
    changed = torch.fft.irfft(spectrum * gains, n=size)[:, :longest]
    return torch.where(_within(samples, lengths), changed, 0.0), lengths


def change_gain(batch: Samples, decibels: float, generator: torch.Generator) -> Samples:
    """Return recordings multiplied by a factor of up to `decibels` up or down, clipped to -1 ... 1."""
    samples, lengths = batch
    drawn = (2 * torch.rand(len(samples), 1, generator=generator) - 1) * decibels
    return (samples * 10 ** (drawn / 20)).clamp(-1, 1), lengths


def add_noise(batch: Samples, probability: float, snr: tuple[float, float], generator: torch.Generator) -> Samples:
    """Return recordings with noise added to some of them, over their own length.

    The noise is white, pink or brown, at a signal-to-noise ratio drawn uniformly from `snr` (dB).
    """
    samples, lengths = batch
    count, longest = samples.shape
    added = torch.rand(count, 1, generator=generator) < probability
    decibels = snr[0] + (snr[1] - snr[0]) * torch.rand(count, 1, generator=generator)
    color = torch.tensor(COLORS)[torch.randint(len(COLORS), (count, 1), generator=generator)]
    size = _round_up(longest)
    spectrum = torch.fft.rfft(torch.randn(count, size, generator=generator))
    frequency = torch.linspace(0, 1, spectrum.shape[1]).clamp(min=0.01)
    noise = torch.fft.irfft(spectrum * frequency ** (-color / 2), n=size)[:, :longest]
    within = _within(samples, lengths)
    noise = torch.where(within, noise, 0.0)
    own = lengths[:, None].clamp(min=1)
    signal_power = samples.square().sum(1, keepdim=True) / own
    noise_power = noise.square().sum(1, keepdim=True) / own
    factor = (signal_power / noise_power.clamp(min=1e-20)).sqrt() * 10 ** (-decibels / 20)
    return torch.where(added, samples + factor * noise, samples), lengths


def mask_features(
    features: Float[Tensor, "batch frames bands"],
    lengths: Int64[Tensor, " batch"],
    augmentation: Augmentation,
    generator: torch.Generator,
) -> Float[Tensor, "batch frames bands"]:
    """Return features with random spans of time and of bands set to 0, their mean (SpecAugment)."""
    count, frames, bands = features.shape
    masked = torch.zeros(count, frames, bands, dtype=torch.bool)
    for _number in range(augmentation.time_masks):
        span = _draw_spans(lengths, lengths * augmentation.time_mask_fraction, frames, generator)
        masked |= span[:, :, None]
    width = torch.full((count,), float(augmentation.band_mask_width))
    for _number in range(augmentation.band_masks):
        masked |= _draw_spans(torch.full((count,), bands), width, bands, generator)[:, None, :]
    return features.masked_fill(masked, 0.0)


def _draw_spans(
    totals: Int64[Tensor, " batch"], widest: Float[Tensor, " batch"], size: int, generator: torch.Generator
) -> Bool[Tensor, "batch size"]:
    """Return which of `size` positions are in a span of random width and start, within the first `totals`."""
    drawn = torch.rand(2, len(totals), generator=generator)
    widths = (drawn[0] * (widest + 1)).floor().minimum(totals.float())
    starts = (drawn[1] * (totals - widths + 1)).floor()
    place = torch.arange(size)
    return (place >= starts[:, None]) & (place < (starts + widths)[:, None])


def _round_up(length: int) -> int:
    """Return a length without large prime factors, whose Fourier transform is fast."""
    return -(-length // 1024) * 1024


def _within(samples: Float[Tensor, "batch samples"], lengths: Int64[Tensor, " batch"]) -> Bool[Tensor, "batch samples"]:
    return torch.arange(samples.shape[1]) < lengths[:, None]
