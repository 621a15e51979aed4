"""Read delimited text (CSV, TSV) into columns of text, and report the line in which a file is broken.

The delimiter is detected (comma, semicolon, tab or bar), a byte-order mark is skipped, and the shape is checked before
anything is parsed: every record has as many fields as the header, and every quote is closed. The check works on bytes
with NumPy; polars then parses.
"""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from axone.errors import DataError
from axone.messages import _

DELIMITERS = ",;\t|"
QUOTE, NEWLINE, RETURN = ord('"'), ord("\n"), ord("\r")
CHUNK = 1 << 24  # bytes that are checked together
SAMPLE = 20  # records from which the delimiter is detected


@dataclass(frozen=True)
class Delimited:
    """The content of a delimited text file: every value as text, null where it is empty."""

    frame: Any  # polars.DataFrame of String columns
    delimiter: str
    header_is_numbers: bool  # then the file may have no header, and its first row was taken for one


def read_delimited(path: Path) -> Delimited:
    """Read a file. Raises DataError with the broken line, or with what to do about the encoding."""
    import polars

    data = _text(path, path.read_bytes())
    delimiter = find_delimiter(data)
    check_shape(path, data, delimiter)
    header = next(_records(data)).decode()
    names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
    names = [name or _("column {number}", number=place) for place, name in enumerate(names, 1)]
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise DataError(
            _("'{path}' has several columns of the same name: {names}.", path=path, names=", ".join(repeated[:10])),
            hint=_("give each column a unique name in the first line"),
        )
    frame = polars.read_csv(data, separator=delimiter, infer_schema=False, new_columns=names)
    frame = frame.filter(~polars.all_horizontal(polars.all().is_null()))  # empty lines
    return Delimited(frame, delimiter, all(_is_number(name) for name in names))


def _text(path: Path, data: bytes) -> bytes:
    """Return the bytes as UTF-8 without a byte-order mark and with newlines of one kind. Raises DataError."""
    if not data.strip():
        raise DataError(_("'{path}' is empty.", path=path))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _encoded(path, "UTF-16")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if (place := data.find(b"\0")) >= 0:
        # Every second byte of UTF-16 is zero in most scripts; a single zero is damage.
        if data[:2000].count(b"\0") > 0.2 * len(data[:2000]):
            raise _encoded(path, "UTF-16")
        raise DataError(
            _("Line {line} of '{path}' has a zero byte.", line=_line(data, place), path=path),
            hint=_("the file is damaged, or is not text: export it again"),
        )
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _encoded(path, "Windows-1252", _line(data, error.start)) from None
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    return data


def _encoded(path: Path, encoding: str, line: int | None = None) -> DataError:
    where = path if line is None else _("line {line} of {path}", line=line, path=path)
    return DataError(
        _("'{path}' is not UTF-8 text; it looks like {encoding}.", path=where, encoding=encoding),
        hint=_("type: iconv -f {encoding} -t UTF-8 {path} > converted.csv", encoding=encoding, path=path),
    )


def find_delimiter(data: bytes) -> str:
    """Return the delimiter that splits the first records into the same number of fields, more than one; else ','."""
    first = list(itertools.islice(_records(data), SAMPLE))
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        counts = [int(_outside(np.frombuffer(line, np.uint8), ord(delimiter)).sum()) for line in first]
        # The same number in every record counts more than a large number in some.
        score = counts[0] * (1.0 if len(set(counts)) == 1 else 0.1) if counts else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    return best


def check_shape(path: Path, data: bytes, delimiter: str) -> None:
    """Raise DataError, with the line, unless each record has as many fields as the header and all quotes are closed."""
    expected, inside, fields, begin = -1, 0, 1, 0  # begin: the start of the current record
    for start in range(0, len(data), CHUNK):
        part = np.frombuffer(data, np.uint8, min(CHUNK, len(data) - start), start)
        quoted = (np.cumsum(part == QUOTE, dtype=np.uint8) + np.uint8(inside)) & 1
        ends = np.flatnonzero((part == NEWLINE) & (quoted == 0))
        delimiters = np.flatnonzero((part == ord(delimiter)) & (quoted == 0))
        before = np.searchsorted(delimiters, ends)
        counts = np.diff(before, prepend=0) + 1
        if len(ends):
            counts[0] += fields - 1
            starts = np.concatenate([[begin], ends[:-1] + start + 1])
            # An empty line, with the line ending of any system, is not a record.
            blank = ends + start - starts
            blank = (blank == 0) | ((blank == 1) & (part[np.maximum(ends - 1, 0)] == RETURN))
            if expected < 0 and not blank.all():
                expected = int(counts[~blank][0])
            if len(wrong := np.flatnonzero((counts != expected) & ~blank)):
                raise _ragged(path, data, int(starts[wrong[0]]), int(counts[wrong[0]]), expected)
            begin, fields = int(ends[-1]) + start + 1, 1
        fields += len(delimiters) - (int(before[-1]) if len(ends) else 0)
        inside = int(quoted[-1])
    if inside:
        raise DataError(
            _("'{path}' opens a quote in line {line} that is not closed.", path=path,
              line=_line(data, data.rfind(b'"'))),
            hint=_('put the field into quotes, and double each quote inside it: "3"" pipe"'),
        )  # fmt: skip
    if data[begin:].strip() and expected >= 0 and fields != expected:
        raise _ragged(path, data, begin, fields, expected)


def _ragged(path: Path, data: bytes, begin: int, fields: int, expected: int) -> DataError:
    return DataError(
        _("Line {line} of '{path}' has {fields} fields, the header has {expected}.",
          line=_line(data, begin), path=path, fields=fields, expected=expected),
        hint=_("look for a missing or an extra delimiter there, or for a quote that is not closed"),
    )  # fmt: skip


def _records(data: bytes) -> Iterator[bytes]:
    """Yield the records that are not empty, with regard to quotes; slow, for the first few."""
    begin = 0
    while begin < len(data):
        end = data.find(b"\n", begin)
        while end >= 0 and data.count(b'"', begin, end) % 2:
            end = data.find(b"\n", end + 1)
        end = len(data) if end < 0 else end
        if data[begin:end].strip():
            yield data[begin:end].rstrip(b"\r")
        begin = end + 1


def _outside(part: np.ndarray, character: int) -> np.ndarray:
    """Return where a character is outside of quotes."""
    return (part == character) & ((np.cumsum(part == QUOTE, dtype=np.uint8) & 1) == 0)


def _line(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, max(place, 0)) + 1


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
