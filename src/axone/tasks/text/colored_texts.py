"""Texts whose words have colored backgrounds, as an SVG drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from axone.figures.canvas import INK, PAPER, SOFT, Canvas
from axone.figures.text import clean_text
from axone.messages import _
from axone.numbers import Number, format_percent
from axone.tasks.text.explanation import AGAINST, ATTENTION, FOR, TextExplanation, one_line

WIDTH, MARGIN, LINE, SIZE = 860, 14, 21, 13  # of the drawing, in pixels
LETTER = 0.55  # the width of an average letter, compared with the size of the font
WIDE = 1.0  # that of a letter of Chinese, Japanese or Korean
GAP = 0.32  # between two words

Color = tuple[int, int, int]


@dataclass(frozen=True)
class ColoredText:
    """A text with the attention and the contribution of each of its words, from 0 or -1 to 1.

    Args:
        title: What is written above it.
        words: The words, and whether a space follows each.
        attention: Relative to the largest.
        contributions: Relative to the largest.
    """

    title: str
    words: Sequence[tuple[str, bool]]
    attention: Sequence[float]
    contributions: Sequence[float]

    @classmethod
    def of(cls, explanation: TextExplanation, true: str) -> ColoredText:
        """Return the colors of an explanation."""
        tokens, document = explanation.tokens, explanation.document
        title = _("true: {true}; predicted: {predicted} ({share})", true=true, predicted=explanation.label,
                  share=format_percent(explanation.probability, 0))  # fmt: skip
        words = [(one_line(explanation.word(token)), document[token.end : token.end + 1].isspace()) for token in tokens]
        most = max((token.attention for token in tokens), default=0.0) or 1.0
        largest = max((abs(token.contribution) for token in tokens), default=0.0) or 1.0
        return cls(title, words, [token.attention / most for token in tokens],
                   [token.contribution / largest for token in tokens])  # fmt: skip


def draw_colored_texts(texts: Sequence[ColoredText]) -> str:
    """Draw texts below each other, each with its attention and with its contributions."""
    layouts = [place_words(text.words) for text in texts]
    heights = [2 * LINE * (1 + max((line for line, _x, _w in layout), default=0)) + LINE + 22 for layout in layouts]
    canvas = Canvas(WIDTH, sum(heights) + MARGIN)
    top = MARGIN
    for text, layout, height in zip(texts, layouts, heights, strict=True):
        canvas.text((MARGIN, top + SIZE), clean_text(text.title), size=SIZE, fill=SOFT)
        lines = 1 + max((line for line, _x, _w in layout), default=0)
        _draw_words(canvas, top + LINE, layout, text.words, [(ATTENTION, share) for share in text.attention])
        signed = [(FOR if share > 0 else AGAINST, abs(share)) for share in text.contributions]
        _draw_words(canvas, top + LINE + lines * LINE + 4, layout, text.words, signed)
        top += height
    return canvas.svg()


def place_words(words: Sequence[tuple[str, bool]]) -> list[tuple[int, float, float]]:
    """Return the line, the left edge and the width of each word, with lines broken at the edge of the drawing."""
    line, x, placed = 0, float(MARGIN), []
    for word, has_space in words:
        width = SIZE * sum(WIDE if ord(letter) > 0x2E7F else LETTER for letter in word)
        if x + width > WIDTH - MARGIN and x > MARGIN:
            line, x = line + 1, float(MARGIN)
        placed.append((line, x, width))
        x += width + (SIZE * GAP if has_space else 1)
    return placed


def _draw_words(
    canvas: Canvas,
    top: Number,
    layout: Sequence[tuple[int, float, float]],
    words: Sequence[tuple[str, bool]],
    colors: Sequence[tuple[Color, float]],
) -> None:
    for (line, x, width), (word, _space), (color, strength) in zip(layout, words, colors, strict=True):
        y = top + line * LINE
        mixed = [round(255 - (255 - part) * strength) for part in color]
        if strength > 0.02:
            fill = "#{:02x}{:02x}{:02x}".format(*mixed)
            canvas.box((x - 1, y), width + 2, LINE - 3, fill=fill, stroke="none", round=3)
        is_dark = 0.299 * mixed[0] + 0.587 * mixed[1] + 0.114 * mixed[2] < 130
        canvas.text((x + width / 2, y + SIZE + 0.5), word, size=SIZE, fill=PAPER if is_dark else INK, anchor="middle")
