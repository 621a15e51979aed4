"""Settings of systems for music. This module does not import torch, so flags are checked at once."""

from __future__ import annotations

from axone.messages import mark
from axone.settings import Options, Settings, option


class MusicSettings(Settings):
    """How music is read and cut into examples."""

    data: str = option(
        "bach-chorales",
        mark("a folder of MIDI or MusicXML files, one file, or a known set: bach-chorales, palestrina, cadences"),
    )
    grid: int = option(
        2, mark("steps in a quarter note"), auto=mark("2 for known sets, 4 for your own files"), ge=1, le=48
    )
    excerpt: int = option(256, mark("longest excerpt of a piece in a training batch, in steps"), ge=8, le=100_000)
    lowest: int = option(-5, mark("transposition of training pieces: lowest, in semitones"), ge=-24, le=0)
    highest: int = option(6, mark("transposition of training pieces: highest, in semitones"), ge=0, le=24)


class MusicOptions(Options):
    """What is composed, and how."""

    DEFAULT_COUNT = 1

    bars: int = option(16, mark("length in bars"), ge=1, le=1000)
    temperature: float = option(
        0.9, mark("temperature: below 1 likelier notes, above 1 more surprising ones"), gt=0, le=10
    )
    tempo: float = option(90.0, mark("quarter notes in a minute"), ge=10, le=400)
    melody: str = option("", mark("a MIDI or MusicXML file whose highest notes become the melody of four voices"))
    particles: int = option(
        64, mark("harmonizations of a melody that are followed at the same time, to keep the likely ones"),
        ge=1, le=4096,
    )  # fmt: skip
