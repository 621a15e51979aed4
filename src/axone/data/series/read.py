"""Read series from a table: by the layout that is found in its columns, or by that of a run."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from axone.data.series.generated import GENERATED
from axone.data.series.labels import read_labels
from axone.data.series.layout import Layout, find_layout, is_numbered
from axone.data.series.order import order_rows
from axone.data.series.series import Series, join_series
from axone.data.tables.files import TableContent, import_polars, read_content
from axone.data.tables.targets.target import require_columns
from axone.data.tables.values.column import Column
from axone.data.tables.values.convert import convert_columns
from axone.data.tables.values.infer import infer_columns
from axone.errors import DataError
from axone.messages import _, plural


def read_series(
    source: Any,
    *,
    form: str = "auto",
    series: str = "",
    time: str = "",
    target: str = "",
    task: str = "auto",
    kinds: Mapping[str, str] | None = None,
    missing: Collection[str] | None = None,
) -> Series:
    """Return the series of a source, to learn from.

    Args:
        source: The name of generated series, the path of a table, a frame, or rows.
        form, series, time, target: See `find_layout`.
        task: "classification": `target` holds classes; "forecast": it is a column of numbers over time; "auto": it
            holds classes where it has the same value at all steps of each series.
        kinds: Prescribed kinds of columns, as for `infer_columns`.
        missing: The words that mean a missing value; None: the usual ones.

    Raises DataError, ResourceError.
    """
    if isinstance(source, str) and source in GENERATED:
        return GENERATED[source]()
    content = read_content(source)
    if content.frame.height == 0:
        raise DataError(_("'{name}' has column names, but no rows.", name=content.name))
    named = {name: "category" for name in (series, target if task == "classification" else "") if name}
    prescribed = {name: kind for name, kind in named.items() if name in content.frame.columns} | dict(kinds or {})
    inferred = infer_columns(
        content.frame,
        prescribed,
        delimiter=content.delimiter,
        missing=missing,
        targets=content.frame.columns,
        locate=content.locate,
    )
    numeric = [column.name for column, _values in inferred if column.kind == "number" or _is_constant(content, column)]
    dates = [column.name for column, _values in inferred if column.kind == "date"]
    layout = find_layout(
        content, numeric, form=form, series=series, time=time, target=target, has_dates=dates
    )  # fmt: skip
    facts, notes = _column_facts(content, layout, inferred, missing)
    left_out = [column.name for column, _values in inferred if column.name not in layout.columns]
    if left_out:
        notes.append(_("Not used: {names}.", names=", ".join(left_out[:8])))
    return _assemble(content, layout, facts, task, missing, tuple(notes))


def read_known_series(source: Any, facts: Mapping[str, Any]) -> Series:
    """Return the series of a source, read as those of a run were.

    Args:
        source: A table as for `read_series`.
        facts: `layout`, `columns`, `classes` and `missing_words` of the run. A target is read where the table has it.

    Raises DataError for a column that is missing, and for a cell that cannot be read.
    """
    if isinstance(source, str) and source in GENERATED:
        return GENERATED[source]()
    content = read_content(source)
    layout = Layout.from_json(facts["layout"]) if facts["layout"] else _default_layout(content, facts)
    present = set(content.frame.columns)
    optional = {layout.target, *([] if layout.form == "long" else [layout.series])}
    if layout.series in optional - present:
        layout = replace(layout, series="")
    if layout.target in optional - present:
        layout = replace(layout, target="")
    require_columns(content, layout.columns, _("used in training"))
    columns = [fact for fact in facts["columns"] if fact["name"] in layout.columns]
    return _assemble(content, layout, columns, facts["task"], facts.get("missing_words"), (), facts["classes"])


def _is_constant(content: TableContent, column: Column) -> bool:
    """Return whether a column holds one number in every row, or is a numbered one without any: a step is kept."""
    if column.kind != "drop" or column.distinct > 1 or (column.distinct == 0 and not is_numbered(column.name)):
        return False
    values = content.frame[column.name]
    return bool(values.cast(import_polars().Float64, strict=False).null_count() == values.null_count())


def _default_layout(content: TableContent, facts: Mapping[str, Any]) -> Layout:
    """Return the layout of a table for a run that was trained on generated series, which have no columns."""
    channels = tuple(facts["channels"])
    require_columns(content, channels, _("used in training"))
    return find_layout(content, channels, form="long")


def _column_facts(
    content: TableContent, layout: Layout, inferred: Sequence[Any], missing: Collection[str] | None
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the facts of the columns that are used (name, kind, notation), and the notes on them."""
    facts: list[dict[str, Any]] = []
    notes: list[str] = []
    for column, _values in inferred:
        if column.name not in layout.columns:
            continue
        is_name = column.name == layout.series
        kind = "category" if is_name else column.kind
        if column.kind == "drop" and not is_name:  # a constant channel is one
            kind = "number" if column.name in layout.values else "category"
        if column.name == layout.time and kind not in ("number", "date"):
            raise DataError(
                _("The times in '{name}' can be read neither as numbers nor as dates.", name=column.name),
                hint=_("name another column (--time COLUMN), or how dates are written: --columns {name}=date:%d/%m/%Y",
                       name=column.name),
            )  # fmt: skip
        notation = column.notation if kind == column.kind else {}
        facts.append({"name": column.name, "kind": kind, "notation": dict(notation)})
        notes += column.notes if column.name in layout.values and kind == column.kind else []
    return facts, notes


def _assemble(
    content: TableContent,
    layout: Layout,
    facts: Sequence[Mapping[str, Any]],
    task: str,
    missing: Collection[str] | None,
    notes: tuple[str, ...],
    classes: Sequence[str] = (),
) -> Series:
    converted = convert_columns(content.frame, facts, delimiter=content.delimiter, missing=missing)
    notes += tuple(cells.describe(content.locate) for cells in converted.unreadable)
    frame = converted.frame
    rows, more = order_rows(content, layout, frame)
    notes += tuple(more)
    if layout.form == "long":
        parts = [_to_tensor(frame, layout.channels)[torch.tensor(group)] for group in rows.values()]
    else:
        values = _to_tensor(frame, layout.values)
        parts = [_cut_end(row.reshape(len(layout.steps), -1)) for row in values]
    labels, class_names = read_labels(content, layout, frame, rows, task, classes)
    if layout.target and labels is None and layout.target not in layout.channels:  # its values over time are forecast
        layout = replace(layout, channels=(*layout.channels, layout.target))
        parts = [_to_tensor(frame, layout.channels)[torch.tensor(group)] for group in rows.values()]
    empty = [name for name, part in zip(rows, parts) if len(part) == 0 or part.isnan().all()]
    if empty:
        has_values = [name not in empty for name in rows]
        parts = [part for part, known in zip(parts, has_values) if known]
        labels = labels if labels is None else labels[torch.tensor(has_values)]
        rows = {name: group for name, group in rows.items() if name not in empty}
        left_out = plural(
            "{count} series has no values: left out ({name}).",
            "{count} series have no values: left out (first {name}).",
            len(empty),
            name=empty[0],
        )
        notes = (*notes, left_out)
    if not parts:
        raise DataError(_("'{name}' has no series with values.", name=content.name))
    values, starts, lengths = join_series(parts)
    return Series(
        content.name, content.source, values, starts, lengths, tuple(rows), layout.channels, labels, class_names,
        {**layout.to_json(), "columns": [dict(fact) for fact in facts]}, (*content.notes, *notes),
    )  # fmt: skip


def _to_tensor(frame: Any, names: Sequence[str]) -> torch.Tensor:
    return torch.from_numpy(np.stack([frame[name].fill_null(float("nan")).to_numpy() for name in names], 1).copy())


def _cut_end(values: torch.Tensor) -> torch.Tensor:
    """Return a series of a wide table without the steps at its end in which no channel has a value."""
    known = (~values.isnan().all(1)).nonzero()
    return values[: int(known[-1]) + 1 if len(known) else 0]
