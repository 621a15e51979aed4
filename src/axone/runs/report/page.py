"""The page: its frame, its first screen (name, state, warnings, main numbers), then the sections.

Text is escaped where it enters (`axone.figures.text.escape`). Style, script and images are written into the page, which
makes no request.
"""

from __future__ import annotations

import time
from importlib.resources import files

from axone.figures.text import clean_text, escape
from axone.messages import _, current_language, plural
from axone.metrics import describe_unmeasured, format_value, is_percentage, label
from axone.numbers import format_duration, format_number, is_number
from axone.runs.report.commands import render_commands
from axone.runs.report.contents import RunContents
from axone.runs.report.curves import render_curves
from axone.runs.report.elements import render_section
from axone.runs.report.format import as_dict, format_cell, format_date, join_html, label_key
from axone.runs.report.log import render_log
from axone.runs.report.network import render_network
from axone.runs.report.results import render_results
from axone.runs.report.settings import render_settings
from axone.settings import Settings

POLICY = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
# One neuron: three inputs, a sum, an output.
LEARNED_FROM = ("data", "world", "game", "scenario")  # the settings that name it, of which a system has one
MARK = (
    '<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><path d="M4 6 16 16M4 16H28M4 26 16 16"/>'
    '<circle cx="4" cy="6" r="2.4"/><circle cx="4" cy="16" r="2.4"/><circle cx="4" cy="26" r="2.4"/>'
    '<circle class="body" cx="17" cy="16" r="6"/><circle cx="28" cy="16" r="2.4"/></svg>'
)


def render_page(contents: RunContents, settings_class: type[Settings] | None = None) -> str:
    """Return the whole page. With the system's settings class, the settings have their defaults and meanings."""
    sections = [
        ("use", _("Commands"), render_commands(contents)),
        ("curves", _("Curves"), render_curves(contents)),
        ("results", _("Results"), render_results(contents)),
        ("network", _("Network"), render_network(contents)),
        ("settings", _("Settings and machine"), render_settings(contents, settings_class)),
        ("log", _("Log"), render_log(contents)),
    ]
    sections = [(identity, title, content) for identity, title, content in sections if content]
    links = "".join(f'<a href="#{identity}">{escape(title)}</a>' for identity, title, _content in sections)
    title = f"{clean_text(label_key(contents.info.system), 80)} · {clean_text(contents.info.name, 120)}"
    return join_html(
        [
            f'<!DOCTYPE html>\n<html lang="{escape(current_language())}">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">',
            f"<title>{escape(title)} · Axone</title>",
            f"<style>{_read_asset('report.css')}</style>\n</head>\n<body>",
            f'<a class="skip" href="#main">{escape(_("To the content"))}</a>',
            _render_header(contents),
            f'<nav aria-label="{escape(_("Sections"))}">{links}</nav>',
            '<main id="main">',
            _render_warnings(contents),
            _render_numbers(contents),
            *(render_section(*section) for section in sections),
            "</main>",
            f"<footer><p>{escape(_describe_origin())}</p></footer>",
            f"<script>{_read_asset('report.js')}</script>\n</body>\n</html>\n",
        ]
    )


def _read_asset(name: str) -> str:
    return files("axone.runs.report").joinpath(name).read_text("utf-8")


def _describe_origin() -> str:
    now = format_date(time.time())
    return _("Written by Axone on {date}. This page is one file and makes no network request.", date=now)


def _render_header(contents: RunContents) -> str:
    states = {
        "finished": _("finished"),
        "running": _("running"),
        "stopped": _("stopped, can be resumed"),
        "failed": _("failed"),
        "killed": _("killed, can be resumed"),
        "damaged": _("damaged"),
    }
    items = [format_date(contents.info.started)] if contents.info.started else []
    settings = contents.info.settings
    data = contents.done.get("data") or next((settings[name] for name in LEARNED_FROM if settings.get(name)), "")
    items += [clean_text(data, 200)] if data else []
    items += [_count_epochs(contents)]
    return (
        f'<header><div class="wide"><p class="brand">{MARK}<span>Axone</span></p>'
        f'<h1><span class="system">{escape(label_key(contents.info.system), 80)}</span> '
        f'<bdi class="run">{escape(contents.info.name, 120)}</bdi></h1>'
        f'<p class="summary"><span class="state {contents.status}">{escape(states[contents.status])}</span> '
        + "".join(f"<span>{escape(item)}</span>" for item in items if item)
        + "</p></div></header>"
    )


def _count_epochs(contents: RunContents) -> str:
    """Return how many epochs were trained, of how many."""
    epochs = len(contents.epochs) if not contents.done else contents.done.get("epochs")
    planned = contents.info.settings.get("epochs")
    if not is_number(epochs):
        return ""
    if not contents.done and is_number(planned):
        return _("{done} of {planned} epochs", done=format_number(epochs), planned=format_number(planned))
    return plural("{count} epoch", "{count} epochs", int(epochs))


def _render_warnings(contents: RunContents) -> str:
    """Return how the training failed, damages and warnings, which a reader must know first."""
    boxes = []
    titles = {"failed": _("The training failed"), "killed": _("The training was killed")}
    if contents.status in titles and contents.info.reason:
        title, reason = escape(titles[contents.status]), escape(contents.info.reason)
        boxes.append(f'<div class="alert bad" role="note"><h2>{title}</h2><p>{reason}</p></div>')
    if contents.problems:
        items = "".join(f"<li>{escape(problem)}</li>" for problem in contents.problems[:50])
        title = escape(_("Missing or damaged"))
        boxes.append(f'<div class="alert bad" role="note"><h2>{title}</h2><ul>{items}</ul></div>')
    counts: dict[str, int] = {}
    for warning in (str(event.get("text") or "") for event in contents.log if event["kind"] == "warning"):
        counts[warning] = counts.get(warning, 0) + 1
    if counts:
        items = "".join(
            f"<li>{escape(text)}{f' <b>×{format_number(times)}</b>' if times > 1 else ''}</li>"
            for text, times in list(counts.items())[:50]
        )
        boxes.append(f'<div class="alert" role="note"><h2>{escape(_("Warnings"))}</h2><ul>{items}</ul></div>')
    return "".join(boxes)


def _render_numbers(contents: RunContents) -> str:
    """Return the main numbers: metrics in large tiles, the others in a row of small ones."""
    large: list[str] = []
    latest = contents.best or (contents.epochs[-1] if contents.epochs else {})
    for key, group in (("test", _("test")), ("validation", _("validation")), ("train", _("training"))):
        metrics = as_dict(contents.done.get(key)) or as_dict(latest.get(key))
        if key == "train" and large:
            break  # metrics of the training set are too optimistic: shown only without held-out data
        for name in sorted(metrics, key=lambda name: (name != contents.monitor, not is_percentage(name), name))[:6]:
            value = metrics[name]
            bar = ""
            if is_percentage(name) and is_number(value) and 0 <= value <= 1:
                bar = f'<span class="bar"><i style="width:{100 * value:.2f}%"></i></span>'
            large.append(
                f'<div class="tile {key}"><dt>{escape(group)} · {escape(label(name, contents.info.facts), 60)}</dt>'
                f"<dd>{escape(format_value(name, value))}{bar}</dd></div>"
            )
    small = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in _list_numbers(contents)
    )
    if not large and not small:
        return ""
    sentences = [contents.best_epoch_sentence]
    if contents.done:
        sentences.append(describe_unmeasured(contents.done, contents.info.facts))
    return (
        f'<section class="tiles" aria-label="{escape(_("Main numbers"))}">'
        + (f'<dl class="big">{"".join(large)}</dl>' if large else "")
        + (f'<dl class="strip">{small}</dl>' if small else "")
        + "".join(f'<p class="choice">{escape(sentence)}</p>' for sentence in sentences if sentence)
        + "</section>"
    )


def _list_numbers(contents: RunContents) -> list[tuple[str, str]]:
    """Return the names and values of the other numbers that are known."""
    done, environment = contents.done, contents.info.environment
    last = contents.epochs[-1] if contents.epochs else {}
    seconds = done.get("seconds", last.get("seconds"))
    speeds = sorted(v for step in contents.steps if is_number(v := step.get("samples_per_second")))
    best = contents.best.get("epoch")
    numbers: list[tuple[str, str]] = []
    for title, value in (
        (_("epochs"), done.get("epochs", last.get("epoch"))),
        (_("best epoch"), best),
        (_("steps"), done.get("steps", last.get("step"))),
        (_("training time"), format_duration(seconds) if is_number(seconds) else None),
        (_("samples per second"), round(speeds[len(speeds) // 2]) if speeds else None),
        (_("parameters"), done.get("parameters", contents.graph.get("parameters"))),
        (_("device"), done.get("device", environment.get("device"))),
        (_("precision"), done.get("precision", environment.get("precision"))),
        (_("threads"), environment.get("threads")),
        (_("seed"), clean_text(done.get("seed", contents.info.settings.get("seed", "")))),
    ):
        text = format_cell(value)
        if text and not isinstance(value, dict | list):
            numbers.append((title, clean_text(text, 60)))
    return numbers
