"""The report's section on what happened: starts, rollbacks, warnings and ends, with the time since the start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axone.best_epoch import describe_best_epoch
from axone.figures.text import clean_text, escape
from axone.messages import _, plural
from axone.numbers import format_duration, is_number
from axone.runs.report.contents import RunContents
from axone.runs.report.format import format_cell

MOST_EVENTS = 300


def render_log(contents: RunContents) -> str:
    """Return the list of what happened to the run; empty without events."""
    rows = []
    for event in contents.log[:MOST_EVENTS]:
        text = escape(_describe(event))
        rows.append(f'<li class="{event["kind"]}">{_render_time(contents, event)}<span>{text}</span></li>')
    more = len(contents.log) - MOST_EVENTS
    if more > 0:
        rows.append("<li>" + escape(plural("and {count} more", "and {count} more", more)) + "</li>")
    return f'<ol class="log">{"".join(rows)}</ol>' if rows else ""


def _render_time(contents: RunContents, event: Mapping[str, Any]) -> str:
    at = event.get("time")
    if not is_number(at) or contents.started is None:
        return "<time></time>"
    return f"<time>+{escape(format_duration(max(0.0, at - contents.started)))}</time>"


def _describe(event: Mapping[str, Any]) -> str:
    """Return an event as a sentence."""
    step, epoch = format_cell(event.get("step")), format_cell(event.get("epoch"))
    reason = clean_text(event.get("reason") or "")
    match event["kind"]:
        case "start":
            return _("Training started.")
        case "resume":
            return _("Resumed at step {step}, epoch {epoch}.", step=step, epoch=epoch)
        case "rollback":
            return _("Back to the last checkpoint after step {step}: the loss was not finite.", step=step)
        case "early_stop":
            best = format_cell(event.get("best_epoch"))
            return _("Stopped early after epoch {epoch}; the best was epoch {best}.", epoch=epoch, best=best)
        case "best_epoch":
            return clean_text(describe_best_epoch(event))
        case "stop":
            return _("Stopped: {reason}", reason=reason) if reason else _("Stopped.")
        case "error":
            return _("Failed: {reason}", reason=reason)
        case "done":
            return _("Finished.")
    return clean_text(event.get("text") or "")
