"""Where a table comes from: the name of a table, a file, or data in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axone.data.datasets.tables import TABLES, read_named_table
from axone.data.images.load import InMemoryImages
from axone.data.tables.files import PARQUET, TEXT, TableContent, count_parquet_rows, read_content
from axone.data.tables.table import Table


def is_table(source: Any) -> bool:
    """Return whether a source is a table rather than images: a name, a path, or data in memory."""
    if not isinstance(source, str | Path):
        return not isinstance(source, InMemoryImages)
    return str(source) in TABLES or Path(source).suffix.lower() in TEXT + PARQUET


def read_source(source: Any) -> tuple[TableContent, str | None]:
    """Return the values of a source, and its own target where the source is a table of `TABLES`.

    Raises DataError or ResourceError, as `read_content` does.
    """
    if isinstance(source, str) and source in TABLES:
        return read_named_table(source)
    return read_content(source), None


def count_rows(source: Any) -> int:
    """Return the number of rows of a source without parsing files: of a text file, its lines; 0 for a broken one.

    Raises DataError or ResourceError for data in memory that are no table.
    """
    if isinstance(source, Table):
        return source.rows
    if not isinstance(source, str | Path) or source in TABLES:
        return int(read_source(source)[0].frame.height)
    path = Path(source).expanduser()
    if path.suffix.lower() in TEXT and path.is_file():
        with path.open("rb") as file:
            return max(0, sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) - 1)
    if path.suffix.lower() in PARQUET and path.is_file():
        return count_parquet_rows(path)
    return 0  # reading the file raises the error
