"""Read a sheet of a workbook (Excel, OpenDocument) with fastexcel, which computes nothing and executes no macros.

Titles above the header are found as in text files (`layout.find_header`). Cells keep their types: numbers, dates and
booleans where a whole column has them, otherwise texts.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from axone.data.memory import require_memory
from axone.data.tables.formats.delimited import name_columns
from axone.data.tables.formats.layout import SAMPLE, find_header
from axone.data.tables.formats.total_row import count_total_rows, describe_total_row
from axone.errors import DataError, ResourceError, closest
from axone.messages import _

MEMORY = 3  # bytes of memory that reading takes per byte of the XML in the workbook
EXACT = 2**53  # larger whole numbers are not exact in float64


@dataclass(frozen=True)
class Sheet:
    """The content of a sheet.

    Args:
        frame: A polars.DataFrame.
        lines: The row of the sheet in which each row of the frame is, counted from 1.
        notes: Sentences for people on how the workbook was read.
    """

    frame: Any
    lines: np.ndarray
    notes: tuple[str, ...]


def read_workbook(path: Path, sheet: str = "") -> Sheet:
    """Read a sheet by its name, or the first one. Raises DataError, ResourceError."""
    try:
        import fastexcel  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise ResourceError(
            _("Workbooks need fastexcel, which is not installed."), hint=_("type: pip install 'axone[table]'")
        ) from None
    _require_small(path)
    try:
        workbook = fastexcel.read_excel(path)
        names = workbook.sheet_names
        if sheet and sheet not in names:
            near = closest(sheet, names)
            raise DataError(
                _("'{path}' has no sheet '{name}'.", path=path, name=sheet)
                + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
                expected=_("sheets: {names}", names=", ".join(names[:20])),
            )
        name = sheet or names[0]
        cells = workbook.load_sheet(name, header_row=None, dtypes="string").to_polars()
        return _build_sheet(path, cells, workbook, name)
    except fastexcel.FastExcelError as error:
        reason = str(error).splitlines()[0][:200].rstrip(".")
        raise DataError(_("'{path}' cannot be read: {reason}.", path=path, reason=reason)) from None


def _build_sheet(path: Path, cells: Any, workbook: Any, name: str) -> Sheet:
    """Return the sheet from its cells as texts, which show where the header is, and from its typed rows below it."""
    import polars

    empty = cells.select(polars.all_horizontal(polars.all().is_null())).to_series() if cells.width else None
    filled = np.flatnonzero(~empty.to_numpy()) if empty is not None else np.zeros(0, np.int64)
    if not len(filled):
        raise DataError(_("'{path}' is empty.", path=path))
    first = [[(cell or "").strip() for cell in cells.row(int(row))] for row in filled[:SAMPLE]]
    header = find_header(first)
    above, below = filled[:header], filled[header + 1 :]
    names = name_columns(path, first[header], int(filled[header]) + 1)
    notes = []
    for _total in range(count_total_rows(cells[below])):
        notes.append(describe_total_row(cells[below], _("row {number}", number=int(below[-1]) + 1)))
        below = below[:-1]
    frame = polars.DataFrame(schema=dict.fromkeys(names, polars.String))
    if len(below):
        start, count = int(below[0]), int(below[-1] - below[0]) + 1
        # Types are inferred from all rows where no number of them is set: a column of mixed types becomes text.
        typed = workbook.load_sheet(
            name, header_row=None, skip_rows=start, n_rows=count, schema_sample_rows=None
        ).to_polars()
        frame = polars.DataFrame(
            [_whole_numbers(series.alias(names[k])) for k, series in enumerate(typed.iter_columns())]
        )[below - start]
    unnamed = [
        name for name, written in zip(names, first[header]) if not written and frame[name].null_count() == len(frame)
    ]
    if len(workbook.sheet_names) > 1 and name == workbook.sheet_names[0]:
        sheets = ", ".join(workbook.sheet_names[:10])
        notes.append(
            _("The sheet '{name}' of '{path}' was read; it has: {names} (another one: {path}#NAME).",
              name=name, path=path, names=sheets)
        )  # fmt: skip
    if len(above):
        last, values = int(filled[header]), {"path": path, "example": next(cell for cell in first[0] if cell)[:60]}
        notes.append(
            _("Row 1 of '{path}' is no row of the table and was skipped: {example}", **values)
            if last == 1
            else _("Rows 1 to {last} of '{path}' are no rows of the table and were skipped: {example}", last=last,
                   **values)
        )  # fmt: skip
    return Sheet(frame.drop(unnamed), below + 1, tuple(notes))


def _whole_numbers(series: Any) -> Any:
    """Return a column of floats as integers where all are whole: a workbook does not distinguish the two."""
    import polars

    if series.dtype != polars.Float64:
        return series
    known = series.drop_nulls()
    if len(known) and bool(((known == known.round()) & (known.abs() < EXACT)).all()):
        return series.cast(polars.Int64)
    return series


def _require_small(path: Path) -> None:
    """Raise ResourceError for a workbook whose decompressed content does not fit into memory."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            size = sum(info.file_size for info in archive.infolist() if info.filename.endswith(".xml"))
    else:
        size = path.stat().st_size
    require_memory(size * MEMORY, str(path))
