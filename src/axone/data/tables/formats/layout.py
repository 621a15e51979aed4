"""Where a table begins and ends among the lines of a file, found from the shape of its first and last records.

Reports have lines above the header (a title, comments, Excel's `sep=;`) and below the last row (a source, a footnote).
The rows of the table are the longest run of records with the same number of fields. What is above its first record is
skipped, if that record reads like a header: otherwise the file is irregular, and its first record is the header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import NamedTuple

DELIMITERS = ",;\t|"
SAMPLE = 50  # records from which the layout is found
MOST_IRREGULAR = 0.3  # fraction of the sample that may have another number of fields: errors, which are reported later
SEPARATOR_LINE = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)
DECIMAL_COMMA = re.compile(r"^[+-]?\d[\d.]*(,\d+)?$")
TAIL = 8192  # bytes at the end of a file in which lines below the table are searched
MOST_LINES_BELOW = 5
SOURCE_LINE = re.compile(
    rb'^"?(?:source|sources|note|notes|quelle|copyright|lecture|champ|#|\*|\xc2\xa9)(?![\w])[^\n]*$', re.IGNORECASE
)


class Record(NamedTuple):
    """A record of a delimited text: where it begins and ends, in bytes, and its text."""

    begin: int
    end: int
    text: str


@dataclass(frozen=True)
class Layout:
    """The layout of a delimited text.

    Args:
        delimiter: The character between fields.
        names: The names of the columns, one for each field of a record; "" where the header has none.
        skipped: The number of records above the header.
        begin: The byte at which the first row begins.
    """

    delimiter: str
    names: list[str]
    skipped: int
    begin: int


def find_layout(data: bytes) -> Layout:
    """Return the layout of a text in UTF-8 that is not empty."""
    records = list(islice(iterate_records(data), SAMPLE))
    above = 0
    delimiters = DELIMITERS
    if len(records) > 1 and (match := SEPARATOR_LINE.match(records[0].text)):
        above, delimiters = 1, match[1]
    above += _count_comments(records[above:], delimiters)
    candidates = []
    first = records[above]
    is_separated = len(first.text.split()) > 1 or data[first.end :].startswith((b"\n", b"\r\n"))
    for delimiter in delimiters:
        rows = [split_record(record.text, delimiter) for record in records[above:]]
        if candidate := _fit(rows, is_separated):
            header, names, irregular = candidate
            candidates.append((header + irregular, -len(names), delimiter, header, names))
    if candidates:
        _penalty, _width, delimiter, header, names = min(candidates, key=lambda candidate: candidate[:2])
    elif all(DECIMAL_COMMA.match(record.text) for record in records[above + 1 :]):
        delimiter, header = ";", 0  # a single column of numbers such as 1,5
        names = split_record(records[above].text, delimiter)
    else:
        delimiter, header = _most_frequent(records[above:], delimiters), 0
        names = split_record(records[above].text, delimiter)
    names[0] = names[0].removeprefix("#").strip() or names[0]
    return Layout(delimiter, names, above + header, records[above + header].end)


def find_header(rows: Sequence[Sequence[str]]) -> int:
    """Return the position of the header among rows of the same number of cells: titles fill one cell of their row."""
    header = 0
    while header + 1 < len(rows) and is_title(rows[header]):
        header += 1
    return header if looks_like_header(rows[header]) else 0


def is_title(cells: Sequence[str]) -> bool:
    """Return whether only one cell of a row has content: of two cells, the first."""
    filled = [place for place, cell in enumerate(cells) if cell]
    return not filled or (len(filled) == 1 and len(cells) > 1 and (len(cells) > 2 or filled == [0]))


def looks_like_header(cells: Sequence[str]) -> bool:
    """Return whether a row may be a header: all cells have content, all of them different, and not only numbers.

    The first may be empty: the column of row names.
    """
    named = cells[1:] if cells and not cells[0] and len(cells) > 1 else cells
    return all(named) and len(set(named)) == len(named) and not all(is_number(cell) for cell in named)


def is_number(text: str) -> bool:
    """Return whether a text is a number, in any notation: digits and what may be written between and around them."""
    return bool(re.fullmatch(r"[^\w\"]{0,3}\d[\d.,'\s]*(?:e[+-]?\d+)?[^\w\"]{0,3}", text.strip(), re.IGNORECASE))


def find_end(data: bytes, layout: Layout) -> int:
    """Return the byte at which the rows end: lines such as a source, or after an empty line, are no rows."""
    end = len(data.rstrip())
    width = len(layout.names)
    if width == 1:
        return len(data)
    while True:
        tail = max(layout.begin, end - TAIL)
        cut = _find_footer(data, tail, end, layout.delimiter, width)
        if cut is None:
            return len(data) if end == len(data.rstrip()) else end
        end = cut


def _find_footer(data: bytes, tail: int, end: int, delimiter: str, width: int) -> int | None:
    """Return where a footer begins that ends at `end`; None when the last lines are rows."""
    last = data.rfind(b"\n", tail, end) + 1
    if last <= tail:
        return None
    if SOURCE_LINE.match(data[last:end]) and _count_fields(data[last:end], delimiter) != width:
        return last
    blank = None
    for match in re.finditer(rb"\n[ \t\r]*\n(?=\S)", data[tail:end]):
        blank = tail + match.end()
    if blank is None or data.count(b'"', 0, blank) % 2:
        return None
    below = data[blank:end].split(b"\n")
    if len(below) > MOST_LINES_BELOW or any(_count_fields(line, delimiter) == width for line in below if line.strip()):
        return None
    return blank


def _count_fields(line: bytes, delimiter: str) -> int:
    return len(split_record(line.decode("utf-8", "replace"), delimiter))


def iterate_records(data: bytes) -> Iterator[Record]:
    """Yield the records that are not empty, with regard to quotes; slow, for the first few."""
    begin = 0
    while begin < len(data):
        end = data.find(b"\n", begin)
        while end >= 0 and data.count(b'"', begin, end) % 2:
            end = data.find(b"\n", end + 1)
        end = len(data) if end < 0 else end
        if data[begin:end].strip():
            yield Record(begin, min(end + 1, len(data)), data[begin:end].decode("utf-8", "replace").rstrip("\r"))
        begin = end + 1


def split_record(text: str, delimiter: str) -> list[str]:
    """Return the fields of a record without their quotes, and without white space around them."""
    parts = [part for part in re.split(r'("(?:[^"]|"")*")', text) if part]
    fields = [""]
    for part in parts:
        if part.startswith('"') and part.endswith('"') and len(part) > 1:
            fields[-1] += part
        else:
            first, *rest = part.split(delimiter)
            fields[-1] += first
            fields += rest
    return [_unquote(field.strip()) for field in fields]


def _unquote(field: str) -> str:
    if len(field) > 1 and field.startswith('"') and field.endswith('"'):
        return field[1:-1].replace('""', '"').strip()
    return field


def _count_comments(records: Sequence[Record], delimiters: str) -> int:
    """Return how many first records are comments, which begin with `#`; the last may be the header, as `#id,age`."""
    count = 0
    while count < len(records) and records[count].text.startswith("#"):
        count += 1
    if 0 < count < len(records):
        last, following = records[count - 1].text, records[count].text
        for delimiter in delimiters:
            fields = split_record(last, delimiter)
            first_row = split_record(following, delimiter)
            if len(fields) == len(first_row) > 1 and (last[1:2].strip() or not looks_like_header(first_row)):
                return count - 1
    return count if count < len(records) else 0


def _fit(rows: Sequence[list[str]], is_separated: bool) -> tuple[int, list[str], int] | None:
    """Return the position of the header, the names, and the number of irregular rows; None if the rows do not fit.

    `is_separated` says whether the first row is of several words, or followed by an empty line.
    """
    widths = [len(row) for row in rows]
    runs = [(len(list(group)), width) for width, group in groupby(widths)]
    longest = max((length for length, width in runs if width > 1), default=0)
    if not longest:
        return None
    width = next(width for length, width in runs if length == longest and width > 1)
    first = widths.index(width)
    irregular = sum(count != width for count in widths[first:])
    if irregular > MOST_IRREGULAR * len(rows):
        return None
    header = first + find_header([row for row in rows[first:] if len(row) == width])
    # A single word above the table, without an empty line between them, is the name of a column rather than a title.
    if not first or (looks_like_header(rows[header]) and (header > 1 or is_separated)):
        return header, list(rows[header]), irregular
    body = [row for row in rows[first:] if len(row) == width]
    if first == 1 and 1 < widths[0] == width - 1 and len(body) > 1 and looks_like_header(rows[0]):
        if not any(row[-1] for row in body):  # every row ends with a delimiter, the header does not
            return 0, [*rows[0], ""], irregular
        if _are_row_names([row[0] for row in body]):  # as R writes them, without a name in the header
            return 0, ["", *rows[0]], irregular
    return None


def _are_row_names(cells: Sequence[str]) -> bool:
    """Return whether cells are consecutive numbers from 1 on, or words that are all different."""
    counted = [str(number) for number in range(1, len(cells) + 1)]
    return list(cells) == counted or (len(set(cells)) == len(cells) and not any(map(is_number, cells)))


def _most_frequent(records: Sequence[Record], delimiters: str) -> str:
    """Return the delimiter of irregular records: the most frequent in the first one, equally often in others."""
    best, best_score = ",", 0.0
    for delimiter in delimiters:
        counts = [len(split_record(record.text, delimiter)) - 1 for record in records]
        score = counts[0] * (1.0 if len(set(counts)) == 1 else 0.1)
        if score > best_score:
            best, best_score = delimiter, score
    return best
