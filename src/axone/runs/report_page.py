"""The sections of the report, from what the run tells to HTML.

Each function returns one piece of the page, or an empty string when the run has nothing for it; `render`
puts them in their order. Text is escaped where it enters (report_text.escape); the parts of a page that a
browser must find without any request (style, script, pictures) are written into it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from axone.messages import _, plural
from axone.runs.report_curves import curves
from axone.runs.report_network import network
from axone.runs.report_parts import command, pairs, section, table
from axone.runs.report_pictures import Picture, gather
from axone.runs.report_story import Story
from axone.runs.report_text import (
    cell,
    dictionary,
    duration,
    escape,
    is_number,
    is_share,
    joined,
    language,
    measure,
    number,
    plain,
    words,
)
from axone.settings import Settings, describe

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
# One neuron: three inputs, a sum, an output.
MARK = (
    '<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><path d="M4 6 16 16M4 16H28M4 26 16 16"/>'
    '<circle cx="4" cy="6" r="2.4"/><circle cx="4" cy="16" r="2.4"/><circle cx="4" cy="26" r="2.4"/>'
    '<circle class="body" cx="17" cy="16" r="6"/><circle cx="28" cy="16" r="2.4"/></svg>'
)


def render(story: Story, declaration: type[Settings] | None = None) -> str:
    """Write the whole page. With the system's `declaration` the settings show their defaults and meaning."""
    pictures = gather(story.folder, story.pictures)
    sections = [
        ("use", _("Use it"), _use(story)),
        ("curves", _("Curves"), curves(story)),
        ("results", _("What it does well and badly"), _results(story, pictures)),
        ("network", _("The network"), network(story)),
        ("settings", _("Settings and surroundings"), _settings(story, declaration)),
        ("log", _("What happened"), _log(story)),
    ]
    shown = [(identity, title, content) for identity, title, content in sections if content]
    links = "".join(f'<a href="#{identity}">{escape(title)}</a>' for identity, title, _content in shown)
    title = f"{plain(words(story.info.system), 80)} · {plain(story.info.name, 120)}"
    return joined(
        [
            f'<!DOCTYPE html>\n<html lang="{escape(language())}">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">',
            f"<title>{escape(title)} · Axone</title>",
            f"<style>{_asset('report.css')}</style>\n</head>\n<body>",
            f'<a class="skip" href="#main">{escape(_("To the content"))}</a>',
            _head(story),
            f'<nav aria-label="{escape(_("Sections"))}">{links}</nav>',
            '<main id="main">',
            _alerts(story),
            _tiles(story),
            *(section(identity, title, content) for identity, title, content in shown),
            "</main>",
            f"<footer><p>{escape(_footer())}</p></footer>",
            f"<script>{_asset('report.js')}</script>\n</body>\n</html>\n",
        ]
    )


def _asset(name: str) -> str:
    return files("axone.runs").joinpath(name).read_text("utf-8")


def _footer() -> str:
    return _("Written by Axone on {date}. This page is one file: it asks nothing of any network.", date=_date(time.time()))


def _date(seconds: float) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
    except (ValueError, OverflowError, OSError):
        return "?"


def _head(story: Story) -> str:
    states = {
        "finished": _("finished"),
        "running": _("in training"),
        "stopped": _("not finished, can go on"),
        "damaged": _("damaged"),
    }
    told = [_date(story.info.started)] if story.info.started else []
    data = story.done.get("data") or story.info.settings.get("data")
    told += [plain(data, 200)] if data else []
    told += [_lead(story)]
    return (
        f'<header><div class="wide"><p class="brand">{MARK}<span>Axone</span></p>'
        f'<h1><span class="system">{escape(words(story.info.system), 80)}</span> '
        f'<bdi class="run">{escape(story.info.name, 120)}</bdi></h1>'
        f'<p class="told"><span class="state {story.status}">{escape(states[story.status])}</span> '
        + "".join(f"<span>{escape(item)}</span>" for item in told if item)
        + "</p></div></header>"
    )


def _lead(story: Story) -> str:
    """Say in a line how far the training went."""
    epochs = len(story.epochs) if not story.done else story.done.get("epochs")
    planned = story.info.settings.get("epochs")
    if not is_number(epochs):
        return ""
    if not story.done and is_number(planned):
        return _("{done} of {planned} epochs", done=number(epochs or 0), planned=number(planned or 0))
    return plural("{count} epoch", "{count} epochs", int(epochs or 0))


def _alerts(story: Story) -> str:
    """Show first what a reader must know before believing the rest."""
    found = []
    if story.problems:
        items = "".join(f"<li>{escape(problem)}</li>" for problem in story.problems[:50])
        found.append(f'<div class="alert bad" role="note"><h2>{escape(_("Missing or damaged"))}</h2><ul>{items}</ul></div>')
    counts: dict[str, int] = {}
    for warning in (str(event.get("text") or "") for event in story.log if event["kind"] == "warning"):
        counts[warning] = counts.get(warning, 0) + 1
    if counts:
        items = "".join(
            f"<li>{escape(text)}{f' <b>×{number(times)}</b>' if times > 1 else ''}</li>"
            for text, times in list(counts.items())[:50]
        )
        found.append(f'<div class="alert" role="note"><h2>{escape(_("Warnings"))}</h2><ul>{items}</ul></div>')
    return "".join(found)


def _tiles(story: Story) -> str:
    """The figures one looks for first: metrics large, the rest in a strip."""
    big = []
    latest = story.best or (story.epochs[-1] if story.epochs else {})
    for key, group in (("test", _("test")), ("validation", _("validation")), ("train", _("training"))):
        metrics = dictionary(story.done.get(key)) or dictionary(latest.get(key))
        if key == "train" and big:
            break  # only when nothing was held out: the figures of what it was trained on flatter
        for name, value in sorted(metrics.items(), key=lambda item: (not is_share(item[0]), item[0]))[:6]:
            bar = ""
            if is_share(name) and is_number(value) and 0 <= value <= 1:
                bar = f'<span class="bar"><i style="width:{100 * value:.2f}%"></i></span>'
            big.append(
                f'<div class="tile {key}"><dt>{escape(group)} · {escape(words(name), 60)}</dt>'
                f"<dd>{escape(measure(name, value))}{bar}</dd></div>"
            )
    small = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in _figures(story))
    if not big and not small:
        return ""
    return (
        f'<section class="tiles" aria-label="{escape(_("Figures"))}">'
        + (f'<dl class="big">{"".join(big)}</dl>' if big else "")
        + (f'<dl class="strip">{small}</dl>' if small else "")
        + "</section>"
    )


def _figures(story: Story) -> list[tuple[str, str]]:
    """List the plain figures of the run that are known."""
    done, environment = story.done, story.info.environment
    last = story.epochs[-1] if story.epochs else {}
    seconds = done.get("seconds", last.get("seconds"))
    speeds = sorted(v for step in story.steps if is_number(v := step.get("samples_per_second")))
    best = story.best.get("epoch")
    found: list[tuple[str, str]] = []
    for label, value in (
        (_("epochs"), done.get("epochs", last.get("epoch"))),
        (_("best epoch"), best),
        (_("steps"), done.get("steps", last.get("step"))),
        (_("training time"), duration(seconds) if is_number(seconds) else None),
        (_("samples per second"), round(speeds[len(speeds) // 2]) if speeds else None),
        (_("parameters"), done.get("parameters", story.graph.get("parameters"))),
        (_("device"), done.get("device", environment.get("device"))),
        (_("precision"), done.get("precision", environment.get("precision"))),
        (_("threads"), environment.get("threads")),
        (_("seed"), plain(done.get("seed", story.info.settings.get("seed", "")))),
    ):
        text = cell(value)
        if text and not isinstance(value, dict | list):
            found.append((label, plain(text, 60)))
    return found


def _use(story: Story) -> str:
    """The commands that go on from here, ready to copy."""
    run = str(story.folder)
    found = []
    if story.status in ("stopped", "damaged"):
        found.append((_("go on training"), ["axone", "resume", run]))
    if story.status == "finished" or story.epochs:
        found += [
            (_("ask it"), ["axone", "predict", run, "FILE"]),
            (_("measure it again"), ["axone", "evaluate", run]),
        ]
    if story.info.settings and story.info.system:
        again = ["axone", "train", story.info.system, "--config", f"{run.rstrip('/')}/settings.toml"]
        found.append((_("train the same again"), again))
    found.append((_("write this page again"), ["axone", "report", run]))
    rows = "".join(command(label, parts) for label, parts in found)
    python = f"import axone\n\nrun = axone.load({plain(run, 500)!r})\nrun.predict(\"FILE\")"
    return f'<div class="use"><dl>{rows}</dl>{command("Python", python)}</div>'


def _results(story: Story, pictures: Sequence[Picture]) -> str:
    """The run's own pictures and tables."""
    parts = [_picture(picture) for picture in pictures]
    for event in story.tables:
        columns = event.get("columns") if isinstance(event.get("columns"), list) else []
        rows = [row for row in event["rows"] if isinstance(row, list)]
        title = str(event.get("title") or event.get("name") or _("table"))
        parts.append(f'<div class="figure">{table(title, columns or [], rows)}</div>')
    return f'<div class="figures">{"".join(parts)}</div>' if parts else ""


def _picture(picture: Picture) -> str:
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
        slider = (
            f'<div class="slider"><button type="button" aria-label="{escape(_("Play"))}">▶</button>'
            f'<input type="range" min="0" max="{last}" value="{last}" aria-label="{escape(_("Moment of the training"))}">'
            f"<output>{escape(moment)}</output></div>"
        )
    problems = "".join(f'<p class="lacks">{escape(problem)}</p>' for problem in picture.problems)
    caption = f"<p>{escape(picture.caption)}</p>" if picture.caption else ""
    flat = any(frame.width > 2.2 * frame.height for frame in frames)
    return (
        f'<figure class="figure{" flat" if flat else ""}"><figcaption><h3>{title}</h3>{caption}</figcaption>'
        f'<div class="paper" data-enlarge="{escape(_("Enlarge"))}">{images}</div>{slider}{problems}</figure>'
    )


def _settings(story: Story, declaration: type[Settings] | None) -> str:
    """All settings (those that were changed stand out), the machine, the data."""
    known = {setting.name: setting for setting in describe(declaration or Settings)}
    rows, changed = [], []
    for name, value in story.info.settings.items():
        setting = known.get(name)
        default = setting.default if setting and declaration else None
        differs = bool(setting and declaration) and cell(value) != cell(default)
        changed.append(differs)
        help_text = _(setting.help) if setting else ""
        rows.append([plain(name, 80), _value(value), *([_value(default)] if declaration else []), help_text])
    heads = [_("setting"), _("value"), *([_("default")] if declaration else []), _("meaning")]
    panels = [
        (_("Settings"), table("", heads, rows, marked=changed, mark=_("changed")) if rows else ""),
        (_("Machine and versions"), pairs(_environment(story))),
        (_("Data"), _data(story)),
    ]
    shown = [(title, content) for title, content in panels if content]
    if not shown:
        return ""
    return '<div class="tabs">' + "".join(
        f'<section class="panel"><h3>{escape(title)}</h3>{content}</section>' for title, content in shown
    ) + "</div>"


def _environment(story: Story) -> dict[str, Any]:
    """The machine as it was written down, the moment of the start as a date."""
    found = dict(story.info.environment)
    if is_number(found.get("started")):
        found["started"] = _date(found["started"])
    return found


def _value(value: Any) -> str:
    """Write a setting as one would type it: no grouped thousands."""
    if isinstance(value, bool) or value is None:
        return cell(value)
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else plain(value, 300)


def _data(story: Story) -> str:
    notes = "".join(f"<li>{escape(note)}</li>" for note in story.notes[:200])
    return (f'<ul class="notes">{notes}</ul>' if notes else "") + pairs(story.info.facts)


def _log(story: Story) -> str:
    """The turns of the run's life, with the time since its start."""
    rows = []
    for event in story.log[:300]:
        rows.append(f"<li class=\"{event['kind']}\">{_clock(story, event)}<span>{escape(_told(event))}</span></li>")
    more = len(story.log) - 300
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
    step, epoch = cell(event.get("step")), cell(event.get("epoch"))
    match event["kind"]:
        case "start":
            return _("Training started.")
        case "resume":
            return _("Resumed at step {step}, epoch {epoch}.", step=step, epoch=epoch)
        case "rollback":
            return _("Went back to the checkpoint of step {step}: the loss was no longer a number.", step=step)
        case "early-stop":
            best = cell(event.get("best_epoch"))
            return _("Stopped early after epoch {epoch}; the best was epoch {best}.", epoch=epoch, best=best)
        case "stop":
            reason = plain(event.get("reason") or "")
            return _("Stopped: {reason}", reason=reason) if reason else _("Stopped.")
        case "done":
            return _("Finished.")
    return plain(event.get("text") or "")
