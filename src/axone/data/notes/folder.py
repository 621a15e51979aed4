"""Find and read the pieces below a folder; files that cannot be used are skipped, each with its reason."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from axone.data.images.folders.walk import leads_back, list_entries
from axone.data.images.report import describe_skipped
from axone.data.notes.read import SUFFIXES, read_score
from axone.data.notes.score import MusicError, Score
from axone.data.paths import printable_path
from axone.errors import DataError
from axone.messages import _
from axone.progress import Progress

MAX_SKIPPED = 0.05  # fraction of unusable files above which a folder is refused
MAX_FILES = 100_000
SPLITS = {"train": "train", "training": "train", "val": "validation", "valid": "validation",
          "validation": "validation", "dev": "validation", "test": "test"}  # fmt: skip


class FolderContent(NamedTuple):
    """The pieces of a folder."""

    scores: list[tuple[str, str, Score]]  # name relative to the folder, split ("" where it has none), notes
    skipped: list[tuple[Path, str]]


def read_folder(root: Path, progress: Progress) -> FolderContent:
    """Read all pieces below a folder, or a single file.

    Sub-folders named train, valid(ation) and test are the splits, if there are pieces in train and in test.

    Raises:
        DataError: There is no such folder, no piece in it, or more than 5 % of the files cannot be used.
        ResourceError: The folder may not be read, or music21 is needed and not installed.
    """
    if not root.exists():
        raise DataError(
            _("There is no file or folder '{path}' (from {here}).", path=printable_path(root), here=Path.cwd()),
            expected=_("expected bach-chorales, or a folder with MIDI or MusicXML files"),
        )
    paths = [root] if root.is_file() else list_files(root)
    base = root.parent if root.is_file() else root
    if not paths:
        raise DataError(
            _("The folder '{path}' has no MIDI or MusicXML files.", path=printable_path(root)),
            expected=_("expected files that end in {names}", names=", ".join(SUFFIXES)),
        )
    content = FolderContent([], [])
    for number, path in enumerate(paths):
        progress(_("reading music"), number, len(paths))
        name = printable_path(path.relative_to(base))
        try:
            score = read_score(path)
        except MusicError as error:
            content.skipped.append((Path(name), error.reason))
            continue
        folder = name.partition("/")[0].lower()
        content.scores.append((name, SPLITS.get(folder, "") if "/" in name else "", score))
    progress(_("reading music"), len(paths), len(paths))
    require_few_skipped(root, content.skipped, len(paths))
    return content


def list_files(root: Path) -> list[Path]:
    """Return the files below a folder that are music by their names, sorted; links that lead back are not followed."""
    paths: list[Path] = []
    waiting: list[tuple[str, tuple[str, ...]]] = [(str(root), (os.path.realpath(root),))]
    while waiting:
        place, above = waiting.pop()
        folders, others = list_entries(place)
        paths += [Path(entry.path) for entry in others if entry.name.lower().endswith(SUFFIXES)]
        if len(paths) > MAX_FILES:
            raise DataError(_("'{path}' has more than {limit} files.", path=printable_path(root), limit=MAX_FILES))
        waiting += [(f.path, (*above, os.path.realpath(f.path))) for f in folders if not leads_back(f.path, above)]
    return sorted(paths)


def require_few_skipped(root: Path, skipped: Sequence[tuple[Path, str]], total: int) -> None:
    """Raise DataError, with the first reasons, when more than 5 % of the files of a folder were skipped."""
    if len(skipped) > MAX_SKIPPED * total:
        lines = "\n".join(describe_skipped(skipped))
        raise DataError(
            _("{count} of {total} files in '{path}' cannot be used, more than {limit} %.", count=len(skipped),
              total=total, path=printable_path(root), limit=round(100 * MAX_SKIPPED)) + "\n" + lines,
            hint=_("repair these files, or move them out of the folder"),
        )  # fmt: skip
