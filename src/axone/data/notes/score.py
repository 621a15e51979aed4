"""A piece of music: as notes with exact times (`Score`), and as the pitches at each step of a grid (`Piece`).

Times are in quarter notes from the beginning. Pitches are MIDI's: 60 is middle C, one step a semitone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from axone.errors import DataError
from axone.messages import _

PITCHES = 128  # pitches of MIDI, from 0
MAX_QUARTERS = 20_000  # the longest piece: almost three hours at 120 quarters a minute
MAX_EVENTS = 1_000_000  # of one file

Frame = tuple[int, ...]  # the pitches that sound at one step, from high to low; empty in a silence


class Note(NamedTuple):
    """One note."""

    start: float  # in quarters
    length: float  # in quarters
    pitch: int
    part: int = 0  # the voice, instrument or track that plays it
    velocity: int = 80  # how loud, from 1 to 127


class Meter(NamedTuple):
    """A time signature, from a time on."""

    start: float  # in quarters
    numerator: int = 4
    denominator: int = 4

    @property
    def bar(self) -> float:
        """The length of a bar in quarters."""
        return 4 * self.numerator / self.denominator


@dataclass(frozen=True)
class Score:
    """A piece as notes.

    Args:
        notes: The notes, in order of their starts.
        meters: The time signatures, in order; the first one is at 0.
        tempo: Quarters in a minute at the beginning.
        upbeat: The length of an incomplete first bar in quarters; 0: there is none.
        title: The title, for people; it may contain anything.
        repairs: What was repaired in a faulty file, for people, and how often.
    """

    notes: tuple[Note, ...]
    meters: tuple[Meter, ...] = (Meter(0.0),)
    tempo: float = 120.0
    upbeat: float = 0.0
    title: str = ""
    repairs: Mapping[str, int] = field(default_factory=dict)

    @property
    def quarters(self) -> float:
        """The length of the piece in quarters."""
        return float(max((note.start + note.length for note in self.notes), default=0.0))


@dataclass(frozen=True)
class Piece:
    """A piece on a grid.

    Args:
        frames: The pitches that sound at each step.
        positions: The position of each step in its bar, in steps.
        name: What it is called: a file, or a title.
        bar: The steps of the first whole bar.
    """

    frames: tuple[Frame, ...]
    positions: tuple[int, ...]
    name: str = ""
    bar: int = 16

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.frames)


class MusicError(DataError):
    """A file that is no usable piece of music; `reason` says why, without the name of the file."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(_("'{path}' cannot be used: {reason}.", path=name, reason=reason))
        self.reason = reason
