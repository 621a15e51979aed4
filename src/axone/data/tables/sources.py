"""Where a table comes from: the name of a table, a file, or data in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axone.data.datasets.tables import TABLES, read_named_table
from axone.data.images.in_memory.collection import are_images
from axone.data.tables.files import TableContent, read_content
from axone.data.tables.formats.compression import iterate_blocks
from axone.data.tables.formats.names import parse_table_file
from axone.data.tables.formats.parquet import count_parquet_rows
from axone.data.tables.table import Table


def is_table(source: Any) -> bool:
    """Return whether a source is a table rather than images: a name, a path, or data in memory."""
    if not isinstance(source, str | Path):
        return not are_images(source)
    return str(source) in TABLES or parse_table_file(source).format is not None


def read_source(source: Any) -> tuple[TableContent, str | None]:
    """Return the values of a source, and its own target where the source is a table of `TABLES`.

    Raises DataError or ResourceError, as `read_content` does.
    """
    if isinstance(source, str) and source in TABLES:
        return read_named_table(source)
    return read_content(source), None


def count_rows(source: Any) -> int:
    """Return the number of rows of a source without parsing text: of a text file, its lines; 0 for a broken one.

    Raises DataError or ResourceError for data in memory that are no table, and for a broken compressed file.
    """
    if isinstance(source, Table):
        return source.rows
    if not isinstance(source, str | Path) or source in TABLES:
        return int(read_source(source)[0].frame.height)
    file = parse_table_file(source)
    if file.path.is_file():
        match file.format:
            case "text":
                return max(0, _count_newlines(file.path) - 1)
            case "json":
                return _count_newlines(file.path)
            case "parquet":
                return count_parquet_rows(file.path)
            case "workbook":
                return int(read_content(source).frame.height)
    return 0  # reading the file raises the error


def _count_newlines(path: Path) -> int:
    counts = [(block.count(b"\n"), block.count(b"\r")) for block in iterate_blocks(path)]
    newlines, returns = (sum(column) for column in zip(*counts)) if counts else (0, 0)
    return newlines or returns  # carriage returns end the lines of old Macintosh systems
