"""The pages of `axone --help`, `axone VERB --help` and `axone train SYSTEM --help`."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Mapping, Sequence

from axone import catalogue
from axone.catalogue import SystemFile
from axone.commands.verbs import COMMON, VERBS, Flag
from axone.messages import _
from axone.settings import Setting, describe

WIDEST_LEFT = 34  # characters of the left column; a longer flag has its meaning on the next line
NARROWEST_RIGHT = 30  # characters of the right column; on a narrower terminal its lines are not wrapped


def format_help() -> str:
    """Return the page of `axone --help`."""
    commands = [(f"{name} {verb.usage}".strip(), _(verb.help)) for name, verb in VERBS.items()]
    lines = [_("Every system of an introduction to deep learning, made real."), "", _("usage: axone COMMAND ..."), ""]
    lines += [*format_columns(commands), "", *_format_flags(COMMON), ""]
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


def format_columns(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Return lines of two columns, the right one wrapped at the terminal's width where that is known."""
    width = min(max(len(left) for left, _right in rows), WIDEST_LEFT)
    right_width = shutil.get_terminal_size((10_000, 24)).columns - width - 4
    lines = []
    for left, right in rows:
        texts = (textwrap.wrap(right, right_width) if right_width >= NARROWEST_RIGHT else [right]) or [""]
        if len(left) > width:
            lines.append(f"  {left}")
            left = ""
        lines += [f"  {left if number == 0 else '':{width}}  {text}".rstrip() for number, text in enumerate(texts)]
    return lines


def _format_flags(flags: Sequence[Flag]) -> list[str]:
    return format_columns([(f"--{flag.name} {flag.value}".strip(), _(flag.help)) for flag in flags])


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
