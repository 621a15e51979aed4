"""MusicXML files: archives, encodings, and what is refused."""

from __future__ import annotations

import io
import sys
import zipfile

import pytest

from axone.data.notes.formats import musicxml
from axone.data.notes.formats.musicxml import MusicXmlError, read_musicxml
from axone.data.notes.formats.write_musicxml import encode_musicxml
from axone.data.notes.voices import to_voices
from axone.errors import ResourceError
from tests.helpers.data.music import small_piece

PIECE = small_piece(8)
DOCUMENT = encode_musicxml(to_voices(PIECE), PIECE, 1, 90.0, "Été")


def archive(name, content):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return stream.getvalue()


def fails(data):
    with pytest.raises(MusicXmlError) as error:
        read_musicxml(data)
    return str(error.value)


def test_encodings_and_archives():
    plain = read_musicxml(DOCUMENT.encode())
    assert plain.title == "Été"
    assert read_musicxml(DOCUMENT.replace("UTF-8", "UTF-16").encode("utf-16")) == plain
    assert read_musicxml(DOCUMENT.replace("UTF-8", "ISO-8859-1").encode("latin-1")) == plain
    assert read_musicxml(archive("score.xml", DOCUMENT)) == plain


def test_what_is_refused(monkeypatch, tmp_path):
    assert "empty" in fails(b"")
    assert "not MusicXML" in fails(b"<html></html>")
    assert "parsed" in fails(DOCUMENT[: len(DOCUMENT) // 2].encode())
    assert "encoding" in fails(b'<?xml version="1.0" encoding="utf-8"?>\xff<score-partwise')
    entity = f'<!DOCTYPE x [<!ENTITY x SYSTEM "file://{tmp_path}">]><score-partwise>&x;</score-partwise>'
    assert "entities" in fails(entity.encode())
    assert "damaged" in fails(b"PK\x03\x04 no archive")
    assert "without" in fails(archive("readme.txt", "x"))
    assert "no notes" in fails(b'<score-partwise version="4.0"><part-list/></score-partwise>')
    monkeypatch.setattr(musicxml, "MAX_BYTES", 5000)
    assert "bytes" in fails(archive("score.xml", "<score-partwise>" + " " * 10_000_000))


def test_without_music21(monkeypatch):
    monkeypatch.setitem(sys.modules, "music21", None)
    with pytest.raises(ResourceError) as error:
        read_musicxml(DOCUMENT.encode())
    assert "axone[music]" in str(error.value)
