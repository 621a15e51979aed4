"""Messages to the user, in English or in French.

English is in the code, as `_("...")`. Every other language has one gettext catalog,
`locale/LANGUAGE/LC_MESSAGES/axone.po`, which `scripts/messages` updates and compiles; a test compares the catalogs
with the code.

The language is chosen at two levels. `use` sets it for the process: it is the locale's until then. `use_language`
sets it for one call, such as `axone.train(..., language="fr")` or one request to a server, and leaves the others
alone. A context variable is right here, though design forbids them elsewhere: the language changes no result, nearly
every function may have to write a message, and threads and tasks that run side by side each have their own. A thread
that is started within `use_language` has the language of the process, unless its starter hands its context over
(`contextvars.copy_context().run`).
"""

from __future__ import annotations

import gettext
import locale
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "fr")
_FOLDER = Path(__file__).parent / "locale"
_of_process: str | None = None  # None: not chosen yet
_of_call: ContextVar[str | None] = ContextVar("language", default=None)


def use(language: str | None) -> str:
    """Choose the language of the process; None or an unknown language means the locale's. Returns the choice."""
    global _of_process
    _of_process = language if language in LANGUAGES else _read_locale()
    return _of_process


@contextmanager
def use_language(language: str | None) -> Iterator[None]:
    """Choose the language of all messages within a `with` block, in this thread or task alone.

    None changes nothing; an unknown language means the locale's.
    """
    if language is None:
        yield
        return
    token = _of_call.set(language if language in LANGUAGES else _read_locale())
    try:
        yield
    finally:
        _of_call.reset(token)


def current_language() -> str:
    """Return the language in which messages are written here and now: "en" or "fr"."""
    return _of_call.get() or _of_process or use(None)


def _read_locale() -> str:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        value = os.environ.get(variable)
        if value:
            return "fr" if value.lower().startswith("fr") else "en"
    # Windows has no such variables; the locale of the process has the language there.
    return "fr" if (locale.getlocale()[0] or "").lower().startswith("fr") else "en"


@cache
def _load(language: str) -> gettext.NullTranslations:
    return gettext.translation("axone", _FOLDER, languages=[language], fallback=True)


def _(message: str, **values: object) -> str:
    """Translate a message, then fill its {named} fields."""
    text = _load(current_language()).gettext(message) if message else ""
    return text.format(**values) if values else text


def plural(one: str, many: str, count: int, **values: object) -> str:
    """Translate a message that depends on a count, which fills {count}."""
    return _load(current_language()).ngettext(one, many, count).format(count=count, **values)


def mark(message: str) -> str:
    """Mark a message for the catalogs where it is declared; `_` translates it where it is printed."""
    return message
