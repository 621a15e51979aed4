"""Augmentation of whole batches of recordings. All randomness comes from a generator, which the stream seeds by (seed,
epoch, batch), so that a resumed run hears the same.

`perturb_speed` and `add_noise` change samples; `mask_features` (SpecAugment) changes features.

Papers: Ko et al. 2015, "Audio Augmentation for Speech Recognition" (speed); Park et al. 2019, "SpecAugment",
arXiv:1904.08779.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor

Samples = tuple[Float[Tensor, "batch samples"], Int64[Tensor, " batch"]]  # right-padded with 0, and their lengths


@dataclass(frozen=True)
class Augmentation:
    """How strongly a training stream changes recordings; the defaults change nothing.

    Args:
        speeds: Factors of the speed, of which one is drawn for each recording: (0.9, 1.0, 1.1).
        noise: The probability that noise is added to a recording.
        snr: The range of the signal-to-noise ratio in dB from which it is drawn.
        gain: Samples are multiplied by a factor drawn up to this many dB up or down, and clipped to -1 ... 1.
        time_masks: Masks over time of SpecAugment.
        time_mask_fraction: The largest width of one, as a fraction of the recording's frames.
        band_masks: Masks over bands of SpecAugment.
        band_mask_width: The largest width of one, in bands.
    """

    speeds: tuple[float, ...] = (1.0,)
    noise: float = 0.0
    snr: tuple[float, float] = (5.0, 30.0)
    gain: float = 0.0
    time_masks: int = 0
    time_mask_fraction: float = 0.2
    band_masks: int = 0
    band_mask_width: int = 8


def perturb_speed(batch: Samples, speeds: Sequence[float], rate: int, generator: torch.Generator) -> Samples:
    """Return recordings played faster or slower (their pitch changes too), each by a factor drawn from `speeds`."""
    raise NotImplementedError


def change_gain(batch: Samples, decibels: float, generator: torch.Generator) -> Samples:
    """Return recordings multiplied by a factor of up to `decibels` up or down, clipped to -1 ... 1."""
    raise NotImplementedError


def add_noise(batch: Samples, probability: float, snr: tuple[float, float], generator: torch.Generator) -> Samples:
    """Return recordings with noise added to some of them, over their own length.

    The noise is white, pink or brown, at a signal-to-noise ratio drawn uniformly from `snr` (dB).
    """
    raise NotImplementedError


def mask_features(
    features: Float[Tensor, "batch frames bands"],
    lengths: Int64[Tensor, " batch"],
    augmentation: Augmentation,
    generator: torch.Generator,
) -> Float[Tensor, "batch frames bands"]:
    """Return features with random spans of time and of bands set to 0, their mean (SpecAugment)."""
    raise NotImplementedError
