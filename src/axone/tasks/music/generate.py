"""`axone generate`: composed pieces and harmonized melodies as MIDI, MusicXML, sound, score and piano roll."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8
from PIL import Image
from torch import nn

from axone.data.audio.decode.wav import encode_wav
from axone.data.notes.formats.write_midi import encode_midi
from axone.data.notes.formats.write_musicxml import encode_musicxml
from axone.data.notes.quantize import quantize
from axone.data.notes.read import read_score
from axone.data.notes.score import Frame, Piece
from axone.data.notes.synthesize import RATE, synthesize
from axone.data.notes.voices import to_score, to_voices
from axone.errors import DataError, UsageError
from axone.figures.figure import encode_png
from axone.messages import _
from axone.tasks.answers import NotebookAnswer, with_note
from axone.tasks.music.drawings.engraving import engrave
from axone.tasks.music.drawings.piano_roll import draw_piano_roll, to_pixels
from axone.tasks.music.harmonize import harmonize
from axone.tasks.music.measures.copies import LONG_RUN, longest_stay
from axone.tasks.music.sample import compose
from axone.tasks.music.settings import MusicOptions
from axone.tasks.music.state import is_note_by_note

FEW_PITCHES = 4  # a piece with fewer different notes is said to have them


@dataclass(frozen=True)
class GeneratedPiece(NotebookAnswer):
    """One composed piece, or a harmonized melody."""

    piece: Piece
    grid: int
    tempo: float
    note: str = ""  # for people
    # The steps at which every voice strikes its note again; None: where a bar begins.
    strikes: Collection[int] | None = field(default=None, repr=False)

    output = "files"

    @cached_property
    def roll(self) -> Image.Image:
        """The piano roll."""
        return draw_piano_roll(self.piece, self.grid)

    def preview(self) -> UInt8[np.ndarray, "height width 3"]:
        """Return the piano roll."""
        return to_pixels(self.roll)

    def files(self) -> dict[str, bytes]:
        """Return MIDI, MusicXML, sound, a piano roll and, where verovio is installed, a score."""
        voices = to_voices(self.piece, self.strikes)
        score = to_score(voices, self.piece, self.grid, self.tempo, self.piece.name)
        document = encode_musicxml(voices, self.piece, self.grid, self.tempo, self.piece.name)
        files = {
            ".mid": encode_midi(score),
            ".musicxml": document.encode(),
            ".wav": encode_wav(synthesize(score), RATE),
            ".png": encode_png(self.roll),
        }
        engraved = engrave(document)
        return {**files, ".svg": engraved.encode()} if engraved else files

    def text(self) -> str:
        """Return the length and the note."""
        notes = sum(len(event.pitches) for voice in to_voices(self.piece, self.strikes) for event in voice)
        bars = -(-len(self.piece) // self.piece.bar)
        return with_note(_("{bars} bars, {notes} notes", bars=bars, notes=notes), self.note)

    def to_json(self) -> dict[str, Any]:
        """Return the steps, and the note where there is one."""
        answer = {"grid": self.grid, "bar": self.piece.bar, "steps": [list(frame) for frame in self.piece.frames]}
        return {**answer, "note": self.note} if self.note else answer


def generate(
    network: nn.Module, facts: dict[str, Any], count: int, seed: int, options: MusicOptions
) -> Iterator[GeneratedPiece]:
    """Compose pieces, or harmonize a melody in as many ways.

    Raises:
        UsageError: A melody is given, and the network or its training music cannot harmonize it.
        DataError: The melody cannot be read.
    """
    network.eval()
    if options.melody:
        yield from _harmonize_file(network, facts, count, seed, options)
        return
    bar, grid = facts["bar"], facts["grid"]
    steps = options.bars * bar
    for number, frames in enumerate(
        compose(
            network, steps, bar, count=count, seed=seed, temperature=options.temperature, most_notes=facts["most_notes"]
        )
    ):
        piece = Piece(
            tuple(frames), tuple(step % bar for step in range(steps)), _("Composition {number}", number=number + 1), bar
        )
        yield GeneratedPiece(piece, grid, options.tempo, describe_faults(frames, grid))


def describe_faults(frames: list[Frame], grid: int) -> str:
    """Return a sentence on a composition that is one repeated note, a chord that stays, or silence; "" for others."""
    pitches = {pitch for frame in frames for pitch in frame}
    if not pitches:
        return _("silence: train longer, or with more music")
    if len(pitches) < FEW_PITCHES:
        return _(
            "only {count} different notes: train longer, or generate with a higher temperature", count=len(pitches)
        )
    stay = longest_stay(frames) // grid
    if stay > LONG_RUN:
        return _(
            "one chord stays for {count} quarter notes: train longer, or generate with a higher temperature", count=stay
        )
    return ""


def _harmonize_file(
    network: nn.Module, facts: dict[str, Any], count: int, seed: int, options: MusicOptions
) -> Iterator[GeneratedPiece]:
    """Harmonize the highest notes of a file."""
    if not is_note_by_note(network):
        raise UsageError(
            _("A network with independent notes (--objective sigmoids) cannot harmonize a melody."),
            hint=_("train with --objective notes"),
        )
    if not 3 <= facts["most_notes"] <= 8:
        raise UsageError(
            _("This network learned music with up to {count} notes at a time, not in four voices.",
              count=facts["most_notes"]),
            hint=_("train on music in four voices, such as --data bach-chorales"),
        )  # fmt: skip
    melody = read_melody(options.melody, facts["grid"])
    notes = [note for note in melody.pitches if note is not None]
    low, high = facts["melody"]
    outside = sum(not low <= note <= high for note in notes)
    remark = ""
    if outside:
        remark = _(
            "{count} of {total} steps of the melody are outside the range of the training music, {low} to {high}",
            count=outside, total=len(notes), low=low, high=high,
        )  # fmt: skip
    for number in range(count):
        frames = harmonize(
            network, melody.pitches, melody.piece.positions, particles=options.particles, seed=seed + number,
            temperature=options.temperature,
        )  # fmt: skip
        piece = replace(melody.piece, frames=tuple(frames))
        yield GeneratedPiece(piece, facts["grid"], options.tempo, remark, melody.strikes)


@dataclass(frozen=True)
class Melody:
    """The highest notes of a piece: the pitch of each step, None in a silence, and the steps at which notes begin."""

    piece: Piece
    pitches: tuple[int | None, ...]
    strikes: frozenset[int]


def read_melody(path: str, grid: int) -> Melody:
    """Return the highest notes of a file. Raises DataError, ResourceError."""
    score = read_score(Path(path).expanduser())
    piece = quantize(score, grid, Path(path).stem).piece
    if not len(piece):
        raise DataError(_("'{path}' has no notes that fit the grid of the training.", path=path))
    pitches = tuple(frame[0] if frame else None for frame in piece.frames)
    first = round(score.notes[0].start * grid)
    starts = {round(note.start * grid) - first for note in score.notes}
    changes = {step for step in range(1, len(pitches)) if pitches[step] != pitches[step - 1]}
    return Melody(piece, pitches, frozenset(starts | changes))
