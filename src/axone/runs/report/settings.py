"""The report's section on settings, machine and data."""

from __future__ import annotations

from typing import Any

from axone.figures.text import clean_text, escape
from axone.messages import _
from axone.numbers import is_number
from axone.runs.report.contents import RunContents
from axone.runs.report.elements import render_pairs, render_table, render_tabs
from axone.runs.report.format import format_cell, format_date
from axone.settings import Settings, describe


def render_settings(contents: RunContents, settings_class: type[Settings] | None) -> str:
    """Return all settings (with the class of the system, those that were changed are marked), the machine, the data."""
    known = {setting.name: setting for setting in describe(settings_class or Settings)}
    rows, changed = [], []
    for name, value in contents.info.settings.items():
        setting = known.get(name)
        default = setting.default if setting and settings_class else None
        changed.append(bool(setting and settings_class) and format_cell(value) != format_cell(default))
        meaning = _(setting.help) if setting else ""
        row = [clean_text(name, 80), _format_setting(value)]
        rows.append([*row, *([_format_setting(default)] if settings_class else []), meaning])
    heads = [_("setting"), _("value"), *([_("default")] if settings_class else []), _("meaning")]
    table = render_table("", heads, rows, marked=changed, mark=_("changed")) if rows else ""
    return render_tabs(
        [
            (_("Settings"), table),
            (_("Machine and versions"), render_pairs(_describe_machine(contents))),
            (_("Data"), _render_data(contents)),
        ]
    )


def _describe_machine(contents: RunContents) -> dict[str, Any]:
    """Return the environment, with the time of the start as a date."""
    environment = dict(contents.info.environment)
    if is_number(environment.get("started")):
        environment["started"] = format_date(environment["started"])
    return environment


def _format_setting(value: Any) -> str:
    """Return a setting as it is typed: without grouped thousands."""
    if isinstance(value, bool) or value is None:
        return format_cell(value)
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else clean_text(value, 300)


def _render_data(contents: RunContents) -> str:
    notes = "".join(f"<li>{escape(note)}</li>" for note in contents.notes[:200])
    facts = {name: value for name, value in contents.info.facts.items() if name != "graph"}  # has its own section
    return (f'<ul class="notes">{notes}</ul>' if notes else "") + render_pairs(facts)
