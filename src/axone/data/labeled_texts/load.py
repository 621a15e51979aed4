"""Load texts with labels: a named set, a table, folders, lines of two files, or data in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from axone.data.datasets import language_words
from axone.data.labeled_texts.collection import LabeledTexts
from axone.data.labeled_texts.files import read_text_folders, read_text_lines
from axone.data.labeled_texts.labels import Labels, encode_classes, encode_joined
from axone.data.labeled_texts.table import read_text_table
from axone.data.tables.files import read_content
from axone.errors import DataError
from axone.messages import _, plural
from axone.progress import Progress, ignore_progress


def load_texts(
    source: Any,
    target: str | Sequence[str] | None = None,
    *,
    text: str = "",
    labels_file: str = "",
    labels: Labels = "auto",
    missing: Collection[str] | None = None,
    known: Mapping[str, Any] | None = None,
    progress: Progress = ignore_progress,
) -> LabeledTexts:
    """Load texts with labels.

    Args:
        source: "languages", the path of a table, a folder or a file of lines, or data in memory: (texts, labels), a
            frame, or `LabeledTexts`, which are returned unchanged.
        target: The columns of the labels in a table.
        text: The column of the texts in a table; "": found.
        labels_file: The file of the labels, for a file of lines.
        labels: "one", "several" or "auto".
        missing: The words that mean a missing label.
        known: The facts of a run, whose classes are kept.
        progress: Called while files are read.

    Raises DataError, ResourceError.
    """
    if isinstance(source, LabeledTexts):
        return source
    progress(_("reading texts"), 0, 0)
    if isinstance(source, str) and source == language_words.NAME:
        return _load_languages(known)
    if isinstance(source, tuple | list) and len(source) == 2 and not isinstance(source[0], str | Mapping):
        return _load_pairs(source[0], source[1], labels, known)
    if isinstance(source, str | Path):
        path = Path(source).expanduser()
        if labels_file:
            return read_text_lines(path, Path(labels_file).expanduser(), labels=labels, known=known)
        if path.is_dir():
            return read_text_folders(path, known=known, progress=progress)
        source = path
    if known and target is None:
        target = list(known["target"]) or None
    return read_text_table(
        read_content(source), target, text=text or (known["text"] if known else ""), labels=labels, missing=missing,
        known=known,
    )  # fmt: skip


def _load_languages(known: Mapping[str, Any] | None) -> LabeledTexts:
    words, languages, shared = language_words.read_language_words()
    note = plural(
        "{count} word that several languages share was left out: it has no one answer.",
        "{count} words that several languages share were left out: they have no one answer.", shared,
    )  # fmt: skip
    return LabeledTexts(
        language_words.NAME, _("the locale data of the package Babel (Unicode CLDR)"), words,
        *encode_classes(languages, known["classes"] if known else None), notes=(note,),
    )  # fmt: skip


def _load_pairs(texts: Any, labels: Any, kind: Labels, known: Mapping[str, Any] | None) -> LabeledTexts:
    """Return texts and labels from Python; a label may be a list of labels, for texts with several."""
    listed, values = [*texts], [*labels]
    if len(listed) != len(values):
        raise DataError(_("There are {count} texts and {other} labels.", count=len(listed), other=len(values)))
    if wrong := next((item for item in listed if not isinstance(item, str)), None):
        raise DataError(
            _("A {kind} is not a text.", kind=type(wrong).__name__), expected=_("expected texts and their labels")
        )
    classes = known["classes"] if known else None
    if values and not isinstance(values[0], str) and isinstance(values[0], Sequence | set | frozenset):
        joined = ["\n".join(str(label) for label in labels_of) for labels_of in values]
        encoded = encode_joined(joined, "\n", classes)
    else:
        encoded = encode_classes([str(value) for value in values], classes)
    return LabeledTexts(_("texts"), _("from Python"), listed, *encoded)
