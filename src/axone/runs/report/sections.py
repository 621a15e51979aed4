"""The report's sections in words, pictures and tables: commands, results, settings, history.

Each function returns a piece of HTML, or an empty string when the run has nothing for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from axone.figures.text import clean_text, escape
from axone.messages import _, plural
from axone.numbers import duration, is_number, number
from axone.runs.report.figures import Figure
from axone.runs.report.format import format_cell, format_date
from axone.runs.report.parts import command, pairs, table, tabs
from axone.runs.report.story import Story
from axone.settings import Settings, describe

MOST_EVENTS = 300  # lines of the history
MOST_TOLD = 40  # pieces of what the learner said


def use(story: Story) -> str:
    """The commands that go on from here, ready to copy."""
    run = _path(story.folder)
    found = []
    if story.status not in ("running", "finished"):
        found.append((_("go on training"), ["axone", "resume", run]))
    if story.status == "finished" or story.epochs:
        verbs = story.info.environment.get("verbs", ["predict"])
        if "predict" in verbs:
            found.append((_("ask it"), ["axone", "predict", run, story.info.example_input]))
        if story.info.facts.get("task") == "image-classification":
            found.append((_("see what an answer rests on"), ["axone", "explain", run, "FILE"]))
        if "generate" in verbs:
            found.append((_("let it make some"), ["axone", "generate", run, "--count", "16"]))
        found.append((_("measure it again"), ["axone", "evaluate", run]))
    if story.info.settings and story.info.system:
        again = ["axone", "train", story.info.system, "--config", str(Path(run) / "settings.toml")]
        found.append((_("train the same again"), again))
    found.append((_("write this page again"), ["axone", "report", run]))
    rows = "".join(command(label, parts) for label, parts in found)
    python = f'import axone\n\nrun = axone.load({clean_text(run, 500)!r})\nrun.predict("FILE")'
    return f'<div class="use"><dl>{rows}</dl>{command("Python", python)}</div>'


def _path(folder: Path) -> str:
    """Write the run's path as one would type it where the report was made."""
    try:
        return str(folder.absolute().relative_to(Path.cwd()))
    except (OSError, ValueError):
        return str(folder)


def results(story: Story, pictures: Sequence[Figure]) -> str:
    """The run's own pictures and tables, and what the learner said while it learned."""
    parts = [_picture(picture) for picture in pictures]
    for event in story.tables:
        columns = event.get("columns") if isinstance(event.get("columns"), list) else []
        rows = [row for row in event["rows"] if isinstance(row, list)]
        title = str(event.get("title") or event.get("name") or _("table"))
        parts.append(f'<div class="figure">{table(title, columns or [], rows)}</div>')
    if story.told:
        said = "\n".join(escape(text, 20_000) for text in story.told[:MOST_TOLD])
        if (more := len(story.told) - MOST_TOLD) > 0:
            said += "\n" + escape(plural("and {count} more", "and {count} more", more))
        title = escape(_("Step by step"))
        parts.append(f'<div class="figure flat said"><h3>{title}</h3><pre class="scroll">{said}</pre></div>')
    return f'<div class="figures">{"".join(parts)}</div>' if parts else ""


def _picture(picture: Figure) -> str:
    """One picture; when it was made at several epochs, with a slider over them."""
    title, frames = escape(picture.title, 160), picture.frames
    images = ""
    for place, frame in enumerate(frames):
        moment = _("epoch {epoch}", epoch=number(frame.epoch)) if frame.epoch is not None else _("final")
        size = f' width="{frame.width}" height="{frame.height}"' if frame.width else ""
        hidden = ' class="past"' if place < len(frames) - 1 else ""
        fine = ' data-small=""' if 0 < max(frame.width, frame.height) < 200 else ""
        alt = f"{title}, {escape(moment)}" if len(frames) > 1 else title
        images += f'<img src="{frame.address}" alt="{alt}" data-moment="{escape(moment)}"{size}{hidden}{fine}>'
    slider = ""
    if len(frames) > 1:
        last = len(frames) - 1
        label = escape(_("Moment of the training"))
        slider = (
            f'<div class="slider"><button type="button" aria-label="{escape(_("Play"))}">▶</button>'
            f'<input type="range" min="0" max="{last}" value="{last}" aria-label="{label}">'
            f"<output>{escape(moment)}</output></div>"
        )
    problems = "".join(f'<p class="lacks">{escape(problem)}</p>' for problem in picture.problems)
    caption = f"<p>{escape(picture.caption)}</p>" if picture.caption else ""
    flat = any(frame.width > 2.2 * frame.height for frame in frames)
    return (
        f'<figure class="figure{" flat" if flat else ""}"><figcaption><h3>{title}</h3>{caption}</figcaption>'
        f'<div class="paper" data-enlarge="{escape(_("Enlarge"))}">{images}</div>{slider}{problems}</figure>'
    )


def settings(story: Story, declaration: type[Settings] | None) -> str:
    """All settings (those that were changed stand out), the machine, the data."""
    known = {setting.name: setting for setting in describe(declaration or Settings)}
    rows, changed = [], []
    for name, value in story.info.settings.items():
        setting = known.get(name)
        default = setting.default if setting and declaration else None
        differs = bool(setting and declaration) and format_cell(value) != format_cell(default)
        changed.append(differs)
        help_text = _(setting.help) if setting else ""
        rows.append([clean_text(name, 80), _value(value), *([_value(default)] if declaration else []), help_text])
    heads = [_("setting"), _("value"), *([_("default")] if declaration else []), _("meaning")]
    panels = [
        (_("Settings"), table("", heads, rows, marked=changed, mark=_("changed")) if rows else ""),
        (_("Machine and versions"), pairs(_environment(story))),
        (_("Data"), _data(story)),
    ]
    return tabs(panels)


def _environment(story: Story) -> dict[str, Any]:
    """The machine as it was written down, the moment of the start as a date."""
    found = dict(story.info.environment)
    if is_number(found.get("started")):
        found["started"] = format_date(found["started"])
    return found


def _value(value: Any) -> str:
    """Write a setting as one would type it: no grouped thousands."""
    if isinstance(value, bool) or value is None:
        return format_cell(value)
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else clean_text(value, 300)


def _data(story: Story) -> str:
    notes = "".join(f"<li>{escape(note)}</li>" for note in story.notes[:200])
    facts = {name: value for name, value in story.info.facts.items() if name != "graph"}  # drawn in its own section
    return (f'<ul class="notes">{notes}</ul>' if notes else "") + pairs(facts)


def log(story: Story) -> str:
    """The turns of the run's life, with the time since its start."""
    rows = []
    for event in story.log[:MOST_EVENTS]:
        rows.append(f'<li class="{event["kind"]}">{_clock(story, event)}<span>{escape(_told(event))}</span></li>')
    more = len(story.log) - MOST_EVENTS
    if more > 0:
        rows.append("<li>" + escape(plural("and {count} more", "and {count} more", more)) + "</li>")
    return f'<ol class="log">{"".join(rows)}</ol>' if rows else ""


def _clock(story: Story, event: Mapping[str, Any]) -> str:
    at = event.get("time")
    if not is_number(at) or story.started is None:
        return "<time></time>"
    return f"<time>+{escape(duration(max(0.0, at - story.started)))}</time>"


def _told(event: Mapping[str, Any]) -> str:
    """Say an event in words."""
    step, epoch = format_cell(event.get("step")), format_cell(event.get("epoch"))
    match event["kind"]:
        case "start":
            return _("Training started.")
        case "resume":
            return _("Resumed at step {step}, epoch {epoch}.", step=step, epoch=epoch)
        case "rollback":
            return _("Went back to the checkpoint of step {step}: the loss was no longer a number.", step=step)
        case "early_stop":
            best = format_cell(event.get("best_epoch"))
            return _("Stopped early after epoch {epoch}; the best was epoch {best}.", epoch=epoch, best=best)
        case "stop":
            reason = clean_text(event.get("reason") or "")
            return _("Stopped: {reason}", reason=reason) if reason else _("Stopped.")
        case "error":
            return _("Failed: {reason}", reason=clean_text(event.get("reason") or ""))
        case "done":
            return _("Finished.")
    return clean_text(event.get("text") or "")
