"""The data sets of recordings that have a name in Axone: synthetic voices, Morse code, and spoken digits to download."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from axone.messages import mark


@dataclass(frozen=True)
class AudioSpec:
    """A named data set of recordings.

    Args:
        summary: What it contains, in a few words for people.
        targets: Whether its recordings have classes or transcripts.
        origin: "voices" needs a synthesizer, "code" nothing, "download" a network once.
        language: The language of synthetic voices.
    """

    summary: str
    targets: Literal["classes", "transcripts"]
    origin: Literal["voices", "code", "download"]
    language: str = ""


AUDIO_SETS: dict[str, AudioSpec] = {
    "synthetic-words": AudioSpec(mark("spoken digits and commands from synthetic voices"), "classes", "voices", "en"),
    "synthetic-words-fr": AudioSpec(
        mark("spoken digits and commands in French from synthetic voices"), "classes", "voices", "fr"
    ),
    "synthetic-numbers": AudioSpec(
        mark("spoken numbers of several digits from synthetic voices, with transcripts"), "transcripts", "voices", "en"
    ),
    "synthetic-numbers-fr": AudioSpec(
        mark("spoken numbers of several digits in French from synthetic voices, with transcripts"),
        "transcripts", "voices", "fr",
    ),
    "morse": AudioSpec(mark("words in Morse code in noise, with transcripts"), "transcripts", "code"),
    "morse-letters": AudioSpec(mark("letters and digits in Morse code in noise"), "classes", "code"),
    "spoken-digits": AudioSpec(
        mark("3,000 recordings of ten digits by six speakers (free spoken digits)"), "classes", "download"
    ),
}  # fmt: skip


def default_set(targets: Literal["classes", "transcripts"]) -> tuple[str, str | None]:
    """Return the data set to train on where none is named, and a note where it is Morse code for want of a synthesizer.

    It is that of the synthetic voices in the language of the messages when `espeakng-loader` or the program
    `espeak-ng` is installed, else Morse code.
    """
    raise NotImplementedError
