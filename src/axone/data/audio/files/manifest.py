"""List the recordings of a table: a column of paths, one of labels or transcripts, perhaps of speakers and of splits.

Paths are relative to the folder of the table, or to a folder in it that corpora call clips, wavs, wav or audio.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from axone.data.audio.decode.file import SUFFIXES
from axone.data.audio.files.audio_file import AudioFile
from axone.data.images.folders.layout import SPLITS
from axone.data.paths import printable_path
from axone.data.tables.files import TableContent, read_content
from axone.errors import DataError, closest
from axone.messages import _

_FILES = ("file", "path", "filename", "file_name", "filepath", "audio", "wav", "recording", "clip", "fichier",
          "audio_path", "wav_path", "audio_filepath")  # fmt: skip
_TRANSCRIPTS = ("transcript", "transcription", "text", "sentence", "texte", "phrase", "normalized_text")
_LABELS = ("label", "class", "category", "target", "word", "command", "digit", "classe", "mot", "étiquette")
_SPLITS = ("split", "subset", "set", "partition")
_FOLDERS = ("", "clips", "wavs", "wav", "audio", "recordings")
_MANY_CLASSES = 200  # labels above which, or with spaces, a column is taken for transcripts


@dataclass(frozen=True)
class TableListing:
    """The recordings of a table, what their targets are, sentences for people, and rows that cannot be used."""

    files: list[AudioFile]
    targets: Literal["classes", "transcripts"]
    notes: list[str]
    skipped: list[tuple[str, str]]


def list_table(path: Path, target: str | None, group: str | None) -> TableListing:
    """List the recordings of a table of files.

    Args:
        path: A CSV, TSV, JSON lines, workbook or Parquet file.
        target: The column of the labels or transcripts; None: found by its name.
        group: The column of the groups; None: none.

    Raises:
        DataError: There is no such column, no column of paths, or no row.
        ResourceError: polars is not installed, or the file may not be read.
    """
    content = read_content(path)
    frame = content.frame
    if frame.height == 0:
        raise DataError(_("'{name}' has column names, but no rows.", name=content.name))
    file_column = _find_file_column(content)
    column = target or _find_target(content, [file_column, *([group] if group else [])])
    for required in (column, *([group] if group else [])):
        _require(content, required)
    split_column = next((name for name in frame.columns if name.lower() in _SPLITS and name != column), None)
    columns = {name: _as_texts(frame[name]) for name in {file_column, column, *filter(None, (group, split_column))}}
    splits = [SPLITS.get((text or "").strip().lower(), "") for text in columns[split_column]] if split_column else []
    notes = list(content.notes)
    if split_column and not all(splits):
        notes.append(_("Not all values of '{name}' are train, val or test, so it is not used as the split.",
                       name=split_column))  # fmt: skip
        splits = []
    files, skipped = [], []
    for row, (name, text) in enumerate(zip(columns[file_column], columns[column], strict=True)):
        if not name:
            skipped.append((content.locate(row), _("it names no file")))
        elif text is None or not text.strip():
            skipped.append((name, _("its '{column}' is empty ({place})", column=column, place=content.locate(row))))
        else:
            files.append(
                AudioFile(
                    _locate(path.parent, name), name, " ".join(unicodedata.normalize("NFC", text).split()),
                    splits[row] if splits else "", (columns[group][row] or "").strip() if group else "",
                )
            )  # fmt: skip
    kind = _choose_targets(column, [file.target for file in files])
    notes.append(_describe(file_column, column, kind, group))
    return TableListing(files, kind, notes, skipped)


def _as_texts(series: Any) -> list[str | None]:
    import polars

    if series.dtype == polars.String:
        return list(series)
    return [None if value is None else str(value) for value in series]


def _find_file_column(content: TableContent) -> str:
    """Return the column of the paths: by its name, else the one whose values end as recordings do."""
    shares = {}
    for name in content.frame.columns:
        values = [value for value in _as_texts(content.frame[name].head(1000)) if value]
        share = sum(value.lower().endswith(SUFFIXES) for value in values) / max(1, len(values))
        shares[name] = share + (0.5 if name.lower() in _FILES else 0.0)
    best = max(shares, key=lambda name: shares[name])
    if shares[best] < 0.5:
        raise DataError(
            _("'{name}' has no column of paths of recordings.", name=content.name),
            expected=_("expected a column such as 'file', with paths relative to the table; there are: {columns}",
                       columns=", ".join(content.frame.columns)),
        )  # fmt: skip
    return best


def _find_target(content: TableContent, others: list[str]) -> str:
    """Return the column of the targets, by its name or because there is no other."""
    columns = [name for name in content.frame.columns if name not in others and name.lower() not in _SPLITS]
    for known in (_TRANSCRIPTS, _LABELS):
        for name in known:
            for column in columns:
                if column.lower() == name:
                    return column
    if len(columns) == 1:
        return columns[0]
    raise DataError(
        _("It is not clear which column of '{name}' has the labels or transcripts.", name=content.name),
        expected=_("there are: {columns}", columns=", ".join(columns)),
        hint=_("type --target and one of them"),
    )


def _require(content: TableContent, name: str) -> None:
    if name not in content.frame.columns:
        near = closest(name, content.frame.columns)
        raise DataError(
            _("'{table}' has no column '{name}'.", table=content.name, name=name)
            + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
            expected=_("there are: {columns}", columns=", ".join(content.frame.columns)),
        )


def _choose_targets(column: str, targets: list[str]) -> Literal["classes", "transcripts"]:
    """Return what a column contains: by its name, else by how many different values it has."""
    if column.lower() in _TRANSCRIPTS:
        return "transcripts"
    if column.lower() in _LABELS:
        return "classes"
    different = set(targets)
    repeated = len(different) <= min(_MANY_CLASSES, max(2, len(targets) // 2))
    return "classes" if repeated else "transcripts"


def _locate(folder: Path, name: str) -> Path:
    """Return the path of a file; where none exists, the one relative to the folder of the table."""
    relative = name.replace("\\", "/")
    for place in _FOLDERS:
        for ending in ("", ".wav", ".mp3"):
            path = folder / place / (relative + ending)
            if path.is_file():
                return path
    return folder / relative


def _describe(file_column: str, target: str, kind: str, group: str | None) -> str:
    text = (
        _("The recordings are in the column '{file}', their classes in '{target}'.", file=file_column, target=target)
        if kind == "classes"
        else _("The recordings are in the column '{file}', their transcripts in '{target}'.", file=file_column,
               target=target)
    )  # fmt: skip
    return text + (" " + _("Groups: '{name}'.", name=printable_path(group)) if group else "")
