"""The settings of a system as a help page: flag, default, limits, meaning; its own first."""

from __future__ import annotations

from axone import catalogue
from axone.catalogue import System
from axone.messages import _
from axone.settings import Setting, describe


def settings_help(system: System) -> str:
    """Return the lines that `axone train SYSTEM --help` shows."""
    declaration = catalogue.declaration(system)
    rows = [(setting, _left(setting), _right(setting)) for setting in describe(declaration)]
    width = max(len(left) for _setting, left, _text in rows)
    lines = [f"{system.name}: {_(system.summary)}", ""]
    for own, title in ((True, _("its own settings (--name VALUE or name=VALUE)")), (False, _("shared by all systems"))):
        lines += [title, *(f"  {left:{width}}  {text}" for setting, left, text in rows if setting.own is own), ""]
    lines.append(_("presets (--preset NAME)"))
    for name, values in declaration.PRESETS.items():
        listed = ", ".join(f"{key}={_plain(value)}" for key, value in values.items())
        lines.append(f"  {name:{width}}  {listed or _('the defaults above')}")
    return "\n".join(lines)


def _left(setting: Setting) -> str:
    if setting.kind == "switch":
        return f"{setting.flag}, --no-{setting.flag[2:]}"
    return f"{setting.flag} {'|'.join(setting.choices) if setting.choices else setting.kind.upper()}"


def _right(setting: Setting) -> str:
    text = _(setting.help)
    if setting.limits:
        text += f" ({setting.limits})"
    return text + ("" if setting.default in (None, "") else f" [{_plain(setting.default)}]")


def _plain(value: object) -> str:
    return ",".join(str(part) for part in value) if isinstance(value, tuple | list) else str(value)
