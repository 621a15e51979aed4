"""An explained text: words colored by what they contribute, in the terminal and as HTML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape as escape_html
from typing import Any

from axone.figures.html import join_parts, write_note, write_table, write_title
from axone.figures.text import clean_text
from axone.messages import _
from axone.numbers import format_number, format_percent
from axone.tasks.answers import NotebookAnswer

FOR, AGAINST, ATTENTION = (
    (33, 102, 172),
    (178, 24, 43),
    (230, 145, 20),
)  # blue, red, orange: also for color-blind readers
NAMED = 3  # words that the line of text names on each side
LISTED = 30  # words of the table
LEAST = 0.08  # of the largest contribution, below which a word has no color


@dataclass(frozen=True)
class ExplainedToken:
    """A token: its place in the text, its contribution to the logit of the class, its attention."""

    start: int
    end: int
    contribution: float
    attention: float


@dataclass(frozen=True)
class TextExplanation(NotebookAnswer):
    """Why a text gets a class."""

    document: str
    tokens: tuple[ExplainedToken, ...]
    label: str  # the class that is explained
    probability: float  # of that class
    predicted: str  # the most probable class
    residual: float  # by which the contributions miss the difference of the logits
    is_words: bool  # or characters

    def word(self, token: ExplainedToken) -> str:
        """Return the text of a token."""
        return self.document[token.start : token.end]

    def ranked(self) -> list[ExplainedToken]:
        """Return the tokens by the size of their contribution, the largest first."""
        return sorted(self.tokens, key=lambda token: -abs(token.contribution))

    def text(self) -> str:
        """Return the class, its probability, and the words that speak most for it and against it."""
        line = f"{self.label} {format_percent(self.probability, 1)}"
        for title, sign in ((_("for it"), 1), (_("against it"), -1)):
            named = [token for token in self.ranked() if sign * token.contribution > 0][:NAMED]
            if named:
                listed = ", ".join(f"{one_line(self.word(token))} {_signed(token.contribution)}" for token in named)
                line += f"; {title}: {listed}"
        return line

    def colored_text(self) -> str:
        """Return the text in the colors of a terminal: blue for the class, red against it, and the attention below."""
        lines = [f"{self.label} {format_percent(self.probability, 1)}"]
        lines.append(_("contributions (blue: for the class, red: against it)"))
        lines.append(self._paint_terminal(self._color_of_contribution))
        if any(token.attention for token in self.tokens):
            lines += [_("attention"), self._paint_terminal(self._color_of_attention)]
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return the class and all words with their contributions and attention."""
        return {
            "class": self.label,
            "probability": self.probability,
            "predicted": self.predicted,
            "residual": self.residual,
            "words": [
                {"text": self.word(token), "contribution": token.contribution, "attention": token.attention}
                for token in self.tokens
            ],
        }

    def files(self) -> dict[str, bytes]:
        """Return a page with the colored text."""
        title = escape_html(f"{self.label} {format_percent(self.probability, 1)}")
        page = (
            f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title></head>'
            f'<body style="font-family:system-ui,sans-serif;max-width:50em;margin:2em auto;padding:0 1em">'
            f"{self._repr_html_()}</body></html>\n"
        )
        return {".html": page.encode()}

    def _repr_html_(self) -> str:
        """Return the display in a notebook: the colored text twice, and a table of the words."""
        rows = [
            [one_line(self.word(token)), _signed(token.contribution), format_percent(token.attention, 1)]
            for token in self.ranked()[:LISTED]
        ]
        note = _("The contributions add up to the logit of the class, compared with the empty text and the mean of the "
                 "classes, up to {residual}.", residual=format_number(round(abs(self.residual), 4)))  # fmt: skip
        unit = _("word") if self.is_words else _("character")
        return join_parts(
            write_title(self.label, format_percent(self.probability, 1)),
            write_note(_("contributions (blue: for the class, red: against it)")),
            self._paint_html(self._color_of_contribution),
            write_note(_("attention")),
            self._paint_html(self._color_of_attention),
            write_table([unit, _("contribution"), _("attention")], rows),
            write_note(note),
        )

    def _color_of_contribution(self, token: ExplainedToken) -> tuple[tuple[int, int, int], float]:
        """Return the color of a token, and its strength from 0 to 1."""
        largest = max((abs(each.contribution) for each in self.tokens), default=0.0) or 1.0
        return (FOR if token.contribution > 0 else AGAINST), abs(token.contribution) / largest

    def _color_of_attention(self, token: ExplainedToken) -> tuple[tuple[int, int, int], float]:
        largest = max((each.attention for each in self.tokens), default=0.0) or 1.0
        return ATTENTION, token.attention / largest

    def _paint(
        self,
        color_of: Callable[[ExplainedToken], tuple[tuple[int, int, int], float]],
        paint: Callable[[str, tuple[int, int, int], float], str],
        plain: Callable[[str], str],
    ) -> str:
        parts, place = [], 0
        for token in self.tokens:
            parts.append(plain(self.document[place : token.start]))
            parts.append(paint(self.word(token), *color_of(token)))
            place = token.end
        return "".join([*parts, plain(self.document[place:])])

    def _paint_html(self, color_of: Callable[[ExplainedToken], tuple[tuple[int, int, int], float]]) -> str:
        def paint(word: str, color: tuple[int, int, int], strength: float) -> str:
            red, green, blue = color
            style = f"background:rgba({red},{green},{blue},{0.75 * strength:.2f});border-radius:3px;padding:1px 0"
            return f'<span style="{style}">{plain(word)}</span>' if strength >= LEAST else plain(word)

        def plain(text: str) -> str:
            return escape_html(clean_text(text, 10**7))

        text = self._paint(color_of, paint, plain)
        return f'<div style="line-height:1.7;white-space:pre-wrap;overflow-wrap:anywhere">{text}</div>'

    def _paint_terminal(self, color_of: Callable[[ExplainedToken], tuple[tuple[int, int, int], float]]) -> str:
        def paint(word: str, color: tuple[int, int, int], strength: float) -> str:
            if strength < LEAST:
                return _clean(word)
            red, green, blue = (round(255 - (255 - part) * strength) for part in color)
            ink = 0 if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else 255
            return f"\x1b[48;2;{red};{green};{blue}m\x1b[38;2;{ink};{ink};{ink}m{_clean(word)}\x1b[0m"

        return self._paint(color_of, paint, _clean)


def _clean(text: str) -> str:
    return clean_text(text, 10**7)


def one_line(text: str) -> str:
    """Return a word without line breaks; a visible mark for a space."""
    return " ".join(clean_text(text).split()) or "␣"


def _signed(value: float) -> str:
    return ("+" if value > 0 else "−") + format_number(round(abs(value), 2))
