"""Read a table into a polars frame: a CSV, TSV or Parquet file, a frame, an array, rows or columns in memory.

Nothing here interprets values; the package `values` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from axone.data.memory import require_memory
from axone.data.tables.delimited import read_delimited
from axone.errors import DataError, ResourceError
from axone.messages import _

TEXT = (".csv", ".tsv", ".txt", ".tab")
PARQUET = (".parquet", ".pq")
# Bytes of memory that reading takes per byte of the file: the text, its columns as text, and as numbers.
MEMORY = {".csv": 4, ".parquet": 10}


@dataclass(frozen=True)
class TableContent:
    """The values of a table before they are interpreted, and where they came from.

    Args:
        frame: A polars.DataFrame.
        name: What the table is called.
        source: Where it came from, for people.
        delimiter: Of a text file.
        notes: Sentences for people.
    """

    frame: Any
    name: str
    source: str
    delimiter: str = ""
    notes: tuple[str, ...] = ()


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
        return read_file(Path(source))
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


def read_file(path: Path) -> TableContent:
    """Read a CSV, TSV or Parquet file. Raises as `read_content` does."""
    import_polars()
    path = path.expanduser()
    suffix = path.suffix.lower()
    if not path.is_file():
        raise DataError(_("There is no file '{path}' (from {folder}).", path=path, folder=Path.cwd()))
    if suffix not in TEXT + PARQUET:
        raise DataError(
            _("'{path}' is not a table in a format that can be read.", path=path),
            expected=_("expected a name that ends in {endings}", endings=", ".join(TEXT + PARQUET)),
            hint=_("export it as CSV"),
        )
    is_text = suffix in TEXT
    origin = _("the file {path}", path=path.resolve())
    try:
        require_memory(path.stat().st_size * MEMORY[".csv" if is_text else ".parquet"], str(path))
        if not is_text:
            return TableContent(_read_parquet(path), path.name, origin)
        text = read_delimited(path)
    except PermissionError:
        raise ResourceError(_("'{path}' may not be read.", path=path)) from None
    except MemoryError:
        raise ResourceError(_("'{name}' does not fit into memory.", name=path)) from None
    notes: tuple[str, ...] = ()
    if text.header_is_numbers:
        notes = (_("The first line was taken for the column names, but it contains numbers only."),)
    return TableContent(text.frame, path.name, origin, text.delimiter, notes)


def _read_parquet(path: Path) -> Any:
    import polars

    if path.stat().st_size == 0:
        raise DataError(_("'{path}' is empty.", path=path))
    with path.open("rb") as file:
        begins = file.read(4)
        file.seek(-min(4, path.stat().st_size), 2)
        ends = file.read(4)
    if begins != b"PAR1" or ends != b"PAR1":
        raise DataError(
            _("'{path}' is not a complete Parquet file.", path=path),
            hint=_("it was cut off, or has another format: export it again"),
        )
    try:
        schema = polars.read_parquet_schema(path)
        _require_plain(path, schema)
        # The file's own number of rows is checked before it is trusted.
        require_memory(count_parquet_rows(path) * 8 * max(1, len(schema)), str(path))
        return polars.read_parquet(path)
    except (DataError, ResourceError, MemoryError):
        raise
    except BaseException as error:  # on a damaged file polars may even panic, which is not an Exception
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise DataError(_("'{path}' cannot be read: {reason}.", path=path, reason=reason)) from None


def count_parquet_rows(path: Path) -> int:
    """Return the number of rows that a Parquet file says it has; 0 for a broken file, whose reading raises an error."""
    import polars

    try:
        return int(polars.scan_parquet(path).select(polars.len()).collect().item())
    except polars.exceptions.PolarsError:
        return 0


def _require_plain(path: Path, schema: Mapping[str, Any]) -> None:
    nested = [f"{name} ({kind})"[:80] for name, kind in schema.items() if kind.is_nested()]
    if nested:
        raise DataError(
            _("'{path}' has columns with more than one value per row: {names}.",
              path=path, names=", ".join(nested[:5])),
            hint=_("write each value into a column of its own, or leave these columns out"),
        )  # fmt: skip


def from_pandas(frame: Any) -> Any:
    """Return a pandas frame as a polars frame, without pyarrow."""
    import polars

    def column(values: Any) -> Any:
        kind = values.dtype.kind if isinstance(values.dtype, np.dtype) else "O"
        if kind in "biufM":
            return polars.Series(values.to_numpy(), nan_to_null=kind == "f")
        texts = [None if missing else value for value, missing in zip(values.tolist(), values.isna().tolist())]
        return polars.Series(texts, strict=False)

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
