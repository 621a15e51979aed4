"""Texts of files: folders CLASS/*.txt, also divided into train and test, and a file of lines with a file of labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from axone.data.images.folder import MAX_SKIPPED
from axone.data.images.walk import list_entries
from axone.data.labeled_texts.collection import LabeledTexts
from axone.data.labeled_texts.labels import Labels, choose_separator, encode_classes, encode_joined
from axone.data.tables.formats.compression import read_bytes
from axone.data.tables.formats.encoding import decode
from axone.errors import AxoneError, DataError, ResourceError
from axone.messages import _, plural
from axone.numbers import format_number, format_percent
from axone.progress import Progress, ignore_progress

TEXT_ENDINGS = (".txt", ".text", ".md", ".rst")
PARTS = {
    "train": "train", "training": "train", "val": "validation", "valid": "validation", "validation": "validation",
    "test": "test", "testing": "test",
}  # fmt: skip
TEXT_MEMORY = 8  # bytes of memory per byte of a text file
MAX_LISTED = 3


def read_text_file(path: Path) -> tuple[str, str]:
    """Return the text of a file and the note on its encoding, "" for UTF-8.

    Raises DataError for a file that is empty, no text, damaged, or in an encoding that cannot be told; ResourceError
    for one that may not be read or does not fit into memory.
    """
    try:
        if not path.is_file():
            raise DataError(_("There is no file '{path}' (from {folder}).", path=path, folder=Path.cwd()))
        decoded = decode(path, read_bytes(path, TEXT_MEMORY))
    except PermissionError:
        raise ResourceError(_("'{path}' may not be read.", path=path)) from None
    return decoded.data.decode("utf-8").replace("\r\n", "\n"), " ".join(decoded.notes)


def list_text_files(folder: Path) -> list[Path]:
    """Return the text files below a folder by their names, at any depth, in the order of their paths."""
    folders, files = list_entries(folder)
    found = [Path(entry.path) for entry in files if entry.name.lower().endswith(TEXT_ENDINGS)]
    for entry in folders:
        if not entry.is_symlink():
            found += list_text_files(Path(entry.path))
    return found


def read_text_folders(
    root: Path, *, known: Mapping[str, Any] | None = None, progress: Progress = ignore_progress
) -> LabeledTexts:
    """Return the texts of a folder with a folder for each class, or with such folders in train/ and test/.

    Args:
        root: The folder.
        known: The facts of a run, whose classes are kept.
        progress: Called while files are read.

    Raises DataError where there are no two classes, or where more than 5 % of the files cannot be read.
    """
    divisions = {entry.name: PARTS.get(entry.name.lower()) for entry in list_entries(root)[0]}
    is_divided = "train" in divisions.values() and all(divisions.values())
    parts = [(part, root / name) for name, part in divisions.items() if part] if is_divided else [("", root)]
    found: list[tuple[str, str, Path]] = []  # part, class, file
    loose: list[str] = []
    for part, folder in parts:
        folders, files = list_entries(folder)
        loose += [entry.name for entry in files if entry.name.lower().endswith(TEXT_ENDINGS)]
        found += [(part, entry.name, path) for entry in folders for path in list_text_files(Path(entry.path))]
    classes = sorted({label for _part, label, _path in found})
    if len(classes) < 2:
        raise DataError(
            _("'{path}' has no two folders with text files.", path=root),
            expected=_("expected a folder with a folder for each class, as in mails/spam/1.txt and mails/ham/1.txt"),
        )
    texts, kept, skipped, encodings = [], [], [], Counter[str]()
    examples: dict[str, str] = {}
    for number, (part, label, path) in enumerate(found):
        progress(_("reading texts"), number, len(found))
        try:
            text, note = read_text_file(path)
        except AxoneError as error:
            skipped.append((path, error.what))
            continue
        encodings["UTF-8" if not note else "other"] += 1
        if note:
            examples.setdefault("note", note)
        texts.append(text)
        kept.append((part, label, path))
    _require_readable(root, skipped, len(found))
    labels = encode_classes([label for _part, label, _path in kept], known["classes"] if known else None)
    notes = []
    if loose:
        notes.append(plural("{count} text file lies in no folder of a class and was left out: {names}.",
                            "{count} text files lie in no folder of a class and were left out: {names}.",
                            len(loose), names=", ".join(sorted(loose)[:MAX_LISTED])))  # fmt: skip
    if encodings["other"]:
        notes.append(
            _("{count} of {total} files are not in UTF-8. {example}", count=format_number(encodings["other"]),
              total=format_number(len(texts)), example=examples["note"])
        )  # fmt: skip
    numbers = {
        part: torch.tensor([row for row, (of, _l, _p) in enumerate(kept) if of == part], dtype=torch.int64)
        for part in dict.fromkeys(part for part, _label, _path in kept if part)
    }
    return LabeledTexts(
        root.name, _("the folder {path}", path=root.resolve()), texts, *labels, parts=numbers, notes=tuple(notes),
        locate=lambda row: str(kept[row][2].relative_to(root)), skipped=tuple(skipped), encodings=dict(encodings),
    )  # fmt: skip


def read_text_lines(
    texts_file: Path, labels_file: Path, *, labels: Labels = "auto", known: Mapping[str, Any] | None = None
) -> LabeledTexts:
    """Return the texts of a file, one a line, with the labels of another file, one line for each.

    Raises DataError where the files have different numbers of lines.
    """
    (text, note), (label_text, label_note) = read_text_file(texts_file), read_text_file(labels_file)
    lines, values = split_lines(text), [line.strip() for line in split_lines(label_text)]
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
    notes = [sentence for sentence in (note, label_note) if sentence]
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


def _require_readable(root: Path, skipped: Sequence[tuple[Path, str]], total: int) -> None:
    if len(skipped) > MAX_SKIPPED * total:
        raise DataError(
            _("{count} of {total} files of '{path}' cannot be used ({share}; at most {limit} may be).",
              count=format_number(len(skipped)), total=format_number(total), path=root,
              share=format_percent(len(skipped) / total, 0), limit=format_percent(MAX_SKIPPED, 0)),
            hint=skipped[0][1],
        )  # fmt: skip
