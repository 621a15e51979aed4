"""Bytes of a text file as UTF-8: from UTF-16, with or without a byte-order mark, and from Windows-1252.

Latin-1 is a part of Windows-1252 as far as texts go: its further characters are control characters, which a text does
not contain. Texts in other encodings, such as those of Cyrillic or of Japanese, are refused rather than misread.
Files of tables and of plain text are read alike.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import NamedTuple

from axone.errors import DataError
from axone.messages import _

BYTE_ORDERS = ((b"\xff\xfe\0\0", "UTF-32"), (b"\0\0\xfe\xff", "UTF-32"), (b"\xff\xfe", "UTF-16"),
                    (b"\xfe\xff", "UTF-16"))  # fmt: skip
LETTERS = rb"[\x81-\x9f\xc0-\xff]+"  # of Windows-1252 beyond ASCII, and what are letters in other encodings
CONTROLS = re.compile(rb"[\x01-\x08\x0b\x0e-\x19\x1b-\x1f]")
UTF8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
MOSTLY_WESTERN = 0.5  # of letters beyond ASCII, the most that may be next to another such letter
SAMPLE = 1_000_000  # bytes that decide whether a text is Western
BLOCK = 1 << 22  # bytes that are decoded at a time, so that a text of any length needs little memory


class DecodedText(NamedTuple):
    """The text of a file as UTF-8, with newlines of one kind, and notes on how it was read."""

    data: bytes
    notes: tuple[str, ...]


def decode(path: Path, data: bytes) -> DecodedText:
    """Return the bytes of a text file as UTF-8 without a byte-order mark, its lines ended by a newline.

    Raises DataError for a file that is empty, damaged, no text, or in an encoding that is not known.
    """
    if not data.strip():
        raise DataError(_("'{path}' is empty.", path=path))
    text, encoding = _to_utf8(path, data)
    if not text.strip():
        raise DataError(_("'{path}' is empty.", path=path))
    notes = () if encoding == "UTF-8" else (_describe(path, text, encoding),)
    return DecodedText(_with_newlines(text), notes)


def line_of(data: bytes, place: int) -> int:
    """Return the number of the line of a byte, counted from 1, as an editor shows it."""
    return data.count(b"\n" if b"\n" in data else b"\r", 0, max(place, 0)) + 1


def find_invalid_utf8(data: bytes) -> int | None:
    """Return the place of the first byte that is not valid UTF-8, or None. The text is decoded block by block."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data), BLOCK):
        pending = len(decoder.getstate()[0])  # bytes of a character that the block before began
        try:
            decoder.decode(data[start : start + BLOCK], final=start + BLOCK >= len(data))
        except UnicodeDecodeError as error:
            return start - pending + error.start
    return None


def _to_utf8(path: Path, data: bytes) -> tuple[bytes, str]:
    """Return the text as UTF-8, and the encoding it had."""
    for prefix, encoding in BYTE_ORDERS:
        if data.startswith(prefix):
            return _recode(path, data, encoding.lower().replace("-", "_")), encoding
    data = data.removeprefix(b"\xef\xbb\xbf")
    if (place := data.find(b"\0")) >= 0:
        if order := _find_byte_order(data):
            return _recode(path, data, f"utf_16_{order}"), "UTF-16"
        raise _not_text(path, data, place)
    invalid = find_invalid_utf8(data)
    return (data, "UTF-8") if invalid is None else (_recode_western(path, data, invalid), "Windows-1252")


def _find_byte_order(data: bytes) -> str | None:
    """Return "le" or "be" for UTF-16 without a mark: nearly all zero bytes are the second, or the first, of pairs."""
    first, second = data[:SAMPLE:2].count(0), data[1:SAMPLE:2].count(0)
    if max(first, second) < max(3, 0.05 * min(len(data), SAMPLE)) or min(first, second) > 0.05 * max(first, second):
        return None
    return "le" if second > first else "be"


def _recode(path: Path, data: bytes, codec: str) -> bytes:
    try:
        text = data.decode(codec).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise DataError(
            _("'{path}' looks like {encoding}, but is damaged at byte {place}.", path=path,
              encoding=codec[:6].upper().replace("_", "-"), place=error.start),
            hint=_("the file was cut off or is damaged: copy or export it again"),
        ) from None  # fmt: skip
    encoded = text.encode("utf-8", "replace")
    if (place := encoded.find(b"\0")) >= 0:
        raise _not_text(path, encoded, place)
    return encoded


def _recode_western(path: Path, data: bytes, place: int) -> bytes:
    """Return Windows-1252 as UTF-8. Raises DataError for what is damaged UTF-8, or another encoding."""
    if control := CONTROLS.search(data):
        raise _not_text(path, data, control.start())
    valid = len(UTF8_CHARACTER.findall(data))
    high = sum(data.count(byte) for byte in range(0x80, 0x100))
    invalid = high - sum(map(len, UTF8_CHARACTER.findall(data)))
    if valid >= invalid:
        raise DataError(
            _("'{path}' is UTF-8 text, but line {line} is damaged (byte {place}: {value}).", path=path,
              line=line_of(data, place), place=place, value=f"0x{data[place]:02x}"),
            hint=_("correct that line, or export the file again"),
        )  # fmt: skip
    letters = re.findall(LETTERS, data[:SAMPLE])
    adjacent = sum(len(run) for run in letters if len(run) > 1)
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    if not text or adjacent > MOSTLY_WESTERN * max(1, sum(map(len, letters))):
        raise DataError(
            _("'{path}' is neither UTF-8 nor Windows-1252 text (first in line {line}, byte {place}).", path=path,
              line=line_of(data, place), place=place),
            hint=_("save it as UTF-8 (in Excel: CSV UTF-8), or type: iconv -f ENCODING -t UTF-8 FILE > NEW_FILE"),
        )  # fmt: skip
    return text.encode()


def _not_text(path: Path, data: bytes, place: int) -> DataError:
    line = line_of(data, place)
    problem = (
        _("'{path}' looks binary: line {line} has a zero byte (byte {place}).", path=path, line=line, place=place)
        if data[place] == 0
        else _("'{path}' looks binary: line {line} has a control character (byte {place}).", path=path, line=line,
               place=place)
    )  # fmt: skip
    return DataError(problem, hint=_("the file is damaged, or is not text: export it again"))


def _describe(path: Path, text: bytes, encoding: str) -> str:
    """Return a note that names the encoding, with a word by which people see whether it is right."""
    example = re.search(r"\w*[^\W\d_a-zA-Z]\w*", text[:SAMPLE].decode("utf-8", "ignore"))
    if example:
        return _("'{path}' was read as {encoding}, not as UTF-8 (for example: {word}).", path=path, encoding=encoding,
                 word=example[0][:30])  # fmt: skip
    return _("'{path}' was read as {encoding}, not as UTF-8.", path=path, encoding=encoding)


def _with_newlines(data: bytes) -> bytes:
    """Return a text whose lines end in a carriage return only (old Macintosh systems) with newlines instead."""
    alone = data.count(b"\r") - data.count(b"\r\n")
    if alone > data.count(b"\n"):
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data
