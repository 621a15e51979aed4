"""The system and the settings of a run on disk, without executing anything that the run's folder names."""

from __future__ import annotations

from pathlib import Path

from axone import catalogue
from axone.catalogue import SystemFile
from axone.errors import RunError, UsageError
from axone.messages import _
from axone.runs.data_paths import restore_paths
from axone.runs.status import read_run
from axone.runs.storage.links import require_no_links_out
from axone.runs.storage.verification import require_intact
from axone.settings import Settings, read_toml, resolve


def find_system(path: Path, file: str | Path | None = None) -> SystemFile:
    """Return the system of a run: one of ours by its name, or the user's own file, whose path they typed (`file`).

    A run folder may come from anyone, so whatever it says is compared with the names of our systems and never
    opened. Raises UsageError where `file` is needed, RunError for a name that is not one of ours or for links that
    lead out of the folder, DamagedError.
    """
    require_no_links_out(path)
    if file is not None:
        return catalogue.find(file)
    require_intact(path, ["settings.toml", "environment.json", "facts.json"])
    environment = read_run(path).environment
    if environment.get("own_system"):
        raise UsageError(
            _("The run '{run}' was trained by a system of your own: no file is executed unless you name it.", run=path),
            expected=_("expected --system FILE.py, the file of that system"),
            hint=_("the run holds a copy, '{file}': read it before you use it", file=path / "system.py"),
        )
    name = str(environment.get("system"))
    try:
        return catalogue.find_builtin(name)
    except UsageError:
        raise RunError(
            _("The run '{run}' names a system that Axone does not have: '{name}'.", run=path, name=name[:80]),
            hint=_("if it is a system of your own, type the command again with --system FILE.py"),
        ) from None


def read_settings(path: Path, settings_class: type[Settings]) -> Settings:
    """Read the settings of a run, with paths that exist here (`data_paths`). Raises DamagedError, SettingsError."""
    require_intact(path, ["settings.toml"])
    settings = resolve(settings_class, read_toml(path / "settings.toml"))
    return restore_paths(settings, read_run(path).environment)
