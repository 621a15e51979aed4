"""List the recordings of a folder: `root/CLASS/*.wav`, perhaps in train, val and test, or by a pattern of names."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from axone.data.audio.decode.file import SUFFIXES
from axone.data.audio.files.audio_file import AudioFile
from axone.data.audio.files.pattern import NamePattern
from axone.data.images.folders.layout import SPLITS
from axone.data.images.folders.walk import name_some, walk
from axone.data.paths import printable_path
from axone.errors import DataError
from axone.messages import _, plural


def list_class_folders(root: Path, *, whole: bool = False) -> tuple[list[AudioFile], list[str]]:
    """Return the recordings of a folder whose class is their first folder, and sentences for people.

    Raises DataError for a folder without recordings, without class folders and, unless the `whole` of it is evaluated,
    with a single class, or with classes that training lacks.
    """
    names, notes = _find_recordings(root)
    places = _find_splits(names)
    files, loose, hidden = [], [], []
    for name in names:
        split, rest = places.get(name, ("", name))
        label, slash, _file = rest.partition("/")
        if not slash:
            loose.append(name)
        elif label.startswith("_"):  # such as _background_noise_ of Speech Commands
            hidden.append(name)
        else:
            files.append(AudioFile(root / name, name, unicodedata.normalize("NFC", label), split))
    if not files:
        raise _no_classes(root, loose or names)
    if loose:
        notes.append(
            plural(
                "{count} recording lies directly in '{path}', in no folder of a class, and was left out: {names}.",
                "{count} recordings lie directly in '{path}', in no folder of a class, and were left out: {names}.",
                len(loose), path=printable_path(root), names=name_some(loose),
            )
        )  # fmt: skip
    if hidden:
        notes.append(_("Left out, because their folder begins with _: {names}.", names=name_some(hidden)))
    if not whole:
        _check_classes(root, files)
    return files, notes


def list_named_files(root: Path, target: str, *, whole: bool = False) -> tuple[list[AudioFile], list[str]]:
    """Return the recordings of a folder whose class is in their names, as a pattern says, and sentences for people.

    Raises DataError as `list_class_folders` does, and where a name does not match.
    """
    names, notes = _find_recordings(root)
    pattern = NamePattern(target, "label")
    places = _find_splits(names)
    files, missing = [], []
    for name in names:
        split, rest = places.get(name, ("", name))
        label = pattern.find(rest)
        if label is None:
            missing.append(name)
        else:
            files.append(AudioFile(root / name, name, unicodedata.normalize("NFC", label), split))
    if missing:
        text = plural(
            "{count} file does not match --target '{pattern}' and was left out: {names}.",
            "{count} files do not match --target '{pattern}' and were left out: {names}.",
            len(missing), pattern=target, names=name_some(missing),
        )  # fmt: skip
        if not files:
            raise DataError(text)
        notes.append(text)
    if not whole:
        _check_classes(root, files)
    return files, notes


def _find_recordings(root: Path) -> tuple[list[str], list[str]]:
    """Return the relative paths of files that may be recordings, sorted, and a sentence on the others."""
    content = walk(root)
    names = sorted(name for name, _entry in content.images if name.lower().endswith(SUFFIXES))
    others = sorted({*content.others, *(name for name, _entry in content.images)} - set(names))
    if not names:
        raise DataError(
            _("There is no recording in '{path}'.", path=printable_path(root))
            + (" " + _("It contains: {names}.", names=name_some(others)) if others else ""),
            expected=_("expected files that end in {endings}", endings=", ".join(SUFFIXES)),
        )
    notes = []
    if others:
        notes.append(
            plural(
                "{count} file in '{path}' is not a recording by its name and was left out: {names}.",
                "{count} files in '{path}' are not recordings by their names and were left out: {names}.",
                len(others), path=printable_path(root), names=name_some(others),
            )
        )  # fmt: skip
    return names, notes


def _find_splits(names: list[str]) -> dict[str, tuple[str, str]]:
    """Return the split and the rest of each path, where all first folders are named train, val or test."""
    first = {name.partition("/")[0] for name in names if "/" in name}
    if not first or not all(name.lower() in SPLITS for name in first) or len(first) == 1:
        return {}
    parts = {name: name.partition("/") for name in names if "/" in name}
    return {name: (SPLITS[part[0].lower()], part[2]) for name, part in parts.items()}


def _check_classes(root: Path, files: list[AudioFile]) -> None:
    classes = sorted({file.target for file in files})
    if len(classes) < 2:
        raise DataError(
            _("'{path}' has only one class: {name}.", path=printable_path(root), name=classes[0]),
            expected=_("expected at least 2 classes, each in a folder of its own"),
        )
    trained = {file.target for file in files if file.split in ("", "train")}
    if unknown := [name for name in classes if name not in trained]:
        raise DataError(
            _("'{path}' has classes that training lacks: {names}.", path=printable_path(root),
              names=", ".join(unknown)),
            expected=_("expected only: {names}", names=", ".join(sorted(trained))),
        )  # fmt: skip


def _no_classes(root: Path, names: list[str]) -> DataError:
    """Return the error of a folder without class folders; suggest a pattern where the names suggest one."""
    example = Path(names[0]).stem
    hint = None
    for separator in "_-. ":
        if sum(separator in Path(name).stem for name in names) > 0.9 * len(names):
            hint = _(
                "if the class is in the names, as in '{name}', add: {command}",
                name=printable_path(example),
                command=f"--target '{{label}}{separator}*'",
            )
            break
    return DataError(
        _("'{path}' has no class folders.", path=printable_path(root)),
        expected=_("expected a folder for each class, as in words/yes/1.wav and words/no/1.wav, or a CSV file with a "
                   "column of paths and one of labels or transcripts"),
        hint=hint,
    )  # fmt: skip
