"""The name of a table's file: which format it has, and which sheet of a workbook it names.

people.csv, people.tsv.gz        delimited text, also compressed
people.parquet
people.xlsx, people.xlsx#Adults  the first sheet of a workbook, or the one that is named
people.jsonl, people.jsonl.gz    one JSON object a line
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Format = Literal["text", "parquet", "workbook", "json"]

FORMATS: dict[str, Format] = {
    **dict.fromkeys((".csv", ".tsv", ".txt", ".tab"), "text"),
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"), "workbook"),
    **dict.fromkeys((".jsonl", ".ndjson"), "json"),
}
COMPRESSED = ".gz"  # text and JSON lines may be compressed
ENDINGS = ".csv, .tsv, .txt, .parquet, .xlsx, .jsonl"  # the usual ones, for errors


@dataclass(frozen=True)
class TableFile:
    """The file of a table.

    Args:
        path: Where it is.
        format: How it is written; None: not as a table, by its name.
        sheet: The sheet of a workbook; "": the first.
    """

    path: Path
    format: Format | None
    sheet: str = ""


def parse_table_file(name: str | Path) -> TableFile:
    """Return the file that a name means. A `#` names a sheet, unless a file of the whole name exists."""
    path = Path(name).expanduser()
    if "#" in path.name and not path.exists():
        front, _hash, sheet = str(path).rpartition("#")
        workbook = Path(front)
        if FORMATS.get(workbook.suffix.lower()) == "workbook":
            return TableFile(workbook, "workbook", sheet)
    return TableFile(path, _find_format(path))


def _find_format(path: Path) -> Format | None:
    suffix = path.suffix.lower()
    if suffix != COMPRESSED:
        return FORMATS.get(suffix)
    inner = Path(path.stem).suffix.lower()
    format = FORMATS.get(inner) if inner else "text"
    return format if format in ("text", "json") else None
