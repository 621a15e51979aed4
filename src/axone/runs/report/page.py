"""The page: its frame and its first screen (name, status, warnings, figures), then the sections in order.

Text is escaped where it enters (report_text.escape). What a browser must find without any request (style,
script, pictures) is written into the page.
"""

from __future__ import annotations

import time
from importlib.resources import files

from axone.figures.text import clean_text, escape
from axone.messages import _, plural
from axone.metrics import format_value, is_percentage, label
from axone.numbers import duration, is_number, language, number
from axone.runs.report.curves import curves
from axone.runs.report.figures import gather
from axone.runs.report.format import as_dict, format_cell, format_date, join_html, label_key
from axone.runs.report.network import network
from axone.runs.report.parts import section
from axone.runs.report.sections import log, results, settings, use
from axone.runs.report.story import Story
from axone.settings import Settings

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
        ("use", _("Use it"), use(story)),
        ("curves", _("Curves"), curves(story)),
        ("results", _("What it learned"), results(story, pictures)),
        ("network", _("The network"), network(story)),
        ("settings", _("Settings and surroundings"), settings(story, declaration)),
        ("log", _("What happened"), log(story)),
    ]
    shown = [(identity, title, content) for identity, title, content in sections if content]
    links = "".join(f'<a href="#{identity}">{escape(title)}</a>' for identity, title, _content in shown)
    title = f"{clean_text(label_key(story.info.system), 80)} · {clean_text(story.info.name, 120)}"
    return join_html(
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
    return files("axone.runs.report").joinpath(name).read_text("utf-8")


def _footer() -> str:
    now = format_date(time.time())
    return _("Written by Axone on {date}. This page is one file: it asks nothing of any network.", date=now)


def _head(story: Story) -> str:
    states = {
        "finished": _("finished"),
        "running": _("in training"),
        "stopped": _("stopped, can be resumed"),
        "failed": _("failed"),
        "killed": _("killed, can be resumed"),
        "damaged": _("damaged"),
    }
    told = [format_date(story.info.started)] if story.info.started else []
    data = story.done.get("data") or story.info.settings.get("data")
    told += [clean_text(data, 200)] if data else []
    told += [_lead(story)]
    return (
        f'<header><div class="wide"><p class="brand">{MARK}<span>Axone</span></p>'
        f'<h1><span class="system">{escape(label_key(story.info.system), 80)}</span> '
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
        return _("{done} of {planned} epochs", done=number(epochs), planned=number(planned))
    return plural("{count} epoch", "{count} epochs", int(epochs))


def _alerts(story: Story) -> str:
    """Show first what a reader must know before believing the rest."""
    found = []
    if story.problems:
        items = "".join(f"<li>{escape(problem)}</li>" for problem in story.problems[:50])
        title = escape(_("Missing or damaged"))
        found.append(f'<div class="alert bad" role="note"><h2>{title}</h2><ul>{items}</ul></div>')
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
    big: list[str] = []
    latest = story.best or (story.epochs[-1] if story.epochs else {})
    for key, group in (("test", _("test")), ("validation", _("validation")), ("train", _("training"))):
        metrics = as_dict(story.done.get(key)) or as_dict(latest.get(key))
        if key == "train" and big:
            break  # only when nothing was held out: the figures of what it was trained on flatter
        for name, value in sorted(metrics.items(), key=lambda item: (not is_percentage(item[0]), item[0]))[:6]:
            bar = ""
            if is_percentage(name) and is_number(value) and 0 <= value <= 1:
                bar = f'<span class="bar"><i style="width:{100 * value:.2f}%"></i></span>'
            big.append(
                f'<div class="tile {key}"><dt>{escape(group)} · {escape(label(name), 60)}</dt>'
                f"<dd>{escape(format_value(name, value))}{bar}</dd></div>"
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
    for title, value in (
        (_("epochs"), done.get("epochs", last.get("epoch"))),
        (_("best epoch"), best),
        (_("steps"), done.get("steps", last.get("step"))),
        (_("training time"), duration(seconds) if is_number(seconds) else None),
        (_("samples per second"), round(speeds[len(speeds) // 2]) if speeds else None),
        (_("parameters"), done.get("parameters", story.graph.get("parameters"))),
        (_("device"), done.get("device", environment.get("device"))),
        (_("number format"), done.get("precision", environment.get("precision"))),
        (_("threads"), environment.get("threads")),
        (_("seed"), clean_text(done.get("seed", story.info.settings.get("seed", "")))),
    ):
        text = format_cell(value)
        if text and not isinstance(value, dict | list):
            found.append((title, clean_text(text, 60)))
    return found
