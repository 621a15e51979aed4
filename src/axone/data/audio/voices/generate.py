"""The recordings of synthetic data sets: which voice speaks which text, as a pure function of the seed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float

from axone.data.audio.resample import resample
from axone.data.audio.voices.voice import SpeechError, Synthesizer, Voice
from axone.data.audio.voices.words import ACCENTS, COMMANDS, DIGITS, PITCH, PITCH_RANGE, SPEED, VARIANTS
from axone.data.random import make_generator

AUDIBLE = 0.02  # fraction of the largest magnitude; what is quieter at both ends is cut off
MARGIN = (0.03, 0.2)  # seconds of silence that are added at each end
DIGITS_IN_NUMBER = (2, 6)


class Utterance(NamedTuple):
    """One recording that is to be generated."""

    text: str  # as it is spoken
    target: str  # its class or transcript
    group: str  # the variant of the voice
    voice: Voice
    margins: tuple[float, float]  # seconds of silence before and after


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
    return Utterance(text, target, variant, voice, (before, after))


def speak_all(
    utterances: list[Utterance], synthesizer: Synthesizer, rate: int
) -> Iterator[Float[np.ndarray, " _"] | None]:
    """Yield the samples of each utterance at a rate; None where the synthesizer has no such voice."""
    for utterance in utterances:
        try:
            samples, own_rate = synthesizer.speak(utterance.text, utterance.voice)
        except SpeechError:
            yield None
            continue
        yield _place(resample(torch.from_numpy(samples), own_rate, rate).numpy(), utterance.margins, rate)


def _place(
    samples: Float[np.ndarray, " samples"], margins: tuple[float, float], rate: int
) -> Float[np.ndarray, " placed"] | None:
    """Return samples without the silence of the synthesizer at both ends, with margins of ours; None for silence."""
    audible = np.flatnonzero(np.abs(samples) > AUDIBLE * np.abs(samples).max(initial=0.0))
    if not len(audible):
        return None
    before, after = (round(seconds * rate) for seconds in margins)
    return np.pad(samples[audible[0] : audible[-1] + 1], (before, after))
