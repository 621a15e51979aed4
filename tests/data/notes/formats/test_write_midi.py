"""The MIDI writer: mido and our own reader read what it writes."""

from __future__ import annotations

import io

import mido
import pytest

from axone.data.notes.formats.midi import read_midi
from axone.data.notes.formats.write_midi import encode_midi, encode_number
from tests.helpers.data.music import small_score


def test_our_reader_reads_the_same_score():
    score = small_score(parts=3)
    again = read_midi(encode_midi(score))
    assert again.notes == score.notes
    assert (again.meters, again.title, again.tempo) == (score.meters, score.title, pytest.approx(score.tempo))
    assert not again.repairs


def test_mido_reads_the_same_notes():
    score = small_score(parts=2)
    file = mido.MidiFile(file=io.BytesIO(encode_midi(score, instruments=[19])))
    assert (file.ticks_per_beat, len(file.tracks)) == (480, 3)
    starts = []
    for part, track in enumerate(file.tracks[1:]):
        time = 0
        for message in track:
            time += message.time
            if message.type == "note_on":
                starts.append((time / 480, message.note, part, message.velocity))
    assert sorted(starts) == sorted((note.start, note.pitch, note.part, note.velocity) for note in score.notes)
    programs = [message.program for track in file.tracks for message in track if message.type == "program_change"]
    assert programs == [19, 0]


def test_many_parts_leave_the_channel_of_the_drums_free():
    file = mido.MidiFile(file=io.BytesIO(encode_midi(small_score(parts=20, notes=1))))
    channels = {message.channel for track in file.tracks for message in track if message.type == "note_on"}
    assert channels == set(range(16)) - {9}


def test_numbers_of_variable_length():
    assert [encode_number(value) for value in (0, 127, 128)] == [b"\x00", b"\x7f", b"\x81\x00"]
    assert encode_number(2**28 - 1) == b"\xff\xff\xff\x7f"
    with pytest.raises(ValueError, match="268435455"):
        encode_number(2**28)
