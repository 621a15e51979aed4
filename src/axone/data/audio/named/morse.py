"""Morse code in noise: recordings with transcripts that need no recording, no voice and no library.

A dot lasts 1.2 / w seconds at w words per minute, a dash three dots; a gap within a letter is one dot, between letters
three, between words seven. Speed, tone, level of the noise, fading and the unsteady hand of the sender are drawn for
each recording from its own generator.

Source: Recommendation ITU-R M.1677-1, "International Morse code" (the code and its timing).
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

from axone.data.random import make_generator

CODE = {
    "A": ".-", "B": "-...", "C": "-.-.", "D": "-..", "E": ".", "F": "..-.", "G": "--.", "H": "....", "I": "..",
    "J": ".---", "K": "-.-", "L": ".-..", "M": "--", "N": "-.", "O": "---", "P": ".--.", "Q": "--.-", "R": ".-.",
    "S": "...", "T": "-", "U": "..-", "V": "...-", "W": ".--", "X": "-..-", "Y": "-.--", "Z": "--..",
    "0": "-----", "1": ".----", "2": "..---", "3": "...--", "4": "....-", "5": ".....", "6": "-....", "7": "--...",
    "8": "---..", "9": "----.",
}  # fmt: skip
SPEED = (18.0, 30.0)  # words per minute
TONE = (450.0, 850.0)  # Hz
SNR = (-3.0, 20.0)  # dB of the tone over the noise
UNSTEADY = 0.1  # standard deviation of the logarithm of each duration
EDGE = 0.004  # seconds in which a tone rises and falls


def synthesize_morse(text: str, seed: int, rate: int = 8000) -> Float[Tensor, " samples"]:
    """Return a text as tones of Morse code in noise.

    Args:
        text: Letters without accents, digits, and spaces between words; other characters are a ValueError.
        seed: Of everything that is drawn.
        rate: The sampling rate in Hz.
    """
    generator = make_generator("morse", seed)

    def uniform(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=generator))

    dot = 1.2 / uniform(*SPEED)
    durations: list[tuple[float, bool]] = [(uniform(1.0, 4.0), False)]  # in dots; whether there is a tone
    for position, word in enumerate(text.upper().split()):
        if position:
            durations.append((4.0, False))  # after the three of the last letter
        for letter in word:
            if letter not in CODE:
                raise ValueError(f"Morse code has no {letter!r}")
            for sign in CODE[letter]:
                durations += [(1.0 if sign == "." else 3.0, True), (1.0, False)]
            durations.append((2.0, False))
    durations.append((uniform(0.0, 3.0), False))
    jitter = torch.randn(len(durations), generator=generator).mul(UNSTEADY).exp()
    ends = (torch.tensor([length for length, _tone in durations]) * jitter * dot * rate).cumsum(0).round().long()
    envelope = torch.zeros(max(1, int(ends[-1])))
    start = 0
    for end, (_length, sounds) in zip(ends.tolist(), durations, strict=True):
        if sounds:
            envelope[start:end] = 1
        start = end
    edge = max(1, round(EDGE * rate))
    ramp = torch.hann_window(2 * edge + 1, periodic=False)
    envelope = torch.conv1d(envelope[None, None], (ramp / ramp.sum())[None, None], padding=edge)[0, 0]
    time = torch.arange(len(envelope)) / rate
    depth, slow = uniform(0.0, 0.6), uniform(0.1, 0.5)  # of the fading: its depth, and its frequency in Hz
    fading = 1 - depth * (0.5 + 0.5 * torch.sin(2 * math.pi * (slow * time + uniform(0.0, 1.0))))
    tone = envelope * fading * torch.sin(2 * math.pi * (uniform(*TONE) * time + uniform(0.0, 1.0)))
    noise = torch.randn(len(envelope), generator=generator)
    samples = tone + noise * math.sqrt(0.5) * 10 ** (-uniform(*SNR) / 20)
    return samples / samples.abs().max()
