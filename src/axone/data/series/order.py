"""Which rows of a table are the steps of each series, in the order of time."""

from __future__ import annotations

from typing import Any

import numpy as np

from axone.data.series.layout import Layout
from axone.data.tables.files import TableContent
from axone.errors import DataError
from axone.messages import _, plural

REGULAR = 0.01  # share by which the times between steps may differ and still count as equal


def order_rows(content: TableContent, layout: Layout, frame: Any) -> tuple[dict[str, list[int]], list[str]]:
    """Return the rows of each series in the order of time, by the name of the series; and notes.

    Args:
        content: The table as it was read, to say where a row is.
        layout: How its columns are used.
        frame: Its columns, converted.

    Raises DataError for a row without a series or a time, and for two rows of a series with the same time.
    """
    height = frame.height
    names = frame[layout.series].to_list() if layout.series else [None] * height
    if layout.form == "wide":
        labels = [str(name) if name is not None else str(row + 1) for row, name in enumerate(names)]
        if len(set(labels)) < len(labels):
            labels = [f"{name} ({row + 1})" for row, name in enumerate(labels)]
        return {name: [row] for row, name in enumerate(labels)}, []
    if layout.series and None in names:
        raise DataError(
            _("{place}: the name of the series ('{column}') is missing.", place=content.locate(names.index(None)),
              column=layout.series),
            hint=_("name each row's series, or leave out these rows"),
        )  # fmt: skip
    groups: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        groups.setdefault(content.name if name is None else str(name), []).append(row)
    return (groups, []) if not layout.time else _sort_by_time(content, layout, frame, groups)


def _sort_by_time(
    content: TableContent, layout: Layout, frame: Any, groups: dict[str, list[int]]
) -> tuple[dict[str, list[int]], list[str]]:
    """Return the rows of each series sorted by time, and notes. Raises DataError for missing and repeated times."""
    times = frame[layout.time].fill_null(float("nan")).to_numpy()
    if np.isnan(times).any():
        row = int(np.isnan(times).argmax())
        raise DataError(
            _("{place}: the time ('{column}') is missing or cannot be read: {value}.", place=content.locate(row),
              column=layout.time, value=repr(content.frame[layout.time][row])),
            hint=_("correct it, or leave out this row"),
        )  # fmt: skip
    unsorted = irregular = 0
    ordered = {}
    for name, group in groups.items():
        order = times[group].argsort(kind="stable")
        unsorted += bool((order[1:] < order[:-1]).any())
        ordered[name] = rows = [group[position] for position in order.tolist()]
        gaps = np.diff(times[rows])
        if (gaps == 0).any():
            first, second = rows[int((gaps == 0).argmax())], rows[int((gaps == 0).argmax()) + 1]
            raise DataError(
                _("The series '{series}' has two rows for one time: {first} and {second} ('{column}').", series=name,
                  first=content.locate(first), second=content.locate(second), column=layout.time),
                hint=_("name the column with the name of each series: --series COLUMN")
                if not layout.series
                else _("leave out one of them"),
            )  # fmt: skip
        irregular += len(gaps) > 0 and bool((abs(gaps - np.median(gaps)) > REGULAR * abs(np.median(gaps))).any())
    notes = []
    if unsorted:
        notes.append(
            plural("{count} series was not in the order of '{column}': sorted.",
                   "{count} series were not in the order of '{column}': sorted.", unsorted, column=layout.time)
        )  # fmt: skip
    if irregular:
        notes.append(
            plural("{count} series has steps that are not equally long ('{column}'): they count as equal.",
                   "{count} series have steps that are not equally long ('{column}'): they count as equal.", irregular,
                   column=layout.time)
        )  # fmt: skip
    return ordered, notes
