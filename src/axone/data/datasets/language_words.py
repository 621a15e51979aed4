"""The data set "languages": words of twenty languages that are written with Latin letters, and their language.

The words are those of the names of countries, languages, currencies, cities, scripts, months and days in Babel's
locale data (Unicode's CLDR). A word that several languages share, such as "Euro", is left out, because it has no one
answer; each remaining word occurs once, so that no word is in two parts of a split. The data are part of the package
Babel: nothing is downloaded.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from axone.errors import ResourceError
from axone.messages import _

NAME = "languages"
LANGUAGES = {
    "cs": "Czech", "cy": "Welsh", "de": "German", "en": "English", "es": "Spanish", "et": "Estonian", "eu": "Basque",
    "fi": "Finnish", "fr": "French", "hu": "Hungarian", "is": "Icelandic", "it": "Italian", "lt": "Lithuanian",
    "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "sv": "Swedish", "sw": "Swahili",
    "tr": "Turkish",
}  # fmt: skip
WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
LEAST_LETTERS = 3


class LanguageWords(NamedTuple):
    """Words with their languages, in alphabetical order, and how many words were left out."""

    words: list[str]
    languages: list[str]
    shared: int  # words of several languages


def read_language_words() -> LanguageWords:
    """Return the words of all languages. Raises ResourceError where Babel is not installed."""
    try:
        from babel import Locale
    except ImportError:
        raise ResourceError(
            _("The data set '{name}' comes from the package Babel, which is not installed.", name=NAME),
            hint=_("type: pip install 'axone[text]'"),
        ) from None
    languages_of: dict[str, set[str]] = defaultdict(set)
    written: dict[tuple[str, str], str] = {}  # the first form of a word in each language
    for code, language in LANGUAGES.items():
        for name in _list_names(Locale(code)):
            for word in WORD.findall(name):
                if len(word) >= LEAST_LETTERS:
                    languages_of[word.lower()].add(language)
                    written.setdefault((word.lower(), language), word)
    unique = sorted((word, *languages) for word, languages in languages_of.items() if len(languages) == 1)
    return LanguageWords(
        [written[word, language] for word, language in unique],
        [language for _word, language in unique],
        len(languages_of) - len(unique),
    )


def _list_names(locale: Any) -> Iterator[str]:
    for names in (locale.territories, locale.languages, locale.currencies, locale.scripts):
        yield from map(str, names.values())
    yield from (str(zone["city"]) for zone in locale.time_zones.values() if "city" in zone)
    for names in (locale.months, locale.days):
        yield from (str(name) for kind in names.values() for name in kind["wide"].values())
