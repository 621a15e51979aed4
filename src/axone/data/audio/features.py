"""Log-mel features: what a network hears. A batch of samples in, a spectrogram of log energies in mel bands out.

    samples [B, S], lengths [B] -> windows of 25 ms every 10 ms, Hann -> power spectrum [B, T, N/2 + 1]
    -> triangular mel filters [B, T, M] -> log -> mean 0 and variance 1 over all bands and the recording's own frames

The energies are limited to 50 dB below the recording's loudest one, so that features do not depend on its level and
the logarithm of silence is finite. Frames after the end of a recording are 0, and have no effect on the others: alone
and in a padded batch a recording has the same features.

Source: Davis and Mermelstein 1980 (mel filters); the mel scale is that of Slaney's Auditory Toolbox, as in librosa.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import pad

WINDOW, STEP = 0.025, 0.010  # seconds
DYNAMIC_RANGE = 1e-5  # of energies: 50 dB; what is quieter differs between recordings
_SMALLEST = 1e-20  # energy of digital silence
_VARIANCE = 0.01  # added to variances, so that a recording without a signal stays near 0


def band_count(rate: int) -> int:
    """Return the usual number of mel bands at a sampling rate: 40 up to 8 kHz, 64 above."""
    return 40 if rate <= 8000 else 64


class LogMel(nn.Module):
    """Log-mel features of a batch of recordings. It has no parameters; `torch.export` takes it,
    with any number of samples above one step.

    Args:
        rate: The sampling rate of the samples, in Hz.
        bands: The number of mel bands; None: `band_count(rate)`.
        normalize: False: the log energies themselves, as for a drawing.
    """

    window: Tensor
    filters: Tensor

    def __init__(self, rate: int, bands: int | None = None, *, normalize: bool = True) -> None:
        super().__init__()
        self.rate, self.bands, self.normalize = rate, bands or band_count(rate), normalize
        self.step = max(1, round(STEP * rate))
        length = max(2, round(WINDOW * rate))
        self.size = 1 << (length - 1).bit_length()  # of the Fourier transform
        self.before = (length - self.step) // 2 + (self.size - length) // 2  # samples before a step, in its window
        window = pad(torch.hann_window(length), ((self.size - length) // 2, (self.size - length + 1) // 2))
        self.register_buffer("window", window, persistent=False)
        self.register_buffer("filters", mel_filters(rate, self.size, self.bands), persistent=False)

    def count_frames(self, lengths: Int64[Tensor, " batch"]) -> Int64[Tensor, " batch"]:
        """Return the number of feature frames of recordings of `lengths` samples: one for each step that is begun."""
        return (lengths + (self.step - 1)) // self.step

    def forward(
        self, samples: Float[Tensor, "batch samples"], lengths: Int64[Tensor, " batch"]
    ) -> tuple[Float[Tensor, "batch frames bands"], Int64[Tensor, " batch"]]:
        """Return the features and the number of frames of each recording; frames after it are 0.

        Args:
            samples: The samples of each recording, at any level; those after its length have no effect.
            lengths: The number of samples of each recording.
        """
        own = torch.arange(samples.shape[1], device=samples.device) < lengths[:, None]
        # With this padding there is one frame for each step that is begun.
        padded = pad(torch.where(own, samples.float(), 0.0), (self.before, self.size - 1 - self.before))
        spectrum = torch.stft(padded, self.size, self.step, window=self.window, center=False, return_complex=True)
        power = spectrum.real.square() + spectrum.imag.square()
        energy = power.transpose(1, 2) @ self.filters
        frames = self.count_frames(lengths)
        valid = (torch.arange(energy.shape[1], device=energy.device) < frames[:, None])[..., None]
        loudest = torch.where(valid, energy, 0.0).amax((1, 2), keepdim=True)
        logs = energy.maximum(loudest * DYNAMIC_RANGE + _SMALLEST).log()
        if not self.normalize:
            return torch.where(valid, logs, 0.0), frames
        # One mean and one variance for all bands: the shape of the spectrum distinguishes short sounds.
        count = frames[:, None, None].clamp(min=1) * self.bands
        total = torch.where(valid, logs, 0.0).sum((1, 2), keepdim=True)
        centered = torch.where(valid, logs - total / count, 0.0)
        variance = centered.square().sum((1, 2), keepdim=True) / count
        return centered * (variance + _VARIANCE).rsqrt(), frames


def mel_filters(rate: int, size: int, bands: int) -> Float[Tensor, "bins bands"]:
    """Return triangular filters of equal area on the mel scale, from 0 Hz to half the rate.

    Args:
        rate: The sampling rate in Hz.
        size: The length of the Fourier transform, in samples.
        bands: The number of filters.
    """
    bins = torch.linspace(0, rate / 2, size // 2 + 1, dtype=torch.float64)
    top = hertz_to_mel(torch.tensor(rate / 2, dtype=torch.float64))
    edges = mel_to_hertz(torch.linspace(0, 1, bands + 2, dtype=torch.float64) * top)
    rising = (bins[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins[:, None]) / (edges[2:] - edges[1:-1])
    return (rising.minimum(falling).clamp(min=0) * 2 / (edges[2:] - edges[:-2])).float()


def hertz_to_mel(hertz: Float[Tensor, "*frequencies"]) -> Float[Tensor, "*frequencies"]:
    """Return frequencies on the mel scale: linear up to 1 kHz, which is 15 mel, logarithmic above."""
    return torch.where(hertz < 1000, hertz * 3 / 200, 15 + (hertz.clamp(min=1) / 1000).log() * (27 / _LOG_STEP))


def mel_to_hertz(mel: Float[Tensor, "*frequencies"]) -> Float[Tensor, "*frequencies"]:
    """Return the frequencies in Hz of a mel scale: the inverse of `hertz_to_mel`."""
    return torch.where(mel < 15, mel * 200 / 3, 1000 * ((mel - 15) * (_LOG_STEP / 27)).exp())


_LOG_STEP = 1.8562979903656263  # log(6.4): 27 mel above 1 kHz
