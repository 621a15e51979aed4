"""The settings of a system on the page of `axone train SYSTEM --help`."""

from __future__ import annotations

from collections.abc import Mapping

from axone import catalogue
from axone.catalogue import SystemFile
from axone.commands.columns import format_columns
from axone.messages import _
from axone.settings import Setting, describe


def format_help_of_system(name: str) -> str:
    """Return the settings of the system of that name, or of a user's own file. Raises UsageError."""
    return format_settings_help(catalogue.find(name))


def format_settings_help(system: SystemFile) -> str:
    """Return the settings of a system, its own first and the shared ones by group, then its presets."""
    settings_class = catalogue.read_settings_class(system)
    settings = describe(settings_class)
    titles = {
        "system": _("settings of this system (--name VALUE or name=VALUE)"),
        "task": _("settings of all systems for this kind of task"),
        "data": _("data"),
        "optimization": _("optimization"),
        "hardware": _("hardware"),
        "run": _("run"),
    }
    lines = [f"{system.name}: {_(system.summary)}", ""]
    for group, title in titles.items():
        rows = [(_format_flag(setting), _format_meaning(setting)) for setting in settings if setting.group == group]
        lines += [title, *format_columns(rows), ""] if rows else []
    presets = [(name, _format_preset(values)) for name, values in settings_class.PRESETS.items()]
    return "\n".join([*lines, _("presets (--preset NAME)"), *format_columns(presets)])


def _format_flag(setting: Setting) -> str:
    if setting.kind == "switch":
        return f"{setting.flag}, --no-{setting.flag[2:]}"
    return f"{setting.flag} {'|'.join(setting.choices) if setting.choices else setting.kind.upper()}"


def _format_meaning(setting: Setting) -> str:
    limits = f" ({setting.limits})" if setting.limits else ""
    default = "" if setting.default in (None, "") else f" [{_format_value(setting.default)}]"
    return _(setting.help) + limits + default


def _format_preset(values: Mapping[str, object]) -> str:
    listed = ", ".join(f"{name.rstrip('_')}={_format_value(value)}" for name, value in values.items())
    return listed or _("the default values above")


def _format_value(value: object) -> str:
    return ",".join(str(part) for part in value) if isinstance(value, tuple | list) else str(value)
