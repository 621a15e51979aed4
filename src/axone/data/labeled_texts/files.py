"""Texts of files: folders CLASS/*.txt, also divided into train and test, and a file of lines with a file of labels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from axone.data.images.folders.walk import list_entries, name_some
from axone.data.labeled_texts.collection import LabeledTexts
from axone.data.labeled_texts.labels import Labels, choose_separator, encode_classes, encode_joined
from axone.data.text.files import read_text_file
from axone.data.text.folder import read_text_folder
from axone.errors import DataError
from axone.messages import _, plural
from axone.numbers import format_number
from axone.progress import Progress, ignore_progress

PARTS = {
    "train": "train", "training": "train", "val": "validation", "valid": "validation", "validation": "validation",
    "test": "test", "testing": "test",
}  # fmt: skip


def read_text_folders(
    root: Path, *, known: Mapping[str, Any] | None = None, progress: Progress = ignore_progress
) -> LabeledTexts:
    """Return the texts of a folder with a folder for each class, or with such folders in train/ and test/.

    Args:
        root: The folder.
        known: The facts of a run, whose classes are kept.
        progress: Called while files are read.

    Raises DataError where there are no two classes, or where more than 5 % of the files cannot be read;
    ResourceError for a folder that may not be read.
    """
    parts = {entry.name: PARTS.get(entry.name.lower()) for entry in list_entries(root)[0]}
    is_divided = "train" in parts.values() and all(parts.values())
    depth = 2 if is_divided else 1  # folders above a text
    folder = read_text_folder(root, progress)
    used = [file for file in folder.files if file.name.count("/") >= depth]
    loose = [file.name for file in folder.files if file.name.count("/") < depth]
    labels = [file.name.split("/")[depth - 1] for file in used]
    if len(set(labels)) < 2:
        raise DataError(
            _("'{path}' has no two folders with text files.", path=root),
            expected=_("expected a folder with a folder for each class, as in mails/spam/1.txt and mails/ham/1.txt"),
        )
    of_files = [note for file in folder.files for note in file.notes]  # a folder in Latin-1 has one for each file
    notes = [note for note in folder.notes if note not in set(of_files)]
    if loose:
        notes.append(plural("{count} text file lies in no folder of a class and was left out: {names}.",
                            "{count} text files lie in no folder of a class and were left out: {names}.",
                            len(loose), names=name_some(loose)))  # fmt: skip
    if of_files:
        notes.append(
            plural("{count} file is not in UTF-8. {example}", "{count} files are not in UTF-8. {example}",
                   len(of_files), example=of_files[0])
        )  # fmt: skip
    rows: dict[str, list[int]] = {}
    for row, file in enumerate(used if is_divided else []):
        rows.setdefault(str(parts[file.name.split("/")[0]]), []).append(row)
    return LabeledTexts(
        root.name, _("the folder {path}", path=root.resolve()), [file.text for file in used],
        *encode_classes(labels, known["classes"] if known else None),
        parts={part: torch.tensor(numbers, dtype=torch.int64) for part, numbers in rows.items()},
        locate=lambda row: used[row].name, notes=tuple(notes), skipped=tuple(folder.skipped),
        encodings={"UTF-8": len(folder.files) - len(of_files), "other": len(of_files)},
    )  # fmt: skip


def read_text_lines(
    texts_file: Path, labels_file: Path, *, labels: Labels = "auto", known: Mapping[str, Any] | None = None
) -> LabeledTexts:
    """Return the texts of a file, one a line, with the labels of another file, one line for each.

    Raises DataError where the files have different numbers of lines.
    """
    file, label_file = read_text_file(texts_file), read_text_file(labels_file)
    lines, values = split_lines(file.text), [line.strip() for line in split_lines(label_file.text)]
    if len(lines) != len(values):
        raise DataError(
            _("'{texts}' has {count} lines, and '{labels}' has {other}.", texts=texts_file,
              count=format_number(len(lines)), labels=labels_file, other=format_number(len(values))),
            expected=_("expected a label for each line of text, in the same order"),
            hint=_("an empty line counts too: look where the lines no longer belong together"),
        )  # fmt: skip
    classes = known["classes"] if known else None
    if known:
        labels = "several" if known["several_labels"] else "one"
    separator = choose_separator(values, labels, classes)
    used = [row for row, line in enumerate(lines) if line.strip() and (values[row] or separator)]
    if not used:
        raise DataError(_("'{path}' has no line with a text and a label.", path=texts_file))
    notes = [*file.notes, *label_file.notes]
    if lost := len(lines) - len(used):
        notes.append(plural("{count} line without a text or a label was left out.",
                            "{count} lines without a text or a label were left out.", lost))  # fmt: skip
    chosen = [values[row] for row in used]
    encoded = encode_joined(chosen, separator, classes) if separator else encode_classes(chosen, classes)
    return LabeledTexts(
        texts_file.name, _("the file {path}", path=texts_file.resolve()), [lines[row].strip() for row in used],
        *encoded, locate=lambda number: _("line {number}", number=used[number] + 1), notes=tuple(notes),
    )  # fmt: skip


def split_lines(text: str) -> list[str]:
    """Return the lines of a text; a newline at its end begins no further line."""
    return text.removesuffix("\n").split("\n")
