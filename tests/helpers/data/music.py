"""Small pieces of music, and bytes of MIDI files written by hand."""

from __future__ import annotations

import torch

from axone.data.notes.score import Meter, Note, Piece, Score


def small_score(parts=2, notes=12, seed=0, **values):
    """Return a score of notes on sixteenths, that do not overlap within a pitch of a part."""
    generator = torch.Generator().manual_seed(seed)
    listed = []
    for part in range(parts):
        for number in range(notes):
            pitch, length, velocity = (
                int(torch.randint(*ends, (1,), generator=generator)) for ends in ((40, 80), (1, 5), (1, 128))
            )
            listed.append(Note(float(number), length / 4, pitch, part, velocity))
    return Score(tuple(sorted(listed)), (Meter(0.0, 3, 4),), 100.0, 0.0, values.pop("title", "Étude"))


def small_piece(steps=16, bar=4, seed=0, voices=4):
    """Return a piece of random chords."""
    generator = torch.Generator().manual_seed(seed)
    frames = []
    for _step in range(steps):
        pitches = 48 + torch.randperm(30, generator=generator)[:voices]
        frames.append(tuple(sorted(pitches.tolist(), reverse=True)))
    return Piece(tuple(frames), tuple(step % bar for step in range(steps)), "small", bar)


def number(value):
    """Return a number in MIDI's variable length, of any size."""
    parts = [value & 127]
    while value := value >> 7:
        parts.append(value & 127 | 128)
    return bytes(reversed(parts))


def midi_bytes(*tracks, kind=1, division=480, count=None):
    """Return a MIDI file of tracks, each a list of (delta, bytes of the event); the end of each track is added."""
    chunks = b""
    for track in tracks:
        body = b"".join(number(delta) + bytes(event) for delta, event in track) + b"\x00\xff\x2f\x00"
        chunks += b"MTrk" + len(body).to_bytes(4, "big") + body
    numbers = (kind, len(tracks) if count is None else count, division)
    return b"MThd" + (6).to_bytes(4, "big") + b"".join(value.to_bytes(2, "big") for value in numbers) + chunks


def on(pitch, velocity=64, channel=0):
    return bytes((0x90 | channel, pitch, velocity))


def off(pitch, channel=0):
    return bytes((0x80 | channel, pitch, 0))
