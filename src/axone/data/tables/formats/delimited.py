"""Read delimited text (CSV, TSV) into columns of text, and report the line in which a file is broken.

The encoding, the delimiter and the lines above and below the table are found first (`encoding`, `layout`). The shape
is checked before anything is parsed: every record has as many fields as the header, and every quote is closed. The
check works on bytes with NumPy; polars then parses.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from axone.data.tables.formats.encoding import decode
from axone.data.tables.formats.layout import Layout, find_end, find_layout, is_number
from axone.data.tables.formats.total_row import count_total_rows, describe_total_row
from axone.data.text.encoding import line_of
from axone.errors import DataError
from axone.messages import _

QUOTE, NEWLINE, RETURN = ord('"'), ord("\n"), ord("\r")
CHUNK = 1 << 24  # bytes that are checked together
MAX_EXAMPLE = 60  # characters of a skipped line that a note repeats


@dataclass(frozen=True)
class Delimited:
    """The content of a delimited text file: every value as text, null where it is empty.

    Args:
        frame: A polars.DataFrame of String columns.
        delimiter: The character between fields.
        lines: The line of the file in which each row begins, counted from 1.
        notes: Sentences for people on how the file was read.
    """

    frame: Any
    delimiter: str
    lines: np.ndarray
    notes: tuple[str, ...] = ()


def read_delimited(path: Path, data: bytes) -> Delimited:
    """Read the content of a file. Raises DataError with the broken line, or with what to do about the encoding."""
    import polars

    text, notes = decode(path, data)
    layout = find_layout(text)
    end = find_end(text, layout)
    names = name_columns(path, layout.names, line_of(text, layout.begin - 1))
    begin = layout.begin + len(text[layout.begin : end]) - len(text[layout.begin : end].lstrip(b"\r\n"))
    lines = check_shape(path, text[:end], layout.delimiter, len(names), begin)
    try:
        frame = _parse(text[begin:end], layout.delimiter, names)
    except polars.exceptions.PolarsError:
        frame, lines = _parse_slowly(path, text[begin:end], layout.delimiter, names, line_of(text, begin))
    filled = ~frame.select(polars.all_horizontal(polars.all().is_null())).to_series()  # the others are empty lines
    frame = frame.filter(filled)
    for position, name in enumerate(layout.names):
        if not name and frame.width > 1 and frame[names[position]].null_count() == frame.height:
            frame = frame.drop(names[position])  # of a delimiter at the end of every line
    if len(names) > 1 and all(map(is_number, filter(None, layout.names))):
        notes += (_("The first line was taken for the column names, but it contains numbers only."),)
    notes += _describe_skipped(path, text, layout, end)
    lines = lines[filled.to_numpy()]
    for _total in range(count_total_rows(frame)):
        notes += (describe_total_row(frame, _("line {number}", number=int(lines[-1]))),)
        frame, lines = frame.head(frame.height - 1), lines[:-1]
    return Delimited(frame, layout.delimiter, lines, notes)


def _parse(data: bytes, delimiter: str, names: Sequence[str]) -> Any:
    import polars

    schema = dict.fromkeys(names, polars.String)
    if not data:
        return polars.DataFrame(schema=schema)
    return polars.read_csv(data, separator=delimiter, has_header=False, schema=schema)


def _parse_slowly(path: Path, data: bytes, delimiter: str, names: Sequence[str], line: int) -> tuple[Any, np.ndarray]:
    """Parse with Python's csv module, which accepts spaces before quotes, and quotes within a field: 5" pipe.

    Returns the frame, and the line in which each row begins. Raises DataError.
    """
    import polars

    rows, lines, following = [], [], line
    reader = csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        for row in reader:
            if row and len(row) != len(names):
                raise _ragged(path, following, len(row), len(names))
            rows.append([field or None for field in row] or [None] * len(names))
            lines.append(following)
            following = line + reader.line_num
    except csv.Error as error:
        raise DataError(
            _("Line {line} of '{path}' cannot be read: {reason}.", line=following, path=path, reason=error),
            hint=_("look for a missing or an extra delimiter there, or for a quote that is not closed"),
        ) from None
    return polars.DataFrame(rows, dict.fromkeys(names, polars.String), orient="row"), np.array(lines, np.int64)


def name_columns(path: Path | str, names: Sequence[str], line: int) -> list[str]:
    """Return the names of columns, with a number where there is none. Raises DataError for names that occur twice."""
    named = [name or f"column {place}" for place, name in enumerate(names, 1)]
    if repeated := [name for name, count in Counter(named).items() if count > 1]:
        raise DataError(
            _("'{path}' has several columns of the same name: {names}.", path=path, names=", ".join(repeated[:10])),
            hint=_("give each column a unique name in line {line}", line=line),
        )
    return named


def _describe_skipped(path: Path, text: bytes, layout: Layout, end: int) -> tuple[str, ...]:
    """Return notes on the lines above the header and below the rows that were skipped."""
    notes = []
    if layout.skipped:
        header = line_of(text, text.rfind(b"\n", 0, layout.begin - 1) + 1)
        notes.append(_skipped_lines(path, text, 1, header - 1))
    if text[end:].strip():
        first = line_of(text, end + len(text[end:]) - len(text[end:].lstrip()))
        notes.append(_skipped_lines(path, text, first, line_of(text, len(text.rstrip()))))
    return tuple(notes)


def _skipped_lines(path: Path, text: bytes, first: int, last: int) -> str:
    lines = text.split(b"\n", last)[first - 1 : last]
    example = next((line for line in lines if line.strip()), b"").decode("utf-8", "replace").strip()
    values = {"path": path, "example": example[:MAX_EXAMPLE]}
    if first == last:
        return _("Line {line} of '{path}' is no row of the table and was skipped: {example}", line=first, **values)
    return _(
        "Lines {first} to {last} of '{path}' are no rows of the table and were skipped: {example}",
        first=first, last=last, **values,
    )  # fmt: skip


def check_shape(path: Path, data: bytes, delimiter: str, expected: int, begin: int = 0) -> np.ndarray:
    """Check each record from the byte `begin` on, and return the line in which each begins, counted from 1.

    Empty lines are records. Raises DataError, with the line, unless each record that is not empty has `expected`
    fields and all quotes are closed.
    """
    inside, fields = 0, 1
    lines: list[np.ndarray] = []
    line = line_of(data, begin) if begin else 1  # of the current record
    above = line  # of the current chunk
    for start in range(begin, len(data), CHUNK):
        part = np.frombuffer(data, np.uint8, min(CHUNK, len(data) - start), start)
        quoted = (np.cumsum(part == QUOTE, dtype=np.uint8) + np.uint8(inside)) & 1
        newlines = np.flatnonzero(part == NEWLINE)
        ends = newlines[quoted[newlines] == 0]
        delimiters = np.flatnonzero((part == ord(delimiter)) & (quoted == 0))
        before = np.searchsorted(delimiters, ends)
        counts = np.diff(before, prepend=0) + 1
        if len(ends):
            counts[0] += fields - 1
            starts = np.concatenate([[begin], ends[:-1] + start + 1])
            # An empty line, with the line ending of any system, is not a record.
            blank = ends + start - starts
            blank = (blank == 0) | ((blank == 1) & (part[np.maximum(ends - 1, 0)] == RETURN))
            if len(wrong := np.flatnonzero((counts != expected) & ~blank)):
                raise _ragged(path, line_of(data, int(starts[wrong[0]])), int(counts[wrong[0]]), expected)
            following = above + np.searchsorted(newlines, ends) + 1  # the line after the end of each record
            lines.append(np.concatenate([[line], following[:-1]]))
            begin, fields, line = int(ends[-1]) + start + 1, 1, int(following[-1])
        fields += len(delimiters) - (int(before[-1]) if len(ends) else 0)
        inside = int(quoted[-1])
        above += len(newlines)
    if inside:
        raise DataError(
            _("'{path}' opens a quote in line {line} that is not closed.", path=path,
              line=line_of(data, data.rfind(b'"'))),
            hint=_('put the field into quotes, and double each quote inside it: "3"" pipe"'),
        )  # fmt: skip
    if begin < len(data):
        if data[begin:].strip() and fields != expected:
            raise _ragged(path, line, fields, expected)
        lines.append(np.array([line]))
    return np.concatenate(lines) if lines else np.zeros(0, np.int64)


def _ragged(path: Path, line: int, fields: int, expected: int) -> DataError:
    return DataError(
        _("Line {line} of '{path}' has {fields} fields, the header has {expected}.",
          line=line, path=path, fields=fields, expected=expected),
        hint=_("look for a missing or an extra delimiter there, or for a quote that is not closed"),
    )  # fmt: skip
