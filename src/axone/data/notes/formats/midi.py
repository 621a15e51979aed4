"""Read MIDI files. Nothing in a file is trusted: sizes, times and numbers of events are bounded, and memory with them.

A file is a header (format, tracks, ticks in a quarter) and tracks; a track is a list of events, each after a time in
ticks. What players accept is repaired, and the repairs are counted in the score: data bytes above 127, notes that never
end or overlap. A file that is cut off, or whose times make no sense, is refused with `MidiError`.

Source: MIDI Manufacturers Association, "Standard MIDI Files 1.0" (1988).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from axone.data.notes.score import MAX_EVENTS, MAX_QUARTERS, Meter, Note, Score
from axone.messages import _

MAX_BYTES = 16_000_000
MAX_TRACKS = 999
DRUMS = 9  # the channel of percussion, counted from 0
# The data bytes of the status bytes 0x80 to 0xE0, and of 0xF1 to 0xF6, by their upper or lower half.
_CHANNEL_DATA = {0x8: 2, 0x9: 2, 0xA: 2, 0xB: 2, 0xC: 1, 0xD: 1, 0xE: 2}
_COMMON_DATA = {0xF1: 1, 0xF2: 2, 0xF3: 1, 0xF6: 0}


class MidiError(ValueError):
    """Bytes that are no readable MIDI file; the text says why, for people."""


@dataclass
class _Events:
    """What the tracks of a file contain, with times in ticks."""

    notes: list[tuple[int, int, int, int, int]] = field(default_factory=list)  # start, end, pitch, part, velocity
    tempos: list[tuple[int, int]] = field(default_factory=list)  # microseconds in a quarter
    meters: list[tuple[int, int, int]] = field(default_factory=list)
    title: str = ""
    count: int = 0
    drums: int = 0
    repairs: Counter[str] = field(default_factory=Counter)


def read_midi(data: bytes) -> Score:
    """Return the notes of a MIDI file of format 0 or 1, without percussion.

    Each pair of a track and a channel is one part.

    Raises:
        MidiError: It is no MIDI file, damaged, has no notes, or exceeds a limit.
    """
    if not data:
        raise MidiError(_("it is empty (0 bytes)"))
    if len(data) > MAX_BYTES:
        raise MidiError(_("it has more than {limit} bytes", limit=MAX_BYTES))
    if data[:4] == b"RIFF" and data[8:12] == b"RMID":
        data = data[20:]
    ticks, count, position = _read_header(data)
    events = _Events()
    number = 0
    while number < count and position < len(data):
        if len(data) - position < 8:
            raise MidiError(_("it is cut off after {count} of {all} tracks", count=number, all=count))
        name, size = data[position : position + 4], int.from_bytes(data[position + 4 : position + 8], "big")
        position += 8
        if size > len(data) - position:
            raise MidiError(_("it is cut off in track {number}", number=number + 1))
        if name == b"MTrk":
            _read_track(data, position, position + size, number, ticks, events)
            number += 1
        position += size
    if number < count:
        events.repairs[_("tracks fewer than the header says")] += count - number
    return _to_score(events, ticks)


def _read_header(data: bytes) -> tuple[float, int, int]:
    """Return the ticks in a quarter, the number of tracks and the position of the first chunk."""
    if data[:4] != b"MThd" or len(data) < 14:
        raise MidiError(_("it is not a MIDI file"))
    size = int.from_bytes(data[4:8], "big")
    kind, count, division = (int.from_bytes(data[k : k + 2], "big") for k in (8, 10, 12))
    if size < 6 or size > len(data) - 8:
        raise MidiError(_("its header is damaged"))
    if kind > 1:
        raise MidiError(
            _("it is a MIDI file of type {kind}, whose tracks are separate pieces: save it as type 0 or 1", kind=kind)
        )
    if count == 0:
        raise MidiError(_("it has no tracks"))
    if count > MAX_TRACKS:
        raise MidiError(_("it has {count} tracks, more than {limit}", count=count, limit=MAX_TRACKS))
    if division == 0:
        raise MidiError(_("its header says 0 ticks in a quarter note"))
    if division >= 0x8000:  # SMPTE: frames in a second (negative) and ticks in a frame, without a quarter note
        frames, ticks = 256 - (division >> 8), division & 0xFF
        if frames not in (24, 25, 29, 30) or ticks == 0:
            raise MidiError(_("its header says {frames} frames in a second", frames=frames))
        return 0.5 * (29.97 if frames == 29 else frames) * ticks, count, 8 + size
    return float(division), count, 8 + size


def _read_track(data: bytes, position: int, end: int, track: int, ticks: float, events: _Events) -> None:
    """Read the events of one track into `events`."""
    source, notes = _TrackBytes(data, position, end, track), _TrackNotes(track, ticks, events)
    time, status = 0, 0
    while source.position < end:
        time += source.read_number()
        events.count += 1
        if events.count > MAX_EVENTS:
            raise MidiError(_("it has more than {limit} events", limit=MAX_EVENTS))
        byte = source.take(1)[0]
        if byte == 0xFF:
            kind, content = source.take(1)[0], source.take(source.read_number())
            if kind == 0x2F:
                break
            _read_meta(kind, content, time, events)
        elif byte in (0xF0, 0xF7):
            source.take(source.read_number())
            status = 0
        elif byte >= 0xF0:
            source.take(_COMMON_DATA.get(byte, 0))
        else:
            if byte >= 0x80:
                status = byte
            elif status:  # running status: the status byte of the event before
                source.position -= 1
            else:
                raise MidiError(_("track {number} has a data byte where an event begins", number=track + 1))
            notes.read_event(status, source.take(_CHANNEL_DATA[status >> 4]), time)
    notes.close_all()


class _TrackBytes:
    """The bytes of one track, which are read from front to back."""

    def __init__(self, data: bytes, position: int, end: int, track: int) -> None:
        self.data, self.position, self.end, self.track = data, position, end, track

    def take(self, size: int) -> bytes:
        """Return the next bytes."""
        if size > self.end - self.position:
            raise MidiError(_("it is cut off in track {number}", number=self.track + 1))
        self.position += size
        return self.data[self.position - size : self.position]

    def read_number(self) -> int:
        """Return the next number, whose bytes have seven bits each; the last one is below 128."""
        value = 0
        for _byte in range(4):
            (byte,) = self.take(1)
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value
        raise MidiError(_("track {number} has a time or a size of more than four bytes", number=self.track + 1))


class _TrackNotes:
    """The notes of one track: a note sounds until it is closed, and is then one of `events`."""

    def __init__(self, track: int, ticks: float, events: _Events) -> None:
        self.track, self.ticks, self.events = track, ticks, events
        self.sounding: dict[tuple[int, int], tuple[int, int]] = {}  # (channel, pitch) -> (start, velocity)
        self.last_note = 0

    def read_event(self, status: int, values: bytes, time: int) -> None:
        """Begin or close a note; other events of a channel are ignored."""
        repairs, kind, channel = self.events.repairs, status >> 4, status & 15
        if any(value > 127 for value in values):
            repairs[_("data bytes above 127, set to 127")] += sum(value > 127 for value in values)
            values = bytes(min(value, 127) for value in values)
        if kind not in (0x8, 0x9):
            return
        if channel == DRUMS:
            self.events.drums += kind == 0x9
            return
        if time > MAX_QUARTERS * self.ticks:
            raise MidiError(_("a note comes after more than {limit} quarter notes", limit=MAX_QUARTERS))
        self.last_note, key = time, (channel, values[0])
        if kind == 0x9 and values[1]:
            if key in self.sounding:
                repairs[_("overlapping notes of one pitch")] += 1
                self._close(key, time)
            self.sounding[key] = (time, values[1])
        elif key in self.sounding:
            self._close(key, time)

    def close_all(self) -> None:
        """Close the notes that no event ended: with the last note of the track, but after a quarter at least."""
        for key in list(self.sounding):
            self.events.repairs[_("notes without an end")] += 1
            self._close(key, max(self.last_note, self.sounding[key][0] + round(self.ticks)))

    def _close(self, key: tuple[int, int], at: int) -> None:
        start, velocity = self.sounding.pop(key)
        if at == start:
            self.events.repairs[_("notes of length zero")] += 1
        self.events.notes.append((start, at, key[1], self.track * 16 + key[0], velocity))


def _read_meta(kind: int, content: bytes, time: int, events: _Events) -> None:
    """Read a tempo, a time signature or a name."""
    if kind == 0x51 and len(content) == 3:
        tempo = int.from_bytes(content, "big")
        if tempo == 0:
            raise MidiError(_("it has a tempo of 0 microseconds a quarter note"))
        events.tempos.append((time, tempo))
    elif kind == 0x58 and len(content) >= 2:
        if 1 <= content[0] <= 64 and content[1] <= 6:
            events.meters.append((time, content[0], 2 ** content[1]))
        else:
            events.repairs[_("time signatures that make no sense")] += 1
    elif kind == 0x03 and not events.title:
        events.title = decode_name(content)


def decode_name(content: bytes) -> str:
    """Return a name of any encoding as one printable line of at most 200 characters."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return "".join(letter if letter.isprintable() else " " for letter in text[:200]).strip()


def _to_score(events: _Events, ticks: float) -> Score:
    """Return the score; times become quarters, and parts are numbered from 0."""
    if not events.notes:
        raise MidiError(_("it has only drums") if events.drums else _("it has no notes"))
    parts = {part: number for number, part in enumerate(sorted({note[3] for note in events.notes}))}
    notes = sorted(
        Note(start / ticks, (end - start) / ticks, pitch, parts[part], velocity)
        for start, end, pitch, part, velocity in events.notes
    )
    meters = {0.0: Meter(0.0)}
    for time, numerator, denominator in sorted(events.meters):
        if time <= MAX_QUARTERS * ticks:
            meters[time / ticks] = Meter(time / ticks, numerator, denominator)
    tempo = min(events.tempos)[1] if events.tempos else 500_000
    return Score(
        tuple(notes), tuple(meters.values()), 60e6 / tempo, 0.0, events.title, dict(sorted(events.repairs.items()))
    )
