"""How the columns of a table hold series: which is the name of a series, which the time, which are its values.

long    a row for each step: name of the series, time, values; without a name, all rows are one series
wide    a row for each series: its values are the columns x_1, x_2, ...; `x_1, y_1, x_2, y_2` are two channels
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from axone.data.tables.files import TableContent
from axone.data.tables.targets.target import require_columns
from axone.errors import DataError
from axone.messages import _

SERIES_NAMES = (
    "series", "series_id", "sequence", "sequence_id", "sample", "sample_id", "case", "case_id", "id", "unit", "subject",
    "patient", "recording", "trial", "episode", "track", "device", "sensor", "meter", "station", "unique_id",
    "name", "nom",
    "série", "serie", "séquence", "sujet", "essai", "capteur",
)  # fmt: skip
TIME_NAMES = (
    "time", "timestamp", "datetime", "date", "day", "hour", "step", "t", "frame", "month", "year", "ds",
    "temps", "heure", "jour", "pas", "mois", "année", "horodatage",
)  # fmt: skip
FEWEST_STEPS = 8  # numbered columns of a wide table, where nothing else says that it is one
_NUMBERED = re.compile(r"^(?P<channel>.*?)[ _.\-\[(]*(?P<step>\d{1,6})[\])]?$")


@dataclass(frozen=True)
class Layout:
    """How the columns of a table are used. Names are "" where there is no such column.

    Args:
        form: "long" or "wide".
        series: The column with the name of the series.
        time: The column that orders the steps of a series (long).
        target: The column with the class of the series.
        channels: The names of the channels; of a long table, its columns.
        steps: Of a wide table, the columns of each step, one for each channel.
    """

    form: str
    series: str
    time: str
    target: str
    channels: tuple[str, ...]
    steps: tuple[tuple[str, ...], ...] = ()

    @property
    def values(self) -> tuple[str, ...]:
        """The columns of values."""
        return self.channels if self.form == "long" else tuple(name for names in self.steps for name in names)

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are used."""
        return tuple(name for name in (self.series, self.time, self.target) if name) + self.values

    def to_json(self) -> dict[str, Any]:
        """Return the layout as facts hold it."""
        return {**vars(self), "channels": list(self.channels), "steps": [list(names) for names in self.steps]}

    @classmethod
    def from_json(cls, layout: Mapping[str, Any]) -> Layout:
        """Return the layout that facts hold."""
        steps = tuple(tuple(names) for names in layout["steps"])
        return cls(**{**layout, "channels": tuple(layout["channels"]), "steps": steps})


def find_layout(
    content: TableContent,
    numeric: Sequence[str],
    *,
    form: str = "auto",
    series: str = "",
    time: str = "",
    target: str = "",
    has_dates: Sequence[str] = (),
) -> Layout:
    """Return how the columns of a table hold series.

    Args:
        content: The table.
        numeric: The columns whose values are numbers.
        form: "long", "wide", or "auto": wide where the columns are numbered and no column names series or times.
        series, time, target: The columns that the user names; "" where they are to be found, or there is none.
        has_dates: The columns whose values are dates.

    Raises DataError for a column that is not there, and for a table without values.
    """
    named = {_("named by --series"): series, _("named by --time"): time, _("named by --target"): target}
    for origin, name in named.items():
        if name:
            require_columns(content, [name], origin)
    names = [name for name in content.frame.columns if name != target]
    steps, channels = _find_steps([name for name in numeric if name not in (series, time, target)])
    found_time = time or _find(names, TIME_NAMES, [*numeric, *has_dates]) or next(iter(has_dates), "")
    found_series = series or _find_repeated(content, names, exclude=found_time)
    if form == "auto":
        is_long = bool(time or found_series or found_time)
        form = "wide" if len(steps) >= FEWEST_STEPS and not is_long else "long"
    if form == "wide":
        if len(steps) < 2:
            raise DataError(
                _("'{name}' has no columns that are numbered as the steps of a series.", name=content.name),
                expected=_("expected columns such as x_1, x_2, x_3, or type --layout long"),
            )
        name = series or _find(names, SERIES_NAMES, [column for column in names if column not in numeric])
        return Layout("wide", name, "", target, channels, steps)
    used = tuple(name for name in numeric if name not in (found_series, found_time, target))
    if target in numeric and not used:
        used = (target,)
    if not used and target not in numeric:
        raise DataError(
            _("'{name}' has no column of numbers besides the name and the time of its series.", name=content.name),
            hint=_("columns: {names}", names=", ".join(content.frame.columns[:20])),
        )
    return Layout("long", found_series, found_time, target, used)


def is_numbered(name: str) -> bool:
    """Return whether the name of a column ends in a number, as those of the steps of a series do."""
    return _NUMBERED.match(name.strip()) is not None


def _find(names: Sequence[str], known: Sequence[str], allowed: Sequence[str]) -> str:
    """Return the first of the names that is a known word and is allowed; "" where there is none."""
    return next((name for name in names if name.strip().lower() in known and name in allowed), "")


def _find_repeated(content: TableContent, names: Sequence[str], exclude: str) -> str:
    """Return the column that has a usual name for the name of a series, and names each in several rows; or ""."""
    for name in names:
        if name != exclude and name.strip().lower() in SERIES_NAMES:
            values = content.frame[name].drop_nulls()
            if 0 < 2 * values.n_unique() <= len(values):
                return name
    return ""


def _find_steps(names: Sequence[str]) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """Return the columns of each step, one for each channel, and the channels; () where they are not numbered."""
    groups: dict[str, dict[int, str]] = {}
    for name in names:
        if match := _NUMBERED.match(name.strip()):
            groups.setdefault(match["channel"].strip(" _.-"), {})[int(match["step"])] = name
    if not groups:
        return (), ()
    longest = max(len(columns) for columns in groups.values())
    channels = {channel: columns for channel, columns in groups.items() if len(columns) == longest}
    first = next(iter(channels.values()))
    channels = {channel: columns for channel, columns in channels.items() if columns.keys() == first.keys()}
    steps = tuple(tuple(columns[step] for columns in channels.values()) for step in sorted(first))
    return steps, tuple(channel or "value" for channel in channels)
