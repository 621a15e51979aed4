"""The MIDI reader: against mido, and on files that are damaged, hostile or merely unusual."""

from __future__ import annotations

import io

import mido
import pytest

from axone.data.notes.formats import midi
from axone.data.notes.formats.midi import MidiError, decode_name, read_midi
from tests.helpers.data.music import midi_bytes, number, off, on


def fails(data):
    with pytest.raises(MidiError) as error:
        read_midi(data)
    return str(error.value)


def notes_of(data):
    return [(note.start, note.length, note.pitch) for note in read_midi(data).notes]


def test_files_that_mido_wrote():
    file = mido.MidiFile(ticks_per_beat=96, type=1)
    first, second = mido.MidiTrack(), mido.MidiTrack()
    first += [
        mido.MetaMessage("track_name", name="Song"),
        mido.MetaMessage("set_tempo", tempo=600_000),
        mido.MetaMessage("time_signature", numerator=6, denominator=8),
    ]
    for pitch in range(60, 70):
        second.append(mido.Message("note_on", note=pitch, velocity=50, time=0, channel=3))
        second.append(mido.Message("pitchwheel", pitch=100, time=10, channel=3))
        second.append(mido.Message("sysex", data=(1, 2, 3), time=6))
        second.append(mido.Message("note_on", note=pitch, velocity=0, time=32, channel=3))
    file.tracks += [first, second]
    stream = io.BytesIO()
    file.save(file=stream)
    score = read_midi(stream.getvalue())
    assert [(*note[:3], note.velocity) for note in score.notes] == [(k / 2, 0.5, 60 + k, 50) for k in range(10)]
    assert (score.tempo, score.title, score.meters[0][1:]) == (100.0, "Song", (6, 8))
    assert not score.repairs


def test_running_status_and_type_0():
    running = midi_bytes([(0, on(60)), (480, (60, 0)), (0, (62, 64)), (480, (62, 0))], kind=0)
    assert notes_of(running) == [(0, 1, 60), (1, 1, 62)]


def test_data_bytes_above_127_are_clipped_and_counted():
    score = read_midi(midi_bytes([(0, (0x90, 60, 200)), (480, off(60))]))
    assert score.notes[0].velocity == 127
    assert sum(score.repairs.values()) == 1


def test_a_file_that_is_cut_off_anywhere():
    data = midi_bytes([(0, on(60)), (480, off(60)), (0, on(64)), (480, off(64))])
    for end in range(len(data)):
        fails(data[:end])
    lying = bytearray(data)
    lying[18:22] = (2**31).to_bytes(4, "big")
    assert "track 1" in fails(bytes(lying))


def test_times_that_make_no_sense():
    assert "four bytes" in fails(midi_bytes([(144115188075998575, on(60)), (1, off(60))]))
    assert "quarter" in fails(midi_bytes([(2**28 - 1, on(60)), (1, off(60))]))
    # High resolution is legal: as many ticks, but few quarters.
    assert len(notes_of(midi_bytes([(200_000_000, on(60)), (32_767, off(60))], division=32_767))) == 1


def test_divisions_and_types():
    assert "0 ticks" in fails(midi_bytes([(0, on(60)), (1, off(60))], division=0))
    smpte = (256 - 25) << 8 | 40  # 25 frames of 40 ticks: 1000 ticks in a second, two quarters at 120
    assert notes_of(midi_bytes([(500, on(60)), (500, off(60))], division=smpte)) == [(1, 1, 60)]
    assert "frames" in fails(midi_bytes([(0, on(60))], division=(256 - 7) << 8 | 40))
    assert "type 2" in fails(midi_bytes([(0, on(60))], kind=2))
    assert "no tracks" in fails(midi_bytes())


def test_notes_without_an_end_of_length_zero_and_overlapping():
    score = read_midi(midi_bytes([(0, on(60)), (480, on(60)), (480, on(62)), (0, off(62)), (480, on(64))]))
    lengths = {(note.pitch, note.start): note.length for note in score.notes}
    assert lengths == {(60, 0): 1, (60, 1): 2, (62, 2): 0, (64, 3): 1}
    assert sorted(score.repairs.values()) == [1, 1, 2]


def test_no_notes_and_only_drums():
    assert "no notes" in fails(midi_bytes([(0, b"\xff\x03\x01a")]))
    assert "drums" in fails(midi_bytes([(0, on(36, channel=9)), (10, off(36, channel=9))]))
    assert notes_of(midi_bytes([(0, on(36, channel=9)), (0, on(60)), (480, off(60))])) == [(0, 1, 60)]


def test_limits(monkeypatch):
    assert "1000 tracks" in fails(midi_bytes(*[[(0, on(60)), (1, off(60))]] * 1000))
    # A bomb: by running status an event has three bytes.
    monkeypatch.setattr(midi, "MAX_EVENTS", 10_000)
    assert "events" in fails(midi_bytes([(0, on(60)), *[(0, (60, 1))] * 20_000]))
    monkeypatch.setattr(midi, "MAX_BYTES", 1000)
    assert "bytes" in fails(bytes(2000))


def test_names_of_any_encoding():
    name = b"caf\xe9 <script>\x00\x1b[31m"
    score = read_midi(midi_bytes([(0, b"\xff\x03" + number(len(name)) + name), (0, on(60)), (1, off(60))]))
    assert score.title == "café <script>  [31m"
    assert decode_name("Für Elise".encode()) == "Für Elise"
    assert len(decode_name(b"x" * 10_000)) == 200


def test_tempo_zero_and_senseless_meters():
    assert "tempo" in fails(midi_bytes([(0, b"\xff\x51\x03\x00\x00\x00"), (0, on(60)), (1, off(60))]))
    score = read_midi(midi_bytes([(0, b"\xff\x58\x04\x00\xff\x18\x08"), (0, on(60)), (1, off(60))]))
    assert score.meters[0][1:] == (4, 4)
    assert sum(score.repairs.values()) == 1


def test_other_bytes():
    assert "empty" in fails(b"")
    assert "not a MIDI" in fails(b"<html>" * 10)
    assert "data byte" in fails(midi_bytes([(0, (60, 60))]))
    assert read_midi(b"RIFF\0\0\0\0RMIDdata\0\0\0\0" + midi_bytes([(0, on(60)), (480, off(60))])).notes[0].pitch == 60
    assert read_midi(midi_bytes([(0, on(60)), (480, off(60))], count=3)).repairs
