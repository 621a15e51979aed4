"""Texts of a table: the column of the texts is named or found, and one or several columns hold the labels."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from axone.data.labeled_texts.collection import LabeledTexts
from axone.data.labeled_texts.labels import (
    EncodedLabels,
    Labels,
    choose_separator,
    encode_classes,
    encode_columns,
    encode_joined,
)
from axone.data.tables.files import TableContent
from axone.data.tables.targets.missing import drop_rows_without_target
from axone.data.tables.targets.target import choose_targets, require_columns
from axone.data.tables.values.missing import MISSING_WORDS, is_text
from axone.errors import DataError
from axone.messages import _, plural

SIMILAR = 0.5  # of the mean length of the chosen column, from which on another column is mentioned


def read_text_table(
    content: TableContent,
    target: str | Sequence[str] | None,
    *,
    text: str = "",
    labels: Labels = "auto",
    missing: Collection[str] | None = None,
    known: Mapping[str, Any] | None = None,
) -> LabeledTexts:
    """Return the texts and labels of a table.

    Args:
        content: The table.
        target: The column of the labels, or several columns that each say yes or no (a list, or with commas).
        text: The column of the texts; "": the column with the longest texts.
        labels: "one", "several" (separated by ; or |), or "auto": as the cells look.
        missing: The words that mean a missing label, in lower case; None: the usual ones.
        known: The facts of a run, whose classes and whether a text has several labels are kept.

    Raises DataError.
    """
    if content.frame.height == 0:
        raise DataError(_("'{name}' has column names, but no rows.", name=content.name))
    targets = choose_targets(content, target)
    if text:
        require_columns(content, [text], _("named by --text"))
    column, notes = (text, []) if text else find_text_column(content, targets)
    if column in targets:
        raise DataError(_("The column '{name}' is both the text and the target.", name=column))
    if len(targets) == 1 and labels != "several" and not (known and known["several_labels"]):
        content, lost = drop_rows_without_target(content, targets, missing)  # with several labels, none is an answer
        notes += lost
    values = content.frame[column].cast(str, strict=False)
    has_text = values.is_not_null() & (values.str.strip_chars() != "")
    if not bool(has_text.any()):
        raise DataError(_("The column '{name}' has no text in any row.", name=column))
    if absent := int((~has_text).sum()):
        content, values = content.filter(has_text), values.filter(has_text)
        notes.append(plural("{count} row without a text was left out.",
                            "{count} rows without a text were left out.", absent))  # fmt: skip
    encoded = _encode(content, targets, labels, missing, known)
    return LabeledTexts(
        content.name, content.source, values.to_list(), *encoded,
        locate=content.locate, column=column, target=tuple(targets), notes=(*content.notes, *notes),
    )  # fmt: skip


def find_text_column(content: TableContent, targets: Sequence[str]) -> tuple[str, list[str]]:
    """Return the column with the longest texts besides the targets, and notes. Raises DataError if none has words."""
    lengths = {}
    for name in content.frame.columns:
        values = content.frame[name]
        if name not in targets and is_text(values):
            mean = values.str.len_chars().mean()
            lengths[name] = float(mean or 0.0) if values.str.contains(r"\p{L}").any() else 0.0
    best = max(lengths, key=lambda name: lengths[name], default="")
    if not best or not lengths[best]:
        raise DataError(
            _("'{name}' has no column of texts besides '{target}'.", name=content.name, target=", ".join(targets)),
            expected=_("columns: {names}", names=", ".join(content.frame.columns[:20])),
        )
    if len(lengths) == 1:
        return best, []
    note = _("The texts are in the column '{name}'.", name=best)
    similar = [name for name in lengths if name != best and lengths[name] >= SIMILAR * lengths[best]]
    if similar:
        note += " " + _("Others have long texts too: {names} (--text NAME).", names=", ".join(similar))
    return best, [note]


def _encode(
    content: TableContent,
    targets: Sequence[str],
    labels: Labels,
    missing: Collection[str] | None,
    known: Mapping[str, Any] | None,
) -> EncodedLabels:
    classes = known["classes"] if known else None
    words = ("",) if labels == "one" else MISSING_WORDS if missing is None else missing
    columns = [_read_labels(content.frame[name], words) for name in targets]
    if len(targets) > 1:
        return encode_columns(targets, columns)
    if known:
        labels = "several" if known["several_labels"] else "one"
    separator = choose_separator(columns[0], labels, classes)
    if separator is not None:
        return encode_joined(columns[0], separator, classes)
    return encode_classes(columns[0], classes)


def _read_labels(values: Any, missing: Collection[str]) -> list[str]:
    """Return the cells of a column of labels as texts, "" where they are missing; whole numbers without a point."""
    if values.dtype.is_float() and bool((values.drop_nulls() == values.drop_nulls().round()).all()):
        values = values.cast(int, strict=False)
    texts = values.cast(str, strict=False)
    cells = [(text or "").strip() for text in texts.to_list()]
    return ["" if cell.lower() in missing else cell for cell in cells]
