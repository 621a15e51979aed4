"""The report's section of results: the run's figures and tables, and the texts that its learner logged."""

from __future__ import annotations

from axone.figures.text import escape
from axone.messages import _, plural
from axone.numbers import format_number
from axone.runs.report.contents import RunContents
from axone.runs.report.elements import render_table
from axone.runs.report.embedded_figures import EmbeddedFigure, embed_figures

MOST_TEXTS = 40
MANY_COLUMNS = 6  # of a table that does not fit into half of the page
WIDE = 760  # pixels of a figure that would be unreadable in half of the page


def render_results(contents: RunContents) -> str:
    """Return all figures, tables and texts of a run; empty when it has none."""
    parts = [_render_figure(figure) for figure in embed_figures(contents.folder, contents.figures)]
    for event in contents.tables:
        columns = event.get("columns") if isinstance(event.get("columns"), list) else []
        rows = [row for row in event["rows"] if isinstance(row, list)]
        title = str(event.get("title") or event.get("name") or _("table"))
        flat = " flat" if len(columns or []) >= MANY_COLUMNS else ""
        parts.append(f'<div class="figure{flat}">{render_table(title, columns or [], rows)}</div>')
    if contents.texts:
        parts.append(_render_texts(contents.texts))
    return f'<div class="figures">{"".join(parts)}</div>' if parts else ""


def _render_texts(texts: list[str]) -> str:
    lines = [escape(text, 20_000) for text in texts[:MOST_TEXTS]]
    if (more := len(texts) - MOST_TEXTS) > 0:
        lines.append(escape(plural("and {count} more", "and {count} more", more)))
    title, text = escape(_("Step by step")), "\n".join(lines)
    return f'<div class="figure flat texts"><h3>{title}</h3><pre class="scroll">{text}</pre></div>'


def _render_figure(figure: EmbeddedFigure) -> str:
    """Return one figure; if there are several epochs of it, with a slider over them."""
    title, frames = escape(figure.title, 160), figure.frames
    if any(frame.is_sound for frame in frames):
        return _render_sound(figure)
    images = ""
    for place, frame in enumerate(frames):
        moment = _("epoch {epoch}", epoch=format_number(frame.epoch)) if frame.epoch is not None else _("final")
        size = f' width="{frame.width}" height="{frame.height}"' if frame.width else ""
        hidden = ' class="past"' if place < len(frames) - 1 else ""
        small = ' data-small=""' if 0 < max(frame.width, frame.height) < 200 else ""
        alt = f"{title}, {escape(moment)}" if len(frames) > 1 else title
        images += f'<img src="{frame.address}" alt="{alt}" data-moment="{escape(moment)}"{size}{hidden}{small}>'
    slider = ""
    if len(frames) > 1:
        last = len(frames) - 1
        label = escape(_("Epoch shown"))
        slider = (
            f'<div class="slider"><button type="button" aria-label="{escape(_("Play"))}">▶</button>'
            f'<input type="range" min="0" max="{last}" value="{last}" aria-label="{label}">'
            f"<output>{escape(moment)}</output></div>"
        )
    problems = "".join(f'<p class="problem">{escape(problem)}</p>' for problem in figure.problems)
    caption = f"<p>{escape(figure.caption)}</p>" if figure.caption else ""
    flat = any(frame.width > 2.2 * frame.height or frame.width > WIDE for frame in frames)
    return (
        f'<figure class="figure{" flat" if flat else ""}"><figcaption><h3>{title}</h3>{caption}</figcaption>'
        f'<div class="paper" data-enlarge="{escape(_("Enlarge"))}">{images}</div>{slider}{problems}</figure>'
    )


def _render_sound(figure: EmbeddedFigure) -> str:
    """Return a player of the last one of a sound's epochs."""
    title = escape(figure.title, 160)
    problems = "".join(f'<p class="problem">{escape(problem)}</p>' for problem in figure.problems)
    caption = f"<p>{escape(figure.caption)}</p>" if figure.caption else ""
    player = f'<audio controls preload="none" src="{figure.frames[-1].address}" aria-label="{title}"></audio>'
    return f'<figure class="figure sound"><figcaption><h3>{title}</h3>{caption}</figcaption>{player}{problems}</figure>'
