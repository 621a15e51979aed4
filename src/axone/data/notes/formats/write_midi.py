"""Write MIDI files: format 1, with a track for the tempo and the meter, and a track for each part.

Source: MIDI Manufacturers Association, "Standard MIDI Files 1.0" (1988).
"""

from __future__ import annotations

from collections.abc import Sequence

from axone.data.notes.formats.midi import DRUMS
from axone.data.notes.score import Score

TICKS = 480  # in a quarter


def encode_midi(score: Score, instruments: Sequence[int] = ()) -> bytes:
    """Return a score as the bytes of a MIDI file.

    Args:
        score: The score; times are rounded to 1/480 of a quarter.
        instruments: The General MIDI program of each part, from 0; a piano where there are fewer than parts.
    """
    parts = sorted({note.part for note in score.notes})
    first = [(0, b"\xff\x03" + _text(score.title)), (0, b"\xff\x51\x03" + round(60e6 / score.tempo).to_bytes(3, "big"))]
    for meter in score.meters:
        signature = bytes((meter.numerator, meter.denominator.bit_length() - 1, 24, 8))
        first.append((round(meter.start * TICKS), b"\xff\x58\x04" + signature))
    tracks = [_track(first)]
    for number, part in enumerate(parts):
        channel = number % 15
        channel += channel >= DRUMS
        events = [(0, bytes((0xC0 | channel, instruments[number] if number < len(instruments) else 0)))]
        for note in score.notes:
            if note.part == part:
                start = round(note.start * TICKS)
                end = max(start + 1, round((note.start + note.length) * TICKS))
                events.append((start, bytes((0x90 | channel, note.pitch, note.velocity))))
                events.append((end, bytes((0x80 | channel, note.pitch, 0))))
        # At one time ends come before starts, so that a repeated note is not cut.
        tracks.append(_track([events[0], *sorted(events[1:], key=lambda event: (event[0], event[1][0] >= 0x90))]))
    header = b"MThd" + (6).to_bytes(4, "big") + b"".join(n.to_bytes(2, "big") for n in (1, len(tracks), TICKS))
    return header + b"".join(tracks)


def _track(events: list[tuple[int, bytes]]) -> bytes:
    """Return a track of events at times in ticks."""
    body, before = bytearray(), 0
    for time, event in events:
        body += encode_number(time - before) + event
        before = time
    body += b"\x00\xff\x2f\x00"
    return b"MTrk" + len(body).to_bytes(4, "big") + bytes(body)


def encode_number(value: int) -> bytes:
    """Return a number from 0 to 2**28 - 1 in MIDI's variable length: 7 bits a byte, the highest first."""
    if not 0 <= value < 2**28:
        raise ValueError(f"expected a number from 0 to {2**28 - 1}, got {value}")
    parts = [value & 0x7F]
    while value := value >> 7:
        parts.append(value & 0x7F | 0x80)
    return bytes(reversed(parts))


def _text(text: str) -> bytes:
    content = text.encode()[:100]
    return encode_number(len(content)) + content
