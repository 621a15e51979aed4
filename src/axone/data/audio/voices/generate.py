"""The recordings of synthetic data sets: which voice speaks which text, as a pure function of the seed.

What a synthesizer does not vary is varied here, so that networks recognize people: the length of the vocal tract, by
playing the samples faster or slower at an unchanged tempo, the silence around the speech, reverberation, and
background noise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float

from axone.data.audio.decode.resample import resample
from axone.data.audio.voices.voice import SpeechError, Synthesizer, Voice
from axone.data.audio.voices.words import ACCENTS, COMMANDS, DIGITS, PITCH, PITCH_RANGE, SPEED, VARIANTS
from axone.data.random import make_generator

AUDIBLE = 0.02  # fraction of the largest magnitude; what is quieter at both ends is cut off
MARGIN = (0.0, 0.15)  # seconds without speech that are added at each end
TRACTS = (0.84, 0.88, 0.92, 0.96, 1.0, 1.05, 1.1, 1.15, 1.2)  # factors of all frequencies
ECHO, ECHO_LEVEL = (0.05, 0.4), (-20.0, 0.0)  # seconds and dB of the reverberation
NOISE = (-60.0, -25.0)  # dB of the background noise relative to the speech
DIGITS_IN_NUMBER = (2, 6)
_STEP = 50  # Hz: rates are its multiples, so that they have a common divisor


class Utterance(NamedTuple):
    """One recording that is to be generated."""

    text: str  # as it is spoken
    target: str  # its class or transcript
    group: str  # the variant of the voice
    voice: Voice
    margins: tuple[float, float]  # seconds without speech before and after
    tract: float  # factor of all frequencies: above 1 for a short vocal tract
    noise: float  # dB of the background noise relative to the speech


def list_words(language: str, count: int, seed: int, *, commands: bool) -> list[Utterance]:
    """Return `count` utterances of each digit, and of each command if there are `commands`."""
    words = (*DIGITS[language], *(COMMANDS[language] if commands else ()))
    generator = make_generator("synthetic-words", language, seed)
    return [_draw(word, word, language, generator) for _number in range(count) for word in words]


def list_numbers(language: str, count: int, seed: int) -> list[Utterance]:
    """Return `count` utterances of several digits, such as "four, seven two" with the transcript 472."""
    generator = make_generator("synthetic-numbers", language, seed)
    utterances = []
    for _number in range(count):
        low, high = DIGITS_IN_NUMBER
        length = int(torch.randint(low, high + 1, (), generator=generator))
        digits = torch.randint(10, (length,), generator=generator).tolist()
        pauses = (torch.rand(length, generator=generator) < 0.3).tolist()
        text = " ".join(DIGITS[language][digit] + ("," if pause else "") for digit, pause in zip(digits, pauses))
        utterances.append(_draw(text.rstrip(","), "".join(map(str, digits)), language, generator))
    return utterances


def _draw(text: str, target: str, language: str, generator: torch.Generator) -> Utterance:
    def integer(low: int, high: int) -> int:
        return int(torch.randint(low, high + 1, (), generator=generator))

    variant = VARIANTS[integer(0, len(VARIANTS) - 1)]
    accent = ACCENTS[language][integer(0, len(ACCENTS[language]) - 1)]
    voice = Voice(f"{accent}+{variant}", integer(*SPEED), integer(*PITCH), integer(*PITCH_RANGE))
    low, high = MARGIN
    before, after = (low + (high - low) * torch.rand(2, generator=generator)).tolist()
    tract = TRACTS[integer(0, len(TRACTS) - 1)]
    noise = NOISE[0] + (NOISE[1] - NOISE[0]) * float(torch.rand((), generator=generator))
    return Utterance(text, target, variant, voice, (before, after), tract, noise)


def speak_all(
    utterances: list[Utterance], synthesizer: Synthesizer, rate: int
) -> Iterator[Float[np.ndarray, " _"] | None]:
    """Yield the samples of each utterance at a rate; None where the synthesizer has no such voice."""
    for number, utterance in enumerate(utterances):
        tempo = round(utterance.voice.speed / utterance.tract)  # so that the tempo is that of the voice in the end
        try:
            samples, own_rate = synthesizer.speak(utterance.text, replace(utterance.voice, speed=tempo))
        except SpeechError:
            yield None
            continue
        played_rate = round(own_rate * utterance.tract / _STEP) * _STEP
        samples = resample(torch.from_numpy(samples), played_rate, rate).numpy()
        placed = _place(samples, utterance.margins, rate)
        if placed is None:
            yield None
            continue
        rng = np.random.default_rng(number)
        yield _add_noise(_add_reverberation(placed, rate, rng), utterance.noise, rng)


def _add_reverberation(
    samples: Float[np.ndarray, " samples"], rate: int, rng: np.random.Generator
) -> Float[np.ndarray, " samples"]:
    """Return samples with decaying reflections, whose length and level are drawn."""
    seconds, decibels = rng.uniform(*ECHO), rng.uniform(*ECHO_LEVEL)
    time = np.arange(round(seconds * rate)) / rate
    echo = rng.standard_normal(len(time)) * 10 ** (-3 * time / seconds)  # 60 dB less at the end
    echo *= 10 ** (decibels / 20) / np.sqrt(np.sum(echo**2))
    size = 1 << (len(samples) + len(time)).bit_length()
    spectrum = np.fft.rfft(samples, size) * (1 + np.fft.rfft(echo, size))
    return np.fft.irfft(spectrum, size)[: len(samples)].astype(np.float32)


def _add_noise(
    samples: Float[np.ndarray, " samples"], decibels: float, rng: np.random.Generator
) -> Float[np.ndarray, " samples"]:
    """Return samples with noise whose power falls with the frequency, to an extent that is drawn."""
    spectrum = np.fft.rfft(rng.standard_normal(len(samples)))
    frequency = np.linspace(0.02, 1, len(spectrum))
    noise = np.fft.irfft(spectrum * frequency ** -rng.uniform(0, 1), len(samples))
    level = np.sqrt(np.mean(samples.astype(np.float64) ** 2)) * 10 ** (decibels / 20)
    return (samples + level / max(1e-9, noise.std()) * noise).astype(np.float32)


def _place(
    samples: Float[np.ndarray, " samples"], margins: tuple[float, float], rate: int
) -> Float[np.ndarray, " placed"] | None:
    """Return samples without the silence of the synthesizer at both ends, with margins of ours; None for silence."""
    audible = np.flatnonzero(np.abs(samples) > AUDIBLE * np.abs(samples).max(initial=0.0))
    if not len(audible):
        return None
    before, after = (round(seconds * rate) for seconds in margins)
    return np.pad(samples[audible[0] : audible[-1] + 1], (before, after))
