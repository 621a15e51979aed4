"""Bring a table from wherever it is into one polars frame: a CSV, TSV or Parquet file, a frame, an array, rows.

Nothing here interprets values; `table_types` does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
# What reading takes, in bytes a byte of the file: the text, its columns as text, and as numbers.
MEMORY = {".csv": 4, ".parquet": 10}


@dataclass(frozen=True)
class TableContent:
    """The values of a table as they came, and what to say of where they came from."""

    frame: Any  # polars.DataFrame
    name: str
    source: str
    delimiter: str = ""  # of a text file: beside ';' and tab, a comma may be a decimal mark
    notes: tuple[str, ...] = ()


def import_polars() -> ModuleType:
    """Return the module polars. Raises ResourceError, saying what to type, when it is not installed."""
    try:
        import polars
    except ImportError:
        raise ResourceError(
            _("Tables need polars, which is not installed."), hint=_("type: pip install 'axone[table]'")
        ) from None
    return polars


def read_content(source: Any) -> TableContent:
    """Read a path, or take a polars or pandas frame, a NumPy array (rows, columns), a list of rows, or columns.

    Columns without names are called by their number, from 0. Raises DataError; ResourceError when the table
    does not fit into memory, may not be read, or when polars is not installed.
    """
    polars = import_polars()
    if isinstance(source, str | Path):
        return read_file(Path(source))
    where = _("from Python")
    if isinstance(source, polars.DataFrame | polars.LazyFrame):
        return TableContent(source.lazy().collect(), _("table"), where)
    if type(source).__module__.partition(".")[0] == "pandas" and hasattr(source, "columns"):
        return TableContent(from_pandas(source), _("table"), where)
    if isinstance(source, np.ndarray):
        return TableContent(_from_array(source), _("table"), where)
    if isinstance(source, Mapping):
        return TableContent(_made(lambda: polars.DataFrame(dict(source), strict=False)), _("table"), where)
    if isinstance(source, Sequence) and source and all(isinstance(row, Mapping) for row in source):
        # Every row is looked at: a column may well begin with whole numbers and go on with others.
        made = _made(lambda: polars.DataFrame(list(source), infer_schema_length=None, strict=False))
        return TableContent(made, _("table"), where)
    raise DataError(
        _("A {kind} is no table.", kind=type(source).__name__),
        expected=_("expected a CSV, TSV or Parquet file, a frame of polars or pandas, an array, or rows"),
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
            _("'{path}' is no table that can be read.", path=path),
            expected=_("expected a name that ends in {endings}", endings=", ".join(TEXT + PARQUET)),
            hint=_("export it as CSV: every program for tables can"),
        )
    is_text = suffix in TEXT
    where = _("the file {path}", path=path.resolve())
    try:
        require_memory(path.stat().st_size * MEMORY[".csv" if is_text else ".parquet"], str(path))
        if not is_text:
            return TableContent(_read_parquet(path), path.name, where)
        found = read_delimited(path)
    except PermissionError:
        raise ResourceError(_("'{path}' may not be read.", path=path)) from None
    except MemoryError:
        raise ResourceError(_("'{name}' does not fit into memory.", name=path)) from None
    notes: tuple[str, ...] = ()
    if found.header_is_numbers:
        notes = (_("The first line was taken for the names of the columns, but it holds numbers only."),)
    return TableContent(found.frame, path.name, where, found.delimiter, notes)


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
            _("'{path}' is not a whole Parquet file.", path=path),
            hint=_("it was cut, or is something else: write it anew"),
        )
    try:
        schema = polars.read_parquet_schema(path)
        _require_plain(path, schema)
        # What the file claims to hold, before it is believed.
        require_memory(_claimed_rows(path) * 8 * max(1, len(schema)), str(path))
        return polars.read_parquet(path)
    except (DataError, ResourceError, MemoryError):
        raise
    except BaseException as error:  # a damaged file may even make polars panic, which is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise DataError(_("'{path}' cannot be read: {reason}.", path=path, reason=reason)) from None


def _claimed_rows(path: Path) -> int:
    """Return how many rows a Parquet file says it has; 0 when it cannot say, which reading will tell."""
    import polars

    try:
        return int(polars.scan_parquet(path).select(polars.len()).collect().item())
    except polars.exceptions.PolarsError:
        return 0


def _require_plain(path: Path, schema: Mapping[str, Any]) -> None:
    nested = [f"{name} ({kind})"[:80] for name, kind in schema.items() if kind.is_nested()]
    if nested:
        raise DataError(
            _("'{path}' has columns that hold more than one value a row: {names}.",
              path=path, names=", ".join(nested[:5])),
            hint=_("write each value into a column of its own, or leave these columns out"),
        )  # fmt: skip


def from_pandas(frame: Any) -> Any:
    """Turn a pandas frame into a polars one, without pyarrow."""
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
    return _made(lambda: polars.DataFrame([column(frame.iloc[:, i]).alias(name) for i, name in enumerate(names)]))


def _from_array(array: np.ndarray) -> Any:
    import polars

    if array.ndim != 2:
        raise DataError(
            _("An array of {count} axes is no table.", count=array.ndim), expected=_("expected (rows, columns)")
        )
    if array.dtype.kind in "biuf":
        columns = {str(number): array[:, number] for number in range(array.shape[1])}
        return polars.DataFrame(columns, nan_to_null=array.dtype.kind == "f")
    return _made(
        lambda: polars.DataFrame(
            {str(n): polars.Series([None if v != v else v for v in array[:, n].tolist()], strict=False)
             for n in range(array.shape[1])}
        )
    )  # fmt: skip


def _made(make: Any) -> Any:
    try:
        return make()
    except Exception as error:  # polars raises kinds of its own, and TypeError, for what does not fit together
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise DataError(_("These values make no table: {reason}.", reason=reason)) from None


def count_rows(source: Any) -> int:
    """Count the rows of a table without reading its values: of a text file, its lines. Raises as `read_content`."""
    from axone.data.datasets.tables import TABLES, read_named_table

    if isinstance(source, str) and source in TABLES:
        return int(read_named_table(source)[0].frame.height)
    if not isinstance(source, str | Path):
        rows = getattr(source, "rows", None)  # a Table that was made already
        return int(rows) if isinstance(rows, int) else int(read_content(source).frame.height)
    path = Path(source).expanduser()
    if path.suffix.lower() in TEXT and path.is_file():
        with path.open("rb") as file:
            return max(0, sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) - 1)
    if path.suffix.lower() in PARQUET and path.is_file():
        return _claimed_rows(path)
    return 0  # reading it will say what is wrong
