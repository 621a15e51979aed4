"""Which columns of a table hold the thing, the time and the position of a track."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from axone.errors import DataError, SettingsError, closest
from axone.messages import _

_NAMES = {
    "thing": ("thing", "id", "track", "trackid", "object", "objectid", "agent", "agentid", "name", "vehicle",
              "vehicleid", "car", "person", "personid", "pedestrian", "pedestrianid", "pedid", "ball", "animal",
              "individual", "player", "playerid", "ship", "mmsi"),
    "time": ("time", "t", "timestamp", "frame", "frameid", "step", "seconds", "second", "date", "datetime", "ms"),
    "x": ("x", "posx", "xpos", "px", "xm", "xposition", "positionx", "xcenter", "centerx", "localx", "east",
          "easting"),
    "y": ("y", "posy", "ypos", "py", "ym", "yposition", "positiony", "ycenter", "centery", "localy", "north",
          "northing"),
    "scene": ("scene", "sceneid", "scenario", "recording", "recordingid", "sequence", "sequenceid", "game", "match"),
}  # fmt: skip
_REQUIRED = ("time", "x", "y")


class TrackColumns(NamedTuple):
    """Names of columns; "" where a table has none: all rows are then one thing, or one scene."""

    thing: str
    time: str
    x: str
    y: str
    scene: str = ""


def parse_columns(text: str) -> dict[str, str]:
    """Parse `thing=car,time=t,x=px,y=py` into a dict from role to column. Raises SettingsError."""
    columns = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        role, equals, name = (word.strip() for word in part.partition("="))
        if role not in _NAMES or not equals or not name:
            near = closest(role, _NAMES)
            raise SettingsError(
                _("{name} cannot be '{value}'.", name="columns", value=part)
                + (" " + _("Did you mean '{near}'?", near=near) if near and near != role else ""),
                expected=_("expected ROLE=COLUMN with one of: {choices}", choices=", ".join(_NAMES)),
            )
        columns[role] = name
    return columns


def find_columns(table: str, names: Sequence[str], prescribed: Mapping[str, str]) -> TrackColumns:
    """Return the columns of a table.

    Args:
        table: What the table is called.
        names: The names of its columns.
        prescribed: The columns that were named, by role.

    Raises DataError for a column that does not exist or cannot be found.
    """
    for role, name in prescribed.items():
        if name not in names:
            near = closest(name, names)
            raise DataError(
                _("'{table}' has no column '{name}', named by --columns {role}={name}.",
                  table=table, name=name, role=role)
                + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
                expected=_("expected one of: {choices}", choices=", ".join(names)),
            )  # fmt: skip
    by_key = {_key(name): name for name in reversed(names) if name not in prescribed.values()}
    columns = {}
    for role, known in _NAMES.items():
        columns[role] = prescribed.get(role) or next((by_key[key] for key in known if key in by_key), "")
    missing = [role for role in _REQUIRED if not columns[role]]
    if missing:
        raise DataError(
            _("'{table}' has no column that can be taken for {roles}; its columns are: {names}.",
              table=table, roles=", ".join(missing), names=", ".join(names)),
            expected=_("expected a row for each position, with thing, time, x and y"),
            hint=_("name them: {flag}", flag="--columns " + ",".join(f"{role}=..." for role in missing)),
        )  # fmt: skip
    return TrackColumns(**columns)


def _key(name: str) -> str:
    """Return a name in lower case, without its unit in brackets and without signs: `X_pos [m]` is `xpos`."""
    bare = name.partition("[")[0].partition("(")[0]
    return "".join(letter for letter in bare.lower() if letter.isalnum())
