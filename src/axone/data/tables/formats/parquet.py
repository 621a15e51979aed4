"""Read a Parquet file into a polars frame, whatever damage it has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from axone.data.memory import require_memory
from axone.errors import DataError, ResourceError
from axone.messages import _

MEMORY = 10  # bytes of memory that reading takes per byte of the file


def read_parquet(path: Path) -> Any:
    """Return the columns of a file. Raises DataError, ResourceError."""
    import polars

    require_memory(path.stat().st_size * MEMORY, str(path))
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
