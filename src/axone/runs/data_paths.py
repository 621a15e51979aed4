"""Where the files that a run's settings name are: as typed, and absolute, so that the run is usable from anywhere.

`settings.toml` keeps what was typed, for example `data = "photos/"`, which may be relative to the folder in which the
training was started. `environment.json` keeps the absolute path too, under "paths".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from axone.errors import DataError
from axone.messages import _
from axone.settings import Settings
from axone.shell import quote

# The settings that name data. The value of another one, such as an optimizer, may be the name of a folder by chance.
PATH_SETTINGS = ("data", "to")


def absolute_paths(settings: Settings, names: Collection[str] = ()) -> dict[str, str]:
    """Return, by setting, the absolute path of each value of `PATH_SETTINGS` that names an existing file or folder.

    Args:
        settings: The settings of a run.
        names: Values that name a data set, whatever is in the current folder.
    """
    paths = {}
    for name in PATH_SETTINGS:
        value = getattr(settings, name, None)  # a system has those that it declares
        if isinstance(value, str) and value and value not in names and _exists(value):
            paths[name] = str(Path(value).expanduser().absolute())
    return paths


def restore_paths(settings: Settings, environment: Mapping[str, Any]) -> Settings:
    """Return the settings with each path that does not exist here replaced by its absolute one, if that does."""
    saved = environment.get("paths")
    paths = saved if isinstance(saved, dict) else {}
    changes = {}
    for name in PATH_SETTINGS:
        value, path = getattr(settings, name, None), paths.get(name)
        if isinstance(value, str) and isinstance(path, str) and not _exists(value) and _exists(path):
            changes[name] = path
    return settings.model_copy(update=changes) if changes else settings


def require_data(settings: Settings, environment: Mapping[str, Any], run: Path) -> None:
    """Raise DataError, with what to type, when the files that a run was trained on are in neither place."""
    if is_moved(settings, environment):
        raise DataError(
            _("The data of this run are not where they were: '{data}' (in full: '{path}').",
              data=settings.data, path=environment["paths"]["data"]),
            hint=_("if they were moved, type: axone resume {run} --data NEW", run=quote(run)),
        )  # fmt: skip


def is_moved(settings: Settings, environment: Mapping[str, Any]) -> bool:
    """Return whether the files that a run was trained on are neither where they were named nor at the absolute path."""
    saved = environment.get("paths")
    path = saved.get("data") if isinstance(saved, dict) else None
    return isinstance(path, str) and not _exists(settings.data) and not _exists(path)


def _exists(path: str) -> bool:
    try:
        return "\0" not in path and Path(path).expanduser().exists()
    except (OSError, RuntimeError):  # a name too long for a path, a home folder that is unknown
        return False
