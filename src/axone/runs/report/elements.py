"""HTML elements that the sections share: a section, tabs, a table, a list of names and values, a command."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from axone.figures.text import clean_text, escape
from axone.messages import _, plural
from axone.numbers import format_decimal, is_number
from axone.runs.report.format import format_cell, label_key
from axone.shell import join

MOST_ROWS, MOST_COLUMNS = 400, 40


def render_section(identity: str, title: str, content: str) -> str:
    """Return a section of the page with its heading."""
    return f'<section id="{identity}" class="part"><h2>{escape(title)}</h2>{content}</section>'


def render_tabs(panels: Sequence[tuple[str, str]]) -> str:
    """Return panels (title, content), of which the script shows one at a time; empty ones are left out."""
    rendered = "".join(
        f'<section class="panel"><h3>{escape(title)}</h3>{content}</section>' for title, content in panels if content
    )
    return f'<div class="tabs">{rendered}</div>' if rendered else ""


def render_table(
    title: str,
    columns: Sequence[Any],
    rows: Sequence[Sequence[Any]],
    *,
    marked: Sequence[bool] = (),
    mark: str = "",
    foot: Sequence[Any] = (),
    bars: bool = True,
) -> str:
    """Return a table: numbers are aligned right, shares of one have a bar; `marked` rows are labeled with `mark`.

    `foot` is a last row of totals. Rows and columns above a limit are left out, and a note says how many.
    """
    rows = [row[:MOST_COLUMNS] for row in rows]
    width = min(MOST_COLUMNS, max([len(columns), *(len(row) for row in rows)], default=0))
    heads = [label_key(column) for column in columns[:width]] + [""] * (width - len(columns))
    numeric = [_are_numbers(rows, place) for place in range(width)]
    shares = [bars and numeric[place] and _are_shares(rows, place) for place in range(width)]
    head = "".join(
        f'<th scope="col"{" class=number" if numeric[place] else ""}>{escape(name, 80)}</th>'
        for place, name in enumerate(heads)
    )
    body = []
    for index, row in enumerate(rows[:MOST_ROWS]):
        is_marked = index < len(marked) and marked[index]
        cells = [_render_cell(row, place, numeric[place], shares[place]) for place in range(width)]
        if is_marked and cells:
            end = cells[0].rindex("</")
            cells[0] = f'{cells[0][:end]} <em class="badge">{escape(mark)}</em>{cells[0][end:]}'
        body.append(f"<tr{' class=marked' if is_marked else ''}>{''.join(cells)}</tr>")
    last = ""
    if foot:
        cells = [_render_cell(foot, place, numeric[place], False) for place in range(width)]
        last = f"<tfoot><tr>{''.join(cells)}</tr></tfoot>"
    more = len(rows) - MOST_ROWS
    note = plural("{count} more row is not shown.", "{count} more rows are not shown.", more) if more > 0 else ""
    label = f' aria-label="{escape(title, 160)}"' if title else ""
    return (
        (f"<h3>{escape(title, 160)}</h3>" if title else "")
        + f'<div class="scroll" tabindex="0"><table{label}><thead><tr>{head}</tr></thead>'
        + f"<tbody>{''.join(body)}</tbody>{last}</table></div>"
        + (f'<p class="problem">{escape(note)}</p>' if note else "")
    )


def _are_numbers(rows: Sequence[Sequence[Any]], place: int) -> bool:
    values = [row[place] for row in rows if place < len(row) and row[place] not in (None, "")]
    return bool(values) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _are_shares(rows: Sequence[Sequence[Any]], place: int) -> bool:
    values = [row[place] for row in rows if place < len(row) and is_number(row[place])]
    # Other numbers may be below one too, a learning rate for example: shares have one that is not tiny.
    floats = any(isinstance(value, float) for value in values)
    return floats and all(0 <= value <= 1 for value in values) and max(values) >= 0.05


def _render_cell(row: Sequence[Any], place: int, numeric: bool, share: bool) -> str:
    value = row[place] if place < len(row) else None
    text = escape(format_cell(value), 600)
    if place == 0 and not numeric:
        return f'<th scope="row">{text}</th>'
    if not numeric:
        return f"<td>{text}</td>"
    sort = f' data-value="{value!r}"' if is_number(value) else ""
    if share and is_number(value):
        text = f'<span class="share" style="--share:{100 * value:.1f}%">{escape(format_decimal(value, 3))}</span>'
    return f'<td class="number"{sort}>{text}</td>'


def render_pairs(values: Mapping[str, Any]) -> str:
    """Return a list of names and values; empty without values."""
    if not values:
        return ""
    rows = "".join(
        f"<div><dt>{escape(label_key(name), 80)}</dt><dd>{escape(_format_pair(value), 1200)}</dd></div>"
        for name, value in list(values.items())[:200]
    )
    return f'<dl class="pairs">{rows}</dl>'


def _format_pair(value: Any) -> str:
    # Versions and years are no quantities: numbers are written without grouped thousands.
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return format_cell(value)


def render_command(label: str, parts: Sequence[str] | str) -> str:
    """Return a command to copy: words are quoted for the shell, a text is shown unchanged."""
    text = parts if isinstance(parts, str) else join([clean_text(part, 1000) for part in parts])
    return (
        f'<div class="command"><dt>{escape(label)}</dt><dd><pre><code>{escape(text)}</code></pre>'
        f'<button type="button" class="copy" data-done="{escape(_("Copied"))}">{escape(_("Copy"))}</button></dd></div>'
    )


def encode_address(kind: str, content: bytes, family: str = "image") -> str:
    """Return an image or a sound as a data address; `family` and `kind` are the halves of its media type."""
    return f"data:{family}/{kind};base64,{base64.b64encode(content).decode('ascii')}"
