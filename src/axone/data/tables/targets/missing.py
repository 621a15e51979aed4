"""Words that mean a missing value: which rows have a target, and which cells of categories are empty.

`NA` may be what a program writes for nothing, or North America. It is taken for a class where it is about as frequent
as the other classes, and no other column uses it for missing values. What was decided is said.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence
from typing import Any

from axone.data.tables.files import TableContent, import_polars
from axone.data.tables.values.missing import MISSING_NUMBERS, MISSING_WORDS, blank_to_null, is_text, read_texts
from axone.data.tables.values.numbers.parse import parse_numbers
from axone.errors import DataError
from axone.messages import _, plural

ABOUT_AS_FREQUENT = 0.5  # of the mean count of the other classes, from which on a word is a class
MOSTLY = 0.9  # a column with at least this fraction of numbers is a column of numbers
MAX_LISTED = 8  # words in a note
MANY_COLUMNS = 2  # columns of words in which a word also occurs, from which on it means a missing value


def parse_missing(text: str | None) -> tuple[str, ...] | None:
    """Return the words of `--missing NA,-` in lower case, with the empty one; None where none were set."""
    if text is None:
        return None
    return ("", *(word for part in text.split(",") if (word := part.strip().lower())))


def drop_rows_without_target(
    content: TableContent,
    targets: Sequence[str],
    missing: Collection[str] | None = None,
    classes: Sequence[str] | None = None,
) -> tuple[TableContent, list[str]]:
    """Return the rows that have a target, and notes on the others and on words that were taken for classes.

    Args:
        content: The table.
        targets: The columns of the target.
        missing: The words that mean a missing value, in lower case; None: the usual ones.
        classes: The classes that a run knows.

    Raises DataError where no row has a target.
    """
    polars, frame = import_polars(), content.frame
    known = polars.repeat(True, frame.height, eager=True)
    notes: list[str] = []
    words: dict[str, Collection[str]] = {}
    for name in targets:
        values = frame[name]
        if is_text(values):
            words[name], choices = _choose_words(frame, name, missing, classes)
            notes += choices
            known &= read_texts(values, words[name]).is_not_null()
        elif values.dtype.is_float():
            known &= values.is_finite().fill_null(False)
        else:
            known &= values.is_not_null()
    if not bool(known.any()):
        raise DataError(_("The target '{target}' is empty in every row.", target=", ".join(targets)))
    if lost := int((~known).sum()):
        notes.append(
            plural("{count} row without a target was left out.", "{count} rows without a target were left out.", lost)
        )
        for name, meaning in words.items():
            notes += _describe_lost(frame, name, meaning)
        content = content.filter(known)
    return content, notes


def describe_missing_levels(frame: Any, columns: Sequence[str], missing: Collection[str] | None) -> list[str]:
    """Return a note on the words in columns of categories that mean a missing value, with what to type to keep them."""
    listed = []
    for name in columns:
        if is_text(frame[name]):
            texts = read_texts(frame[name], [""])
            words = texts.filter(
                texts.is_not_null() & blank_to_null(texts, MISSING_WORDS if missing is None else missing).is_null()
            )
            listed += [f"{name} {word} ({count})" for word, count in words.value_counts(sort=True, name="count").rows()]
    if not listed:
        return []
    more = f", +{len(listed) - MAX_LISTED}" if len(listed) > MAX_LISTED else ""
    return [
        _("Words of categories that mean a missing value: {words}.", words=", ".join(listed[:MAX_LISTED]) + more)
        + " "
        + _('To keep them as categories, type --missing ""')
    ]


def _choose_words(
    frame: Any, name: str, missing: Collection[str] | None, classes: Sequence[str] | None
) -> tuple[Collection[str], list[str]]:
    """Return the words that mean a missing value in a target of texts, and notes on those taken for classes."""
    if classes:
        known = {label.lower() for label in classes}
        return {"", *(word for word in (MISSING_WORDS if missing is None else missing) if word not in known)}, []
    if missing is not None:
        return missing, []
    if _holds_numbers(frame[name]):
        return MISSING_NUMBERS, []
    texts = read_texts(frame[name], [""]).drop_nulls()
    counts = dict(texts.str.to_lowercase().value_counts(name="count").rows())
    others = [count for word, count in counts.items() if word not in MISSING_WORDS]
    least = ABOUT_AS_FREQUENT * sum(others) / len(others) if others else float("inf")
    as_classes = {
        word
        for word, count in counts.items()
        if word in MISSING_WORDS and count >= least and not _means_missing_elsewhere(frame, name, word)
    }
    notes = []
    for word in sorted(as_classes):
        written = texts.filter(texts.str.to_lowercase() == word)[0]
        notes.append(
            plural(
                "'{name}': {word} in {count} row is taken for a class; if it means a missing value, type "
                "--missing {quoted}",
                "'{name}': {word} in {count} rows is taken for a class; if it means a missing value, type "
                "--missing {quoted}", counts[word], name=name, word=written, quoted=shlex.quote(written),
            )
        )  # fmt: skip
    return [word for word in MISSING_WORDS if word not in as_classes], notes


def _holds_numbers(values: Any) -> bool:
    texts = read_texts(values, MISSING_NUMBERS).drop_nulls()
    parsed = parse_numbers(texts)
    readable = parsed.point.is_not_null() | parsed.comma().is_not_null()
    return len(texts) > 0 and int(readable.sum()) >= MOSTLY * len(texts)


def _means_missing_elsewhere(frame: Any, target: str, word: str) -> bool:
    """Return whether a word occurs in a column of numbers, or in several of words."""
    having = [
        values
        for values in frame.iter_columns()
        if values.name != target
        and is_text(values)
        and bool((read_texts(values, [""]).str.to_lowercase() == word).any())
    ]
    return len(having) >= MANY_COLUMNS or any(_holds_numbers(values) for values in having)


def _describe_lost(frame: Any, name: str, words: Collection[str]) -> list[str]:
    """Return a note on the words for which rows were left out, with what to type to keep them as classes."""
    texts = read_texts(frame[name], [""])
    lost = texts.filter(texts.is_not_null() & blank_to_null(texts, words).is_null())
    if not len(lost):
        return []
    listed = ", ".join(f"{word} ({count})" for word, count in lost.value_counts(sort=True, name="count").rows()[:5])
    note = _("Words of '{name}' that mean a missing value: {words}.", name=name, words=listed)
    if not _holds_numbers(frame[name]):
        note += " " + _('To keep them as classes, type --missing ""')
    return [note]
