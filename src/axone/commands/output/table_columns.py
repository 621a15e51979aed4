"""`axone data FILE`: how the columns of a table would be read, before any training."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from axone.messages import _, plural
from axone.numbers import format_number


def show_columns(source: str, columns: str, missing: str | None, *, quiet: bool) -> dict[str, Any]:
    """Print the kind of each column, an example of how its values are read, and notes; return them as JSON.

    Args:
        source: A file.
        columns: What the user prescribes for columns, as `--columns` of a training.
        missing: The words that mean a missing value, as `--missing` of a training; None: the usual ones.
        quiet: Print nothing.

    Raises DataError, ResourceError, SettingsError.
    """
    from axone.data.tables.column_readings import read_columns
    from axone.data.tables.files import read_content
    from axone.data.tables.targets.missing import parse_missing
    from axone.data.tables.values.kinds import parse_kinds

    content = read_content(Path(source))
    readings = read_columns(content, parse_kinds(columns), parse_missing(missing))
    if not quiet:
        kinds = {"number": _("number"), "date": _("date"), "category": _("category"), "drop": _("not used")}
        widths = [
            max((len(text) for text in texts), default=0)
            for texts in ([reading.name for reading in readings], list(kinds.values()))
        ]
        rows = plural("{count} row", "{count} rows", content.frame.height)
        print(_("{name}: {rows}, {columns}.", name=content.name, rows=rows,
              columns=plural("{count} column", "{count} columns", len(readings))))  # fmt: skip
        for reading in readings:
            example = reading.text if reading.text == reading.value else f"{reading.text} -> {reading.value}"
            counts = _("{distinct} different", distinct=format_number(reading.distinct))
            if reading.missing:
                counts += ", " + _("{missing} missing", missing=format_number(reading.missing))
            print(f"  {reading.name:<{widths[0]}}  {kinds[reading.kind]:<{widths[1]}}  {example}  ({counts})")
        for note in (*content.notes, *(note for reading in readings for note in reading.notes)):
            print(note)
    return {
        "name": content.name,
        "rows": content.frame.height,
        "columns": [{**asdict(reading), "notation": dict(reading.notation)} for reading in readings],
        "notes": list(content.notes),
    }
