"""What the user reads, in English or in French.

English stands in the code, inside `_("...")`; each other language has one gettext catalogue,
`locale/LANGUAGE/LC_MESSAGES/axone.po`, compiled by `scripts/messages`. A test holds the catalogues
against the code, so no message can be missing.
"""

from __future__ import annotations

import gettext
import locale
import os
from pathlib import Path

LANGUAGES = ("en", "fr")
_FOLDER = Path(__file__).parent / "locale"
_translation: gettext.NullTranslations | None = None


def use(language: str | None) -> str:
    """Choose the language of all later messages; None or "auto" takes the locale's. Returns the choice."""
    global _translation
    chosen = language if language in LANGUAGES else _from_locale()
    _translation = gettext.translation("axone", _FOLDER, languages=[chosen], fallback=True)
    return chosen


def _from_locale() -> str:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        value = os.environ.get(variable)
        if value:
            return "fr" if value.lower().startswith("fr") else "en"
    # Windows has no such variables; its locale still tells.
    return "fr" if (locale.getlocale()[0] or "").lower().startswith("fr") else "en"


def _(message: str, **values: object) -> str:
    """Translate a message, then fill its {named} places."""
    if _translation is None:
        use(None)
    assert _translation is not None
    text = _translation.gettext(message) if message else ""
    return text.format(**values) if values else text


def plural(one: str, many: str, count: int, **values: object) -> str:
    """Translate a message that depends on a count, which fills {count}."""
    if _translation is None:
        use(None)
    assert _translation is not None
    return _translation.ngettext(one, many, count).format(count=count, **values)


def mark(message: str) -> str:
    """Mark a message for the catalogues where it is declared; it is translated where it is shown."""
    return message
