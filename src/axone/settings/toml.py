"""Files of settings, in TOML."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import tomli_w

from axone.errors import SettingsError
from axone.messages import _
from axone.settings.declaration import Settings


def read_toml(file: str | Path) -> dict[str, Any]:
    """Read a settings file. Raises SettingsError when it is missing, too large or not TOML."""
    path = Path(file)
    if not path.is_file():
        raise SettingsError(_("There is no settings file '{path}' (from {folder}).", path=path, folder=Path.cwd()))
    if path.stat().st_size > 1_000_000:
        raise SettingsError(_("'{path}' is too large for a settings file.", path=path))
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(_("'{path}' is not a TOML file: {error}", path=path, error=error)) from None


def to_toml(settings: Settings) -> str:
    """Return settings as TOML, without those that are None."""
    return tomli_w.dumps(settings.model_dump(mode="json", exclude_none=True, exclude=set(settings.UNUSED)))
