"""Names of settings and presets as people type them; an unknown one is an error that suggests the nearest known one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic.fields import FieldInfo

from axone.errors import SettingsError, closest
from axone.messages import _
from axone.settings.declaration import Options, Settings, offered_fields


def find_name(settings_class: type[Options], name: str) -> str:
    """Return the field for a name as it is typed: `from` is the field `from_`, because Python reserves the word."""
    return f"{name}_" if name not in settings_class.model_fields and f"{name}_" in settings_class.model_fields else name


def find_field(settings_class: type[Options], name: str, written: str) -> FieldInfo:
    """Return the field of a name. Raises SettingsError, with the name as it was `written`, where there is none."""
    offered = offered_fields(settings_class)
    field = offered.get(name)
    if field is None:
        raise SettingsError(
            _("There is no setting '{name}'.", name=written) + _suggest(name, [known.rstrip("_") for known in offered])
        )
    return field


def read_preset(settings_class: type[Settings], preset: str) -> dict[str, Any]:
    """Return the values of a preset. Raises SettingsError for an unknown one."""
    if preset not in settings_class.PRESETS:
        raise SettingsError(
            _("There is no preset '{preset}'.", preset=preset) + _suggest(str(preset), settings_class.PRESETS),
            expected=_("expected one of: {choices}", choices=", ".join(settings_class.PRESETS)),
        )
    return settings_class.PRESETS[preset]


def _suggest(word: str, known: Iterable[str]) -> str:
    near = closest(word, known)
    return " " + _("Did you mean '{near}'?", near=near) if near else ""
