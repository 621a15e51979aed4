"""List the pictures of a folder by name: `root/CLASS/*`, or `root/{train,val,test}/CLASS/*`.

No file is opened here. A folder that is not laid out so is refused, each mistake with its own sentence;
what operating systems leave in folders (.DS_Store, Thumbs.db, __MACOSX, hidden files) is passed over.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from axone.data.image_file import shown
from axone.errors import DataError, ResourceError
from axone.messages import _, plural

_PARTS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}
_LITTER = {"thumbs.db", "desktop.ini", "__macosx", "icon\r"}
_NOT_PICTURES = {".txt", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".md", ".yaml", ".yml", ".log", ".py", ".ini"}


@dataclass
class Listing:
    """The names found in a folder, before any file is opened."""

    classes: tuple[str, ...]
    parts: dict[str, list[tuple[Path, int]]]  # "train" and perhaps "validation", "test": (file, class number)
    notes: list[str] = field(default_factory=list)


def list_folder(root: Path) -> Listing:
    """List classes and files, in sorted order.

    Raises DataError when the folder is missing, empty, without class folders, with a single class, with
    an empty class, or with classes that training lacks; ResourceError when it may not be read.
    """
    if not root.exists():
        raise DataError(_("There is no folder '{path}' (from {here}).", path=shown(root), here=Path.cwd()))
    if not root.is_dir():
        raise DataError(_("'{path}' is a file.", path=shown(root)), expected=_layout())
    folders, files = _entries(root)
    if not folders and not files:
        raise DataError(_("The folder '{path}' is empty.", path=shown(root)), expected=_layout())
    parts = {_PARTS[folder.name.lower()]: folder for folder in folders if folder.name.lower() in _PARTS}
    notes = []
    if parts and len(parts) == len(folders) and "train" not in parts:
        raise DataError(_("'{path}' has no folder named train.", path=shown(root)), expected=_layout())
    if "train" in parts and _entries(parts["train"])[0]:
        unread = [shown(folder.name) for folder in folders if folder.name.lower() not in _PARTS]
        if unread:
            notes.append(_("Beside train, val and test, not read: {names}.", names=", ".join(unread)))
    else:
        parts = {"train": root}
    found = {part: _classes(folder) for part, folder in parts.items()}
    classes = tuple(sorted(found["train"]))
    if not classes:
        raise DataError(
            _("'{path}' has no class folders.", path=shown(parts["train"])), expected=_layout(), hint=_inner(root)
        )
    if len(classes) < 2:
        raise DataError(
            _("'{path}' has one class only: {name}.", path=shown(parts["train"]), name=classes[0]),
            expected=_("at least 2 classes are needed, each a folder of its own"),
            hint=_inner(root),
        )
    listing = Listing(classes, {}, notes)
    for part, by_class in found.items():
        unknown = sorted(set(by_class) - set(classes))
        if unknown:
            raise DataError(
                _(
                    "'{path}' has classes that training lacks: {names}.",
                    path=shown(parts[part]),
                    names=", ".join(unknown),
                ),
                expected=_("expected only: {names}", names=", ".join(classes)),
            )
        listing.parts[part] = _files(parts[part], by_class, classes, part, notes)
    return listing


def _entries(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the sub-folders and the other entries, without what systems leave behind."""
    try:
        entries = sorted(folder.iterdir(), key=lambda path: os.fsencode(path.name))
    except PermissionError:
        raise ResourceError(
            _("The folder '{path}' may not be read by this user.", path=shown(folder)),
            hint=_("Give yourself the right to read it, or move it away."),
        ) from None
    entries = [path for path in entries if not path.name.startswith(".") and path.name.lower() not in _LITTER]
    folders = [path for path in entries if path.is_dir()]
    return folders, [path for path in entries if path not in set(folders)]


def _classes(folder: Path) -> dict[str, Path]:
    return {shown(path.name): path for path in _entries(folder)[0]}


def _files(
    folder: Path, by_class: dict[str, Path], classes: tuple[str, ...], part: str, notes: list[str]
) -> list[tuple[Path, int]]:
    found = []
    other, deeper = 0, 0
    for name in sorted(by_class):
        folders, files = _entries(by_class[name])
        pictures = [path for path in files if path.suffix.lower() not in _NOT_PICTURES]
        deeper += len(folders)
        other += len(files) - len(pictures)
        if not pictures and part == "train":
            raise DataError(
                _("The class folder '{path}' has no pictures.", path=shown(by_class[name])),
                hint=_("Put pictures in it, or delete the folder."),
            )
        found += [(path, classes.index(name)) for path in pictures]
    if other:
        notes.append(
            plural(
                "{count} file in the class folders of '{path}' is no picture by its name and was left out.",
                "{count} files in the class folders of '{path}' are no pictures by their names and were left out.",
                other,
                path=shown(folder),
            )
        )
    if deeper:
        notes.append(
            plural(
                "{count} folder within the class folders of '{path}' was not read.",
                "{count} folders within the class folders of '{path}' were not read.",
                deeper,
                path=shown(folder),
            )
        )
    missing = [name for name in classes if name not in by_class]
    if missing:
        notes.append(_("'{path}' lacks classes: {names}.", path=shown(folder), names=", ".join(missing)))
    return found


def _layout() -> str:
    return _("expected a folder with a folder for each class, as in photos/cat/1.jpg and photos/dog/1.jpg")


def _inner(root: Path) -> str | None:
    """Suggest the one sub-folder that looks like the data set itself, as unpacked archives often have it."""
    folders = _entries(root)[0]
    if len(folders) == 1 and len(_entries(folders[0])[0]) > 1:
        return _("Did you mean '{path}'?", path=shown(folders[0]))
    return None
