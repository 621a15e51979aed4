"""Read MusicXML files with the library music21 (extra `music`): .musicxml, .xml, and .mxl, which is a zip archive.

An archive is unpacked in memory up to a limit, so that a small file cannot become a large one, and a document that
declares entities is refused before it is parsed: nothing outside the file is read.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

from axone.data.notes.formats.midi import decode_name
from axone.data.notes.score import MAX_QUARTERS, Meter, Note, Score
from axone.errors import ResourceError
from axone.messages import _

MAX_BYTES = 32_000_000  # of the unpacked document
MAX_NOTES = 200_000


class MusicXmlError(ValueError):
    """Bytes that are no readable MusicXML; the text says why, for people."""


def read_musicxml(data: bytes) -> Score:
    """Return the notes of a MusicXML document. Repeats are not played.

    Raises:
        MusicXmlError: It is no MusicXML, damaged, has no notes, or exceeds a limit.
        ResourceError: music21 is not installed.
    """
    if not data:
        raise MusicXmlError(_("it is empty (0 bytes)"))
    text = _decode(_unpack(data) if data[:2] == b"PK" else data)
    if "<score-partwise" not in text and "<score-timewise" not in text:
        raise MusicXmlError(_("it is not MusicXML"))
    if "<!ENTITY" in text:
        raise MusicXmlError(_("it declares XML entities, which are not read"))
    if text.count("<note") > MAX_NOTES:
        raise MusicXmlError(_("it has more than {limit} notes", limit=MAX_NOTES))
    return parse_with_music21(text)


def parse_with_music21(source: str | Path) -> Score:
    """Return the notes of a document, or of a file of music21's corpus."""
    music21 = require_music21()
    try:
        if isinstance(source, Path):
            parsed = music21.converter.parse(source, forceSource=True, storePickle=False)
        else:
            parsed = music21.converter.parseData(source, format="musicxml")
        return _to_score(parsed)
    except MusicXmlError:
        raise
    except Exception as error:
        # music21 raises exceptions of many kinds, of Python's own too, for documents that are not well-formed.
        reason = decode_name(str(error).encode("utf-8", "replace")) or type(error).__name__
        raise MusicXmlError(_("it cannot be parsed ({error})", error=reason)) from None


def require_music21() -> Any:
    """Return the library. Raises ResourceError where it is not installed."""
    try:
        import music21
    except ImportError:
        raise ResourceError(
            _("Bach's chorales and MusicXML files need the library music21, which is not installed."),
            hint=_("type: pip install 'axone[music]'  (MIDI files need nothing more: --data FOLDER)"),
        ) from None
    return music21


def _unpack(data: bytes) -> bytes:
    """Return the document in a compressed MusicXML file."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [name for name in archive.namelist() if not name.startswith("META-INF")]
            root = next(
                (name for name in _root_files(archive) if name in names),
                next((name for name in names if name.endswith((".xml", ".musicxml"))), ""),
            )
            if not root:
                raise MusicXmlError(_("it is an archive without a MusicXML document"))
            return _read_member(archive, root)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        raise MusicXmlError(_("it is a damaged archive")) from None


def _root_files(archive: zipfile.ZipFile) -> list[str]:
    if "META-INF/container.xml" not in archive.namelist():
        return []
    container = _read_member(archive, "META-INF/container.xml").decode("utf-8", "replace")
    return re.findall(r'full-path="([^"]+)"', container)


def _read_member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        content = member.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise MusicXmlError(_("it has more than {limit} bytes", limit=MAX_BYTES))
    return content


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise MusicXmlError(_("it has more than {limit} bytes", limit=MAX_BYTES))
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    declared = re.match(rb"""\s*<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["']""", data[:200])
    if declared and encoding != "utf-16":
        encoding = declared[1].decode("ascii")
        encoding = "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise MusicXmlError(_("it is not text in the encoding {name}", name=encoding)) from None
    # The declaration names the encoding of the bytes, which are text now.
    return re.sub(r"^\s*<\?xml[^>]*\?>", '<?xml version="1.0"?>', text, count=1)


def _to_score(parsed: Any) -> Score:
    """Return the notes of a stream of music21; each of its parts is a part."""
    from music21 import chord, note, stream

    parts = list(parsed.parts) if isinstance(parsed, stream.Score) else []
    parts = parts or [parsed]
    notes: list[Note] = []
    for number, part in enumerate(parts):
        for element in part.stripTies().flatten().notes:
            if element.duration.isGrace or not isinstance(element, note.Note | chord.Chord):
                continue
            start, length = float(element.offset), float(element.quarterLength)
            if start + length > MAX_QUARTERS:
                raise MusicXmlError(_("a note comes after more than {limit} quarter notes", limit=MAX_QUARTERS))
            notes += [Note(start, length, pitch.midi, number) for pitch in element.pitches if 0 <= pitch.midi < 128]
    if not notes:
        raise MusicXmlError(_("it has no notes"))
    meters = {0.0: Meter(0.0)}
    for signature in parts[0].flatten().getTimeSignatures(returnDefault=False):
        meters[float(signature.offset)] = Meter(float(signature.offset), signature.numerator, signature.denominator)
    bars = list(parts[0].getElementsByClass("Measure"))
    upbeat = 0.0
    if bars:
        first = float(bars[0].duration.quarterLength)
        upbeat = first if 0 < first < meters[0.0].bar else 0.0
    title = parsed.metadata.title if parsed.metadata is not None and parsed.metadata.title else ""
    return Score(tuple(sorted(notes)), tuple(meters.values()), 100.0, upbeat, decode_name(title.encode()))
