"""The answers of `axone predict` as a table: a row for each input, with its own columns where it was a row itself."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axone.errors import AxoneError

if TYPE_CHECKING:
    from axone.tasks.answers import Answer

ALL = 10**9  # possibilities of an answer that ranks some: all of them
FORMATS: dict[str, Callable[[Any, io.BytesIO], None]] = {
    ".csv": lambda frame, file: frame.write_csv(file),
    ".tsv": lambda frame, file: frame.write_csv(file, separator="\t"),
    ".parquet": lambda frame, file: frame.write_parquet(file),
    ".jsonl": lambda frame, file: frame.write_ndjson(file),
}


def is_answer_table(out: str | None) -> bool:
    """Return whether `--out` names a table of answers, by its ending."""
    return out is not None and Path(out).suffix.lower() in FORMATS


def write_answer_table(
    path: Path, inputs: Sequence[tuple[str, Any]], answers: Sequence[Answer | AxoneError], classes: Sequence[str]
) -> None:
    """Write a table with the columns of the inputs, then those of the answers, notes and errors.

    Args:
        path: The file; its ending says the format.
        inputs: The name and the value of each input. A row of a table gives its columns, another input its name.
        answers: One for each input.
        classes: The classes of the model, which give the order of their probabilities.

    Raises ResourceError when the disk is full or the folder cannot be written.
    """
    import polars

    from axone.runs.storage.files import make_folder, write_atomically

    rows = [dict(value) if isinstance(value, Mapping) else {"input": name} for name, value in inputs]
    columns = _gather(rows)
    results = _gather([_flatten(answer) for answer in answers])
    order = {f"probability of {label}": place for place, label in enumerate(classes)}
    names = sorted(results, key=lambda name: order.get(name, -1 if name not in ("note", "error") else len(order)))
    for name in names:
        columns[_make_unique(name, columns)] = results[name]
    frame = polars.DataFrame([polars.Series(name, values, strict=False) for name, values in columns.items()])
    content = io.BytesIO()
    FORMATS[path.suffix.lower()](frame, content)
    make_folder(path.absolute().parent)
    write_atomically(path, content.getvalue())


def _gather(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return the columns of rows that may have different keys; None where a row has no value."""
    names = dict.fromkeys(str(name) for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _flatten(answer: Answer | AxoneError) -> dict[str, Any]:
    """Return an answer as columns: what `to_json` has, without lists; an error as the column `error`."""
    if isinstance(answer, AxoneError):
        return {"error": answer.what}
    row: dict[str, Any] = {}
    for name, value in answer.with_top(ALL).to_json().items():
        if name == "label":
            row["prediction"] = value
        elif name == "top":
            row |= {f"probability of {label}": probability for label, probability in value}
        elif name == "values":
            single = len(value) == 1
            row |= {"prediction" if single else f"prediction of {target}": number for target, number in value.items()}
        elif not isinstance(value, Mapping | list | tuple):
            row[name] = value
    return row


def _make_unique(name: str, taken: Mapping[str, Any]) -> str:
    unique, number = name, 1
    while unique in taken:
        number += 1
        unique = f"{name} {number}"
    return unique
