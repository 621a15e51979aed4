"""Read one piece of music from a file. The content decides the format, never the name."""

from __future__ import annotations

from pathlib import Path

from axone.data.notes.formats import midi, musicxml
from axone.data.notes.score import MusicError, Score
from axone.data.paths import printable_path
from axone.errors import ResourceError
from axone.messages import _

SUFFIXES = (".mid", ".midi", ".rmi", ".kar", ".smf", ".musicxml", ".mxl", ".xml")
MAX_BYTES = max(midi.MAX_BYTES, musicxml.MAX_BYTES)


def read_score(path: Path | str) -> Score:
    """Return the notes of a MIDI or MusicXML file.

    Raises:
        MusicError: It is not a piece of music, damaged, without notes, or exceeds a limit.
        ResourceError: It may not be read, or it is MusicXML and music21 is not installed.
    """
    path, name = Path(path), printable_path(path)
    if not path.is_file():
        reason = _("it is a folder") if path.is_dir() else _("there is no such file")
        raise MusicError(name, reason)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except PermissionError:
        raise ResourceError(_("The file '{path}' may not be read by this user.", path=name)) from None
    except OSError as error:
        raise MusicError(name, error.strerror or str(error)) from None
    try:
        return decode_score(data)
    except (midi.MidiError, musicxml.MusicXmlError) as error:
        raise MusicError(name, str(error)) from None


def decode_score(data: bytes) -> Score:
    """Return the notes in the bytes of a file. Raises MidiError, MusicXmlError, ResourceError."""
    if data[:2] == b"PK" or data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return musicxml.read_musicxml(data)
    if data and data[:4] not in (b"MThd", b"RIFF"):
        raise midi.MidiError(_("it is neither a MIDI nor a MusicXML file"))
    return midi.read_midi(data)
