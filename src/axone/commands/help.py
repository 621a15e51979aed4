"""The pages of `axone --help`, `axone VERB --help` and `axone train SYSTEM --help`."""

from __future__ import annotations

from collections.abc import Sequence

from axone import catalogue
from axone.catalogue import SystemFile
from axone.commands.verbs import COMMON, VERBS, Flag
from axone.messages import _
from axone.settings import Setting, Settings, describe


def format_help() -> str:
    """Return the page of `axone --help`."""
    width = max(len(f"{name} {verb.usage}") for name, verb in VERBS.items())
    lines = [_("Every system of an introduction to deep learning, made real."), "", _("usage: axone COMMAND ..."), ""]
    lines += [f"  {f'{name} {verb.usage}':{width}}  {_(verb.help)}" for name, verb in VERBS.items()]
    lines += ["", *_format_flags(COMMON), ""]
    return "\n".join([*lines, _("Begin with: axone train cnn. Help on a system: axone train cnn --help")])


def format_verb_help(name: str, words: Sequence[str]) -> str:
    """Return the help of a verb; for `train SYSTEM --help`, with the settings of the system. Raises UsageError."""
    verb = VERBS[name]
    lines = [_("usage: axone {verb} {words}", verb=name, words=verb.usage), "", _(verb.help), ""]
    lines += _format_flags((*verb.flags, *COMMON))
    system = words[0] if words and not words[0].startswith("-") else None
    if verb.settings and system and name in ("train", "graph"):
        lines += ["", format_settings_help(catalogue.find(system))]
    elif verb.settings:
        lines += ["", _("and the settings of the system: axone train cnn --help")]
    return "\n".join(lines)


def format_settings_help(system: SystemFile) -> str:
    """Return the settings of a system, its own first and the shared ones by group, then its presets."""
    settings_class = catalogue.read_settings_class(system)
    rows = [(setting, _format_flag(setting), _format_meaning(setting)) for setting in describe(settings_class)]
    width = max(len(flag) for _setting, flag, _meaning in rows)
    titles = {
        "system": _("settings of this system (--name VALUE or name=VALUE)"),
        "data": _("data"),
        "optimization": _("optimization"),
        "hardware": _("hardware"),
        "run": _("run"),
    }
    lines = [f"{system.name}: {_(system.summary)}", ""]
    for group, title in titles.items():
        members = [f"  {flag:{width}}  {meaning}" for setting, flag, meaning in rows if setting.group == group]
        lines += [title, *members, ""] if members else []
    return "\n".join([*lines, *_format_presets(settings_class)])


def _format_presets(settings_class: type[Settings]) -> list[str]:
    width = max(map(len, settings_class.PRESETS))
    lines = [_("presets (--preset NAME)")]
    for name, values in settings_class.PRESETS.items():
        listed = ", ".join(f"{key.rstrip('_')}={_format_value(value)}" for key, value in values.items())
        lines.append(f"  {name:{width}}  {listed or _('the default values above')}")
    return lines


def _format_flags(flags: Sequence[Flag]) -> list[str]:
    columns = [(f"--{flag.name} {flag.value}".strip(), _(flag.help)) for flag in flags]
    width = max(len(left) for left, _right in columns)
    return [f"  {left:{width}}  {right}" for left, right in columns]


def _format_flag(setting: Setting) -> str:
    if setting.kind == "switch":
        return f"{setting.flag}, --no-{setting.flag[2:]}"
    return f"{setting.flag} {'|'.join(setting.choices) if setting.choices else setting.kind.upper()}"


def _format_meaning(setting: Setting) -> str:
    limits = f" ({setting.limits})" if setting.limits else ""
    default = "" if setting.default in (None, "") else f" [{_format_value(setting.default)}]"
    return _(setting.help) + limits + default


def _format_value(value: object) -> str:
    return ",".join(str(part) for part in value) if isinstance(value, tuple | list) else str(value)
