"""Log-mel features: what a network hears. A batch of samples in, a spectrogram of log energies in mel bands out.

    samples [B, S], lengths [B] -> windows of 25 ms every 10 ms, Hann -> power spectrum [B, T, N/2 + 1]
    -> triangular mel filters [B, T, M] -> log -> mean 0 and variance 1 of each band over the recording's own frames

The energies are limited to 80 dB below the recording's loudest one, so that features do not depend on its level and
the logarithm of silence is finite. Frames after the end of a recording are 0, and have no effect on the others: alone
and in a padded batch a recording has the same features.

Source: Davis and Mermelstein 1980 (mel filters); the mel scale is that of Slaney's Auditory Toolbox, as in librosa.
"""

from __future__ import annotations

from jaxtyping import Float, Int64
from torch import Tensor, nn

WINDOW, STEP = 0.025, 0.010  # seconds


def band_count(rate: int) -> int:
    """Return the usual number of mel bands at a sampling rate: 40 up to 8 kHz, 64 above."""
    return 40 if rate <= 8000 else 64


class LogMel(nn.Module):
    """Log-mel features of a batch of recordings. It has no parameters; `torch.export` takes it.

    Args:
        rate: The sampling rate of the samples, in Hz.
        bands: The number of mel bands; None: `band_count(rate)`.
    """

    def __init__(self, rate: int, bands: int | None = None) -> None:
        super().__init__()
        raise NotImplementedError

    def frames(self, lengths: Int64[Tensor, " batch"]) -> Int64[Tensor, " batch"]:
        """Return the number of feature frames of recordings of `lengths` samples: one for each step begun, at least 1."""
        raise NotImplementedError

    def forward(
        self, samples: Float[Tensor, "batch samples"], lengths: Int64[Tensor, " batch"]
    ) -> tuple[Float[Tensor, "batch frames bands"], Int64[Tensor, " batch"]]:
        """Return the features and the number of frames of each recording; frames after it are 0."""
        raise NotImplementedError
