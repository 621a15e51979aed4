"""Text on a colored background, symbol by symbol, as SVG: surprise, and the states of units."""

from __future__ import annotations

from collections.abc import Sequence

from axone.figures.canvas import INK, SOFT, Canvas
from axone.messages import _
from axone.numbers import Number, format_decimal

WIDTH, CELL, LINE = 880, 9.2, 19  # pixels: of the drawing, of a character, of a line
MARGIN, TITLE = 14, 26
MOST_BITS = 10.0  # the surprise at which the color is darkest
LONGEST_SYMBOL = 24  # characters
VISIBLE = {"\n": "\u21b5", "\t": "\u2192", " ": "\u00b7"}


def draw_surprise(symbols: Sequence[str], bits: Sequence[Number]) -> str:
    """Draw a text on a background that is the darker, the more surprising a symbol is, with a scale below."""
    canvas = Canvas(WIDTH, _height(symbols) + 2 * MARGIN + 28)
    y = draw_text(canvas, MARGIN, symbols, [_red(value / MOST_BITS) for value in bits])
    canvas.text((MARGIN, y + 20), _("surprise in bits:"), size=12, fill=SOFT)
    for number, value in enumerate((0, 2, 4, 6, 8, 10)):
        canvas.box((150 + 60 * number, y + 6), 56, 18, fill=_red(value / MOST_BITS), stroke="none")
        canvas.text((178 + 60 * number, y + 20), format_decimal(value, 0), size=12, anchor="middle")
    return canvas.svg()


def draw_states(symbols: Sequence[str], units: Sequence[tuple[str, Sequence[Number]]]) -> str:
    """Draw a text once for each unit, with its title, on a background from blue (-1) over white to red (1)."""
    height = _height(symbols) + TITLE + MARGIN
    canvas = Canvas(WIDTH, height * len(units) + MARGIN)
    for number, (title, states) in enumerate(units):
        canvas.text((MARGIN, number * height + TITLE - 4), title, size=13, bold=True)
        draw_text(canvas, number * height + TITLE + 4, symbols, [_diverging(value) for value in states])
    return canvas.svg()


def draw_text(canvas: Canvas, top: Number, symbols: Sequence[str], colors: Sequence[str]) -> Number:
    """Write symbols on colored boxes, line by line, and return the height at which they end."""
    for (x, y, text), color in zip(_place(symbols), colors, strict=True):
        width = CELL * len(text)
        if color != "#ffffff":
            canvas.box((MARGIN + x, top + y), width, LINE - 2, fill=color, stroke="none")
        for place, character in enumerate(text):
            if character != VISIBLE[" "]:
                ink = SOFT if character in VISIBLE.values() else INK
                canvas.text((MARGIN + x + CELL * (place + 0.5), top + y + 13), character, size=12, anchor="middle",
                            fill=ink)  # fmt: skip
    return top + _height(symbols)


def _place(symbols: Sequence[str]) -> list[tuple[Number, Number, str]]:
    """Return where each symbol is written, and what: lines end after a newline and at the width of the drawing."""
    x: Number = 0
    y: Number = 0
    places = []
    for symbol in symbols:
        text = "".join(_show(character) for character in symbol[:LONGEST_SYMBOL])
        if x + CELL * len(text) > WIDTH - 2 * MARGIN:
            x, y = 0, y + LINE
        places.append((x, y, text))
        x += CELL * len(text)
        if symbol.endswith("\n"):
            x, y = 0, y + LINE
    return places


def _height(symbols: Sequence[str]) -> Number:
    places = _place(symbols)
    return places[-1][1] + LINE if places else LINE


def _show(character: str) -> str:
    return VISIBLE.get(character, character if character.isprintable() else "\ufffd")


def _red(share: Number) -> str:
    return _mix((255, 255, 255), (214, 62, 52), min(max(share, 0), 1))


def _diverging(value: Number) -> str:
    end = (178, 24, 43) if value > 0 else (33, 102, 172)
    return _mix((255, 255, 255), end, 0.85 * min(abs(value), 1.0))


def _mix(first: tuple[int, int, int], second: tuple[int, int, int], share: Number) -> str:
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(first, second))
