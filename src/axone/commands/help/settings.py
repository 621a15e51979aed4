"""The settings of a system on the page of `axone train SYSTEM --help`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from axone import catalogue
from axone.catalogue import SystemFile
from axone.commands.help.columns import format_columns
from axone.messages import _
from axone.settings import AUTO, Setting, describe


def format_help_of_system(name: str, words: Sequence[str] = ()) -> str:
    """Return the settings of the system of that name, or of a user's own file, with the preset that words choose.

    Raises UsageError, SettingsError.
    """
    return format_settings_help(catalogue.find(name), _find_preset(words))


def format_settings_help(system: SystemFile, preset: str = "default") -> str:
    """Return the settings of a system, its own first and the shared ones by group, then its presets.

    The defaults are those of a preset.
    """
    settings_class = catalogue.read_settings_class(system)
    settings = describe(settings_class, preset)
    titles = {
        "system": _("settings of this system (--name VALUE or name=VALUE)"),
        "task": _("settings of all systems for this kind of task"),
        "data": _("data"),
        "optimization": _("optimization"),
        "hardware": _("hardware"),
        "run": _("run"),
    }
    lines = [f"{system.name}: {_(system.summary)}", ""]
    if preset != "default":
        lines += [_("The defaults in brackets are those of --preset {preset}.", preset=preset), ""]
    for group, title in titles.items():
        rows = [(format_flag(setting), format_meaning(setting)) for setting in settings if setting.group == group]
        lines += [title, *format_columns(rows), ""] if rows else []
    presets = [(name, _format_preset(values)) for name, values in settings_class.PRESETS.items()]
    lines += [_("presets (--preset NAME)"), *format_columns(presets)]
    if len(presets) > 1 and preset == "default":
        other = next(name for name in settings_class.PRESETS if name != "default")
        command = f"axone train {system.path if system.own else system.name} --preset {other} --help"
        lines += ["", _("the values of a preset: {command}", command=command)]
    return "\n".join(lines)


def _find_preset(words: Sequence[str]) -> str:
    """Return the preset that is typed among words, in any of the ways in which settings are typed."""
    for position, word in enumerate(words):
        key, has_value, value = word.partition("=")
        if key.removeprefix("--") == "preset" and (has_value or word == "--preset"):
            return value if has_value else "".join(words[position + 1 : position + 2])
    return "default"


def format_flag(setting: Setting) -> str:
    """Return a flag with what its value may be."""
    if setting.kind == "switch":
        return f"{setting.flag}, --no-{setting.flag[2:]}"
    return f"{setting.flag} {'|'.join(setting.choices) if setting.choices else setting.kind.upper()}"


def format_meaning(setting: Setting) -> str:
    """Return what a setting means, with its limits and its default."""
    limits = f" ({setting.limits})" if setting.limits else ""
    default = "" if setting.default in (None, "") else f" [{_format_value(setting.default)}]"
    if setting.auto and setting.default == AUTO:
        default = f" [{AUTO}: {_(setting.auto)}]"
    elif setting.auto:
        rule = _("{default}, or {rule}", default=_format_value(setting.default), rule=_(setting.auto))
        default = f" [{AUTO}: {rule}]"
    return _(setting.help) + limits + default


def _format_preset(values: Mapping[str, object]) -> str:
    listed = ", ".join(f"{name.rstrip('_')}={_format_value(value)}" for name, value in values.items())
    return listed or _("the default values")


def _format_value(value: object) -> str:
    return ",".join(str(part) for part in value) if isinstance(value, tuple | list) else str(value)
