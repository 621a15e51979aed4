"""The files of a data set of recordings, before any of them is opened: where they are, what they contain, who speaks.

`list_audio` reads a folder (`folder.py`) or a table of files (`manifest.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from axone.data.audio.files.audio_file import AudioFile
from axone.data.audio.files.folder import list_class_folders, list_named_files
from axone.data.audio.files.manifest import list_table
from axone.data.audio.files.pattern import NamePattern, is_pattern
from axone.data.paths import printable_path
from axone.data.tables.formats.names import parse_table_file
from axone.errors import DataError, SettingsError
from axone.messages import _, plural

Targets = Literal["classes", "transcripts"]


@dataclass(frozen=True)
class AudioListing:
    """The files of a data set.

    Args:
        root: The folder, or the table of files.
        files: In the order of the folder or table.
        targets: What the targets of the files are.
        notes: Sentences for people.
        skipped: Files that cannot be used, with the reason, by what is known before they are opened.
    """

    root: Path
    files: list[AudioFile]
    targets: Targets
    notes: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def list_audio(root: Path, target: str | None = None, group: str | None = None, *, whole: bool = False) -> AudioListing:
    """List the recordings of a folder or of a table of files.

    Args:
        root: A folder, or a CSV, TSV, JSON lines or Parquet file with a column of paths.
        target: The column of the labels or transcripts; for a folder, a pattern of file names with `{label}`.
        group: The column of the groups; or a pattern of file names with `{group}`.
        whole: Whether all of it will be evaluated: one class is then enough, and any split may have any class.

    Raises:
        DataError: There are no recordings, no classes, or no such column.
        SettingsError: A pattern, or the name of a column, where the other one is expected.
        ResourceError: A folder may not be read, or polars is not installed.
    """
    if not root.exists():
        raise DataError(
            _("There is no folder or file '{path}' (from {here}).", path=printable_path(root), here=Path.cwd())
        )
    if root.is_file():
        if is_pattern(target, "label"):
            raise SettingsError(
                _("'{path}' is a table, in which --target names a column, not '{value}'.", path=printable_path(root),
                  value=target)
            )  # fmt: skip
        if parse_table_file(root).format is None:
            raise DataError(
                _("'{path}' is neither a folder nor a table of files.", path=printable_path(root)),
                expected=_("expected a folder with a folder for each class, or a CSV file with a column of paths and "
                           "one of labels or transcripts"),
            )  # fmt: skip
        column = None if is_pattern(group, "group") else group
        content = list_table(root, target, column)
        listing = AudioListing(root, content.files, content.targets, content.notes, content.skipped)
    else:
        if target is not None and not is_pattern(target, "label"):
            raise SettingsError(
                _("'{path}' is a folder, in which --target is a pattern of file names, not '{value}'.",
                  path=printable_path(root), value=target),
                hint=_("for example: {command}", command="--target '{label}_*'"),
            )  # fmt: skip
        if group is not None and not is_pattern(group, "group"):
            raise SettingsError(
                _("'{path}' is a folder, in which --group is a pattern of file names, not '{value}'.",
                  path=printable_path(root), value=group),
                hint=_("for example: {command}", command="--group '*_{group}_*'"),
            )  # fmt: skip
        files, notes = (
            list_class_folders(root, whole=whole) if target is None else list_named_files(root, target, whole=whole)
        )
        listing = AudioListing(root, files, "classes", notes)
    if is_pattern(group, "group"):
        assert group is not None
        listing = _add_groups(listing, NamePattern(group, "group"))
    return listing


def _add_groups(listing: AudioListing, pattern: NamePattern) -> AudioListing:
    """Return a listing whose files have the groups that a pattern finds in their names."""
    groups = [pattern.find(file.name) for file in listing.files]
    missing = [file.name for file, group in zip(listing.files, groups, strict=True) if group is None]
    if missing:
        raise DataError(
            plural(
                "{count} file does not match --group '{pattern}', for example '{name}'.",
                "{count} files do not match --group '{pattern}', for example '{name}'.",
                len(missing), pattern=pattern.text, name=printable_path(missing[0]),
            )
        )  # fmt: skip
    return replace(
        listing, files=[file._replace(group=group or "") for file, group in zip(listing.files, groups, strict=True)]
    )
