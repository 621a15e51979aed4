"""Read JSON lines: one object a line, whose keys are the columns."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from axone.data.tables.formats.encoding import decode
from axone.errors import DataError
from axone.messages import _


def read_json_lines(path: Path, data: bytes) -> Any:
    """Return the content of a file as a polars frame. Raises DataError with the line that is no object."""
    import polars

    text, _notes = decode(path, data)
    try:
        # The schema is inferred from all rows: a column may begin with whole numbers and continue with others.
        frame = polars.read_ndjson(io.BytesIO(text), infer_schema_length=None)
    except (polars.exceptions.PolarsError, ValueError) as error:
        _require_objects(path, text)
        reason = str(error).splitlines()[0][:200]
        raise DataError(_("'{path}' cannot be read: {reason}.", path=path, reason=reason)) from None
    if nested := [name for name, kind in frame.schema.items() if kind.is_nested()]:
        raise DataError(
            _("'{path}' has columns with more than one value per row: {names}.",
              path=path, names=", ".join(nested[:5])),
            hint=_("write each value into a column of its own, or leave these columns out"),
        )  # fmt: skip
    return frame


def _require_objects(path: Path, text: bytes) -> None:
    """Raise DataError for the first line that is not a JSON object."""
    for number, line in enumerate(text.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            raise DataError(
                _("Line {line} of '{path}' is not JSON: {reason}.", line=number, path=path, reason=error)
            ) from None
        if not isinstance(value, dict):
            raise DataError(
                _("Line {line} of '{path}' is not a JSON object.", line=number, path=path),
                expected=_("expected one object a line, for example {example}", example='{"age": 35, "weight": 70}'),
            )
