"""A synthetic voice, and what every synthesizer offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True)
class Voice:
    """How a text is spoken.

    Args:
        name: The voice of eSpeak NG, such as "en-us+f3": a language, and perhaps a variant.
        speed: Words per minute.
        pitch: From 0 to 99.
        pitch_range: How much the pitch varies, from 0 (monotone) to 99.
    """

    name: str
    speed: int = 160
    pitch: int = 50
    pitch_range: int = 50


@runtime_checkable
class Synthesizer(Protocol):
    """Turns text into samples."""

    version: str  # the name and version of the engine, by which a cache of its recordings is recognized

    def speak(self, text: str, voice: Voice) -> tuple[Float[np.ndarray, " samples"], int]:
        """Return the samples of a text, from -1 to 1, and their rate. Raises SpeechError for an unknown voice."""


class SpeechError(Exception):
    """A synthesizer that could not speak; the text says why."""
