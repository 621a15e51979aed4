"""Read a table into a polars frame: a file (see `formats.names`), a frame, an array, rows or columns in memory.

Nothing here interprets values; the package `values` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from axone.data.tables.formats.compression import read_bytes
from axone.data.tables.formats.delimited import read_delimited
from axone.data.tables.formats.json_lines import read_json_lines
from axone.data.tables.formats.names import ENDINGS, parse_table_file
from axone.data.tables.formats.parquet import read_parquet
from axone.data.tables.formats.workbook import read_workbook
from axone.data.tables.values.levels import read_levels
from axone.data.tables.values.unreadable import name_row
from axone.errors import DataError, ResourceError
from axone.messages import _

TEXT_MEMORY = 4  # bytes of memory per byte of a text file: the text, its columns as text, and as numbers


@dataclass(frozen=True)
class TableContent:
    """The values of a table before they are interpreted, and where they came from.

    Args:
        frame: A polars.DataFrame.
        name: What the table is called.
        source: Where it came from, for people.
        delimiter: Of a text file.
        notes: Sentences for people.
        lines: The line of a text file, or the row of a sheet, in which each row begins, counted from 1.
    """

    frame: Any
    name: str
    source: str
    delimiter: str = ""
    notes: tuple[str, ...] = ()
    lines: np.ndarray | None = None

    def locate(self, row: int) -> str:
        """Return where a row (counted from 0) is, for people: its number, and its line in a file."""
        if self.lines is None:
            return name_row(row)
        return f"{name_row(row)} ({_('line {number}', number=int(self.lines[row]))})"

    def filter(self, mask: Any) -> TableContent:
        """Return the content without the rows where `mask`, a polars Series of booleans, is false."""
        lines = None if self.lines is None else self.lines[mask.to_numpy()]
        return replace(self, frame=self.frame.filter(mask), lines=lines)


def import_polars() -> ModuleType:
    """Return the module polars. Raises ResourceError, with what to type, when it is not installed."""
    try:
        import polars
    except ImportError:
        raise ResourceError(
            _("Tables need polars, which is not installed."), hint=_("type: pip install 'axone[table]'")
        ) from None
    return polars


def read_content(source: Any) -> TableContent:
    """Return the values of a table.

    Args:
        source: A path, a polars or pandas frame, a NumPy array (rows, columns), a list of rows by column name, or
            columns by name. Columns without names are called by their number, from 0.

    Raises:
        DataError: The source is no table, or a broken one.
        ResourceError: The table does not fit into memory, may not be read, or polars is not installed.
    """
    polars = import_polars()
    if isinstance(source, str | Path):
        return read_file(source)
    origin = _("from Python")
    if isinstance(source, polars.DataFrame | polars.LazyFrame):
        return TableContent(source.lazy().collect(), _("table"), origin)
    if type(source).__module__.partition(".")[0] == "pandas" and hasattr(source, "columns"):
        return TableContent(from_pandas(source), _("table"), origin)
    if isinstance(source, np.ndarray):
        return TableContent(_from_array(source), _("table"), origin)
    if isinstance(source, Mapping):
        return TableContent(_build_frame(lambda: polars.DataFrame(dict(source), strict=False)), _("table"), origin)
    if isinstance(source, Sequence) and source and all(isinstance(row, Mapping) for row in source):
        # The schema is inferred from all rows: a column may begin with whole numbers and continue with others.
        frame = _build_frame(lambda: polars.DataFrame(list(source), infer_schema_length=None, strict=False))
        return TableContent(frame, _("table"), origin)
    raise DataError(
        _("A {kind} is not a table.", kind=type(source).__name__),
        expected=_("expected a CSV, TSV or Parquet file, a polars or pandas frame, an array, or rows"),
    )


def read_file(name: str | Path) -> TableContent:
    """Read the file of a table. Raises as `read_content` does."""
    import_polars()
    file = parse_table_file(name)
    path = file.path
    if path.is_dir():
        raise DataError(_("'{path}' is a folder, not the file of a table.", path=path))
    if not path.is_file():
        raise DataError(_("There is no file '{path}' (from {folder}).", path=path, folder=Path.cwd()))
    if file.format is None:
        raise DataError(
            _("'{path}' is not a table in a format that can be read.", path=path),
            expected=_("expected a name that ends in {endings}", endings=ENDINGS),
            hint=_("export it as CSV"),
        )
    origin = _("the file {path}", path=path.resolve())
    try:
        match file.format:
            case "parquet":
                return TableContent(read_parquet(path), path.name, origin)
            case "workbook":
                rows = read_workbook(path, file.sheet)
                return TableContent(rows.frame, path.name, origin, "", rows.notes, rows.lines)
            case "json":
                frame = read_json_lines(path, read_bytes(path, TEXT_MEMORY))
                return TableContent(frame, path.name, origin)
            case "text":
                text = read_delimited(path, read_bytes(path, TEXT_MEMORY))
                return TableContent(text.frame, path.name, origin, text.delimiter, text.notes, text.lines)
    except PermissionError:
        raise ResourceError(_("'{path}' may not be read.", path=path)) from None
    except MemoryError:
        raise ResourceError(_("'{name}' does not fit into memory.", name=path)) from None


def from_pandas(frame: Any) -> Any:
    """Return a pandas frame as a polars frame, without pyarrow."""
    import polars

    def column(values: Any) -> Any:
        kind = values.dtype.kind if isinstance(values.dtype, np.dtype) else "O"
        if kind in "biufM":
            return polars.Series(values.to_numpy(), nan_to_null=kind == "f")
        texts = [None if missing else value for value, missing in zip(values.tolist(), values.isna().tolist())]
        series = polars.Series(texts, strict=False)
        # What is declared as categories is one, though its values are numbers.
        return read_levels(series).cast(polars.Categorical) if hasattr(values.dtype, "categories") else series

    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        raise DataError(_("The frame has several columns of the same name."))
    return _build_frame(
        lambda: polars.DataFrame([column(frame.iloc[:, i]).alias(name) for i, name in enumerate(names)])
    )


def _from_array(array: np.ndarray) -> Any:
    import polars

    if array.ndim != 2:
        raise DataError(
            _("An array with {count} axes is not a table.", count=array.ndim), expected=_("expected (rows, columns)")
        )
    if array.dtype.kind in "biuf":
        columns = {str(number): array[:, number] for number in range(array.shape[1])}
        return polars.DataFrame(columns, nan_to_null=array.dtype.kind == "f")
    return _build_frame(
        lambda: polars.DataFrame(
            {str(n): polars.Series([None if v != v else v for v in array[:, n].tolist()], strict=False)
             for n in range(array.shape[1])}
        )
    )  # fmt: skip


def _build_frame(build: Callable[[], Any]) -> Any:
    try:
        return build()
    except Exception as error:  # polars raises exceptions of its own, and TypeError, for values that do not match
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise DataError(_("These values do not form a table: {reason}.", reason=reason)) from None
