"""Read tracks from a table in long form: a row for each position, with thing, time, x and y.

The step of time is the median difference of times of one thing. Positions are interpolated linearly where times are
not multiples of it or where a few are missing; longer gaps begin a new track. Nothing is guessed silently: two
positions of one thing at one time, or a cell that is no number, are errors with their rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64

from axone.data.tables.files import TableContent, read_content
from axone.data.tables.values.convert import convert_columns
from axone.data.tables.values.infer import infer_columns
from axone.data.trajectories.columns import TrackColumns, find_columns
from axone.data.trajectories.tracks import Track, Tracks
from axone.errors import DataError
from axone.messages import _, plural
from axone.numbers import format_number

LONGEST_GAP = 3.5  # steps between two positions over which others are interpolated
SECONDS_PER_DAY = 86_400.0  # dates are read as days
ON_GRID = 0.05  # steps by which a time may differ from a multiple of the step and still be one


def read_tracks(source: Any, prescribed: Mapping[str, str] | None = None, step: float | None = None) -> Tracks:
    """Return the tracks of a table.

    Args:
        source: A file, a frame, rows or columns in memory, see `read_content`.
        prescribed: Names of columns by role (thing, time, x, y, scene), where they are not found by their names.
        step: The time between two positions; None: the median of the data.

    Raises:
        DataError: The table cannot be read or has no positions; with the row where one is to blame.
        ResourceError: It does not fit into memory, or polars is not installed.
    """
    content = read_content(source)
    columns = find_columns(content.name, content.frame.columns, prescribed or {})
    if content.frame.height == 0:
        raise DataError(_("'{name}' has column names, but no rows.", name=content.name))
    (time, x, y), has_dates = _read_numbers(content, columns)
    notes = list(content.notes)
    usable = np.isfinite(time) & np.isfinite(x) & np.isfinite(y)
    if not usable.all():
        row = int(np.flatnonzero(~usable)[0])
        notes.append(
            plural("{count} row has no time or no position, and counts as a gap: {place}.",
                   "{count} rows have no time or no position, and count as gaps: first {place}.",
                   int((~usable).sum()), place=content.locate(row))
        )  # fmt: skip
    groups = _group_rows(content, columns, usable)
    rows = {key: members[np.argsort(time[members], kind="stable")] for key, members in groups.items()}
    _require_distinct_times(content, columns, rows, time)
    known_step = step or _find_step(content, rows, time)
    origins: dict[str, float] = {}
    for (scene, _thing), members in rows.items():
        origins[scene] = min(origins.get(scene, np.inf), float(time[members[0]]))
    tracks: list[Track] = []
    interpolated = gaps = 0
    for (scene, thing), members in rows.items():
        positions = np.stack([x[members], y[members]], 1)
        pieces, count = resample(time[members], positions, known_step, origins[scene])
        interpolated, gaps = interpolated + count, gaps + len(pieces) - 1
        for start, values in pieces:
            began = origins[scene] + start * known_step
            tracks.append(Track(thing, scene, start, torch.from_numpy(values), began))
    if interpolated:
        notes.append(
            plural("{count} position is interpolated, because its time is missing or not a multiple of {step}.",
                   "{count} positions are interpolated, because their times are missing or not multiples of {step}.",
                   interpolated, step=format_number(known_step))
        )  # fmt: skip
    if gaps:
        notes.append(
            plural("{count} gap of more than {steps} steps begins a new track.",
                   "{count} gaps of more than {steps} steps begin a new track each.", gaps, steps=int(LONGEST_GAP) - 1)
        )  # fmt: skip
    return Tracks(tuple(tracks), known_step, content.name, content.source, columns[:4], has_dates, tuple(notes))


def resample(
    times: Float[np.ndarray, " rows"], positions: Float[np.ndarray, "rows 2"], step: float, origin: float
) -> tuple[list[tuple[int, Float[np.ndarray, "steps 2"]]], int]:
    """Return positions at multiples of a step, in pieces that a long gap separates, and how many were interpolated.

    Args:
        times: Ascending times.
        positions: x and y at these times.
        step: The time between two positions of the result.
        origin: The time of step 0.

    Returns:
        Each piece as its first step and its positions, and the number of positions between those of the data.
    """
    places = (times - origin) / step
    nearest = np.round(places)
    places = np.where(np.abs(places - nearest) <= ON_GRID, nearest, places)
    pieces, count = [], 0
    for part in np.split(np.arange(len(places)), np.flatnonzero(np.diff(places) > LONGEST_GAP) + 1):
        first, last = int(np.ceil(places[part[0]])), int(np.floor(places[part[-1]]))
        if last < first:
            continue
        steps = np.arange(first, last + 1)
        values = np.stack([np.interp(steps, places[part], positions[part, axis]) for axis in (0, 1)], 1)
        count += int((~np.isin(steps, places[part])).sum())
        pieces.append((first, values))
    return pieces, count


def _read_numbers(content: TableContent, columns: TrackColumns) -> tuple[list[Float[np.ndarray, " rows"]], bool]:
    """Return time, x and y, NaN where missing, and whether times were dates.

    Raises DataError, with the row, for a cell that is no number.
    """
    frame = content.frame.select(columns.time, columns.x, columns.y)
    inferred = {column.name: column for column, _values in infer_columns(frame, {}, delimiter=content.delimiter)}
    kind = "date" if inferred[columns.time].kind == "date" else "number"
    kinds = {columns.time: kind, columns.x: "number", columns.y: "number"}
    prescribed = infer_columns(frame, kinds, delimiter=content.delimiter, locate=content.locate)
    facts = [
        {"name": column.name, "kind": kinds[column.name], "notation": column.notation} for column, _values in prescribed
    ]
    converted = convert_columns(frame, facts, delimiter=content.delimiter)
    if converted.unreadable:
        cells = min(converted.unreadable, key=lambda cells: cells.rows[0])
        raise DataError(
            _("'{table}' cannot be used: {problem}", table=content.name, problem=cells.describe(content.locate)),
            hint=_("correct the cells; an empty cell is a gap"),
        )
    values = [converted.frame[name].to_numpy().astype(np.float64) for name in (columns.time, columns.x, columns.y)]
    return [values[0] * SECONDS_PER_DAY if kind == "date" else values[0], *values[1:]], kind == "date"


def _group_rows(
    content: TableContent, columns: TrackColumns, usable: np.ndarray
) -> dict[tuple[str, str], Int64[np.ndarray, " rows"]]:
    """Return the rows of each thing, by scene and thing, in the order of their first appearance."""
    texts = [
        [str(value) for value in content.frame[name].to_list()] if name else [""] * content.frame.height
        for name in (columns.scene, columns.thing)
    ]
    groups: dict[tuple[str, str], list[int]] = {}
    for row in np.flatnonzero(usable).tolist():
        groups.setdefault((texts[0][row], texts[1][row]), []).append(row)
    return {key: np.array(rows, dtype=np.int64) for key, rows in groups.items()}


def _require_distinct_times(
    content: TableContent,
    columns: TrackColumns,
    rows: Mapping[tuple[str, str], Int64[np.ndarray, " rows"]],
    time: np.ndarray,
) -> None:
    for (_scene, thing), members in rows.items():
        repeated = np.flatnonzero(np.diff(time[members]) == 0)
        if len(repeated):
            first, second = sorted(int(members[repeated[0] + offset]) for offset in (0, 1))
            raise DataError(
                _("'{table}': {thing} is in two places at the time {time}: {first} and {second}.",
                  table=content.name, thing=f"'{thing}'" if columns.thing else _("the one thing"),
                  time=str(content.frame[columns.time][first]), first=content.locate(first),
                  second=content.locate(second)),
                expected=_("expected one row for each thing and time"),
                hint=_("if these are different things, name their column: {flag}", flag="--columns thing=..."),
            )  # fmt: skip


def _find_step(
    content: TableContent, rows: Mapping[tuple[str, str], Int64[np.ndarray, " rows"]], time: np.ndarray
) -> float:
    differences = [np.diff(time[members]) for members in rows.values()]
    joined = np.concatenate(differences) if differences else np.empty(0)
    if not len(joined):
        raise DataError(
            _("'{table}' has no thing with two positions.", table=content.name),
            expected=_("expected many rows for each thing, one for each time"),
            hint=_("name the column of the thing: {flag}", flag="--columns thing=..."),
        )
    return float(np.median(joined))
