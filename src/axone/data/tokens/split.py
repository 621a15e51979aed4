"""Split a text into tokens, each with its place: words and single punctuation marks, or characters.

A text is first brought into one form (`normalize_text`): composed letters (NFC), so that an accented letter is one
character however it was typed, and lower case where the run asks for it. Nothing else is removed: control characters,
marks of direction and characters of width zero are tokens like others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal, NamedTuple

Unit = Literal["words", "characters"]

# A word is made of letters, digits and combining marks, also with an apostrophe or a hyphen inside: don't, well-known.
WORD = re.compile(r"\w+(?:['’\-]\w+)*|[^\w\s]")
SAMPLE = 2000  # texts that decide on the unit
FEW_WORDS = 2.5  # words in a text, on average, up to which characters are the unit
LONG_WORD = 15.0  # characters in a word, on average, from which on it is a script without spaces


class Token(NamedTuple):
    """A token: its text, and the places of its first character and of the one after its last."""

    text: str
    start: int
    end: int


def normalize_text(text: str, lowercase: bool) -> str:
    """Return a text with composed letters, in lower case if `lowercase`."""
    composed = unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", composed.lower()) if lowercase else composed


def split_text(text: str, unit: Unit) -> list[Token]:
    """Return the tokens of a normalized text. Spaces are tokens only where characters are the unit."""
    if unit == "characters":
        return [Token(character, place, place + 1) for place, character in enumerate(text.rstrip())]
    return [Token(match.group(), *match.span()) for match in WORD.finditer(text)]


def choose_unit(texts: Sequence[str]) -> Unit:
    """Return the unit that suits texts: characters for names, single words and scripts without spaces."""
    chosen = texts[:: max(1, len(texts) // SAMPLE)][:SAMPLE]
    words = [token.text for text in chosen for token in split_text(text, "words") if token.text[0].isalnum()]
    if not words:
        return "characters"
    per_text, per_word = len(words) / len(chosen), sum(map(len, words)) / len(words)
    return "characters" if per_text < FEW_WORDS or per_word > LONG_WORD else "words"
