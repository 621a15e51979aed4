"""List the images of a folder by name: `root/CLASS/*`, or `root/{train,val,test}/CLASS/*`; `root/*` without labels.

No file is opened here. Sizes and times are recorded, by which a later start recognizes a change. A folder with another
layout is refused, with a message for each mistake. Files that operating systems leave in folders (.DS_Store,
Thumbs.db, __MACOSX, hidden files) are ignored.
"""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from axone.data.images.file import printable_path
from axone.errors import DataError, ResourceError
from axone.messages import _, plural

_SPLITS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}
_ORDER = ("train", "validation", "test")
_IGNORED = {"thumbs.db", "desktop.ini", "__macosx", "icon\r"}
_NOT_IMAGES = {"txt", "csv", "tsv", "json", "jsonl", "xml", "md", "yaml", "yml", "log", "py", "ini"}


class ImageFile(NamedTuple):
    """A file that may be an image: its place, its class, and what the file system says of it."""

    name: str  # relative to the root, with "/" between folders
    split: str  # "train", "validation" or "test"
    label: int  # number of the class
    size: int  # bytes; -1 where it is unknown, as for a broken link
    modified: int  # time of the last change of its content, in nanoseconds since 1970
    changed: int  # time of the last change of anything, also of `modified` (not on Windows)


@dataclass
class Listing:
    """The files of a folder, before any of them is opened.

    Args:
        root: The folder.
        classes: The names of the classes, sorted.
        splits: "train" and perhaps "validation" and "test", some of them without files.
        files: By split, class and name: the same order on every machine.
        notes: Sentences for people.
    """

    root: Path
    classes: tuple[str, ...]
    splits: tuple[str, ...]
    files: list[ImageFile]
    notes: list[str] = field(default_factory=list)


def list_folder(root: Path, labeled: bool = True) -> Listing:
    """List the classes and files of a folder, in sorted order.

    Args:
        root: The folder.
        labeled: False: images need no class folder. They are then one class, with the name of the folder.

    Raises:
        DataError: The folder is missing or empty, has no class folders, a single class, an empty class, or classes
            that training lacks.
        ResourceError: The folder may not be read.
    """
    if not root.exists():
        raise DataError(_("There is no folder '{path}' (from {here}).", path=printable_path(root), here=Path.cwd()))
    if not root.is_dir():
        raise DataError(_("'{path}' is a file.", path=printable_path(root)), expected=_layout())
    notes: list[str] = []
    split_folders = _find_splits(root, labeled, notes)
    class_folders = {split: _find_classes(folder, notes) for split, folder in split_folders.items()}
    if not labeled and not class_folders["train"]:
        name = unicodedata.normalize("NFC", printable_path(root.resolve().name))
        class_folders = {split: {name: str(folder)} for split, folder in split_folders.items()}
    classes = tuple(sorted(class_folders["train"]))
    _require_classes(root, split_folders["train"], classes, labeled)
    files: list[ImageFile] = []
    for split, by_class in class_folders.items():
        folder = split_folders[split]
        if unknown := sorted(set(by_class) - set(classes)):
            raise DataError(
                _(
                    "'{path}' has classes that training lacks: {names}.",
                    path=printable_path(folder),
                    names=", ".join(unknown),
                ),
                expected=_("expected only: {names}", names=", ".join(classes)),
            )
        prefix = folder.name + "/" if folder != root else ""
        files += _list_files(folder, prefix, by_class, classes, split, notes)
    return Listing(root, classes, tuple(class_folders), files, notes)


def _find_splits(root: Path, labeled: bool, notes: list[str]) -> dict[str, Path]:
    """Return the folder of each split: those named train, val and test, or the root itself as "train"."""
    folders, files = _list_entries(root)
    if not folders and not files:
        raise DataError(_("The folder '{path}' is empty.", path=printable_path(root)), expected=_layout())
    named = sorted((_ORDER.index(_SPLITS[f.name.lower()]), f.path) for f in folders if f.name.lower() in _SPLITS)
    splits = {_ORDER[place]: Path(path) for place, path in named}
    if splits and len(named) == len(folders) and "train" not in splits:
        raise DataError(_("'{path}' has no folder named train.", path=printable_path(root)), expected=_layout())
    if "train" not in splits or not any(_list_entries(splits["train"])[: 1 if labeled else 2]):
        return {"train": root}
    if ignored := [printable_path(folder.name) for folder in folders if folder.name.lower() not in _SPLITS]:
        notes.append(_("Not read, besides train, val and test: {names}.", names=", ".join(ignored)))
    if len(splits) < len(named):
        names = ", ".join(printable_path(Path(path).name) for _place, path in named)
        raise DataError(
            _("'{path}' has two folders for one split: {names}.", path=printable_path(root), names=names),
            expected=_("expected one folder each for train, val and test"),
        )
    return splits


def _require_classes(root: Path, folder: Path, classes: tuple[str, ...], labeled: bool) -> None:
    if not classes:
        raise DataError(
            _("'{path}' has no class folders.", path=printable_path(folder)),
            expected=_layout(),
            hint=_suggest_inner_folder(root),
        )
    if labeled and len(classes) < 2:
        raise DataError(
            _("'{path}' has only one class: {name}.", path=printable_path(folder), name=classes[0]),
            expected=_("expected at least 2 classes, each in a folder of its own"),
            hint=_suggest_inner_folder(root),
        )


def _list_entries(folder: Path | str) -> tuple[list[os.DirEntry[str]], list[os.DirEntry[str]]]:
    """Return the sub-folders and the other entries of a folder, sorted, without those of `_IGNORED`."""
    folders: list[os.DirEntry[str]] = []
    others: list[os.DirEntry[str]] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.name.startswith(".") and entry.name.lower() not in _IGNORED:
                    (folders if _is_folder(entry) else others).append(entry)
    except PermissionError:
        raise ResourceError(
            _("The folder '{path}' may not be read by this user.", path=printable_path(folder)),
            hint=_("Give yourself the permission to read it, or move it away."),
        ) from None
    for group in (folders, others):
        group.sort(key=attrgetter("name"))
    return folders, others


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _find_classes(folder: Path, notes: list[str]) -> dict[str, str]:
    """Return the class folders by the name of the class: printable, with accents in one normal form."""
    folders: dict[str, str] = {}
    for entry in _list_entries(folder)[0]:
        path = printable_path(entry.path)
        if entry.is_symlink() and _leads_back(entry.path, folder):
            notes.append(_("'{path}' is a link to a folder above it and was left out.", path=path))
            continue
        name = unicodedata.normalize("NFC", printable_path(entry.name))
        if name in folders:
            raise DataError(
                _(
                    "'{path}' has two class folders whose names look alike: {name}.",
                    path=printable_path(folder),
                    name=name,
                ),
                hint=_("Rename one of them, or merge them."),
            )
        folders[name] = entry.path
    return folders


def _leads_back(link: str, folder: Path) -> bool:
    target, here = os.path.realpath(link), os.path.realpath(folder)
    return here == target or here.startswith(target.rstrip(os.sep) + os.sep)


def _list_files(
    folder: Path, prefix: str, by_class: dict[str, str], classes: tuple[str, ...], split: str, notes: list[str]
) -> list[ImageFile]:
    """Return the files of one split, by class and name."""
    files = []
    others, inner_folders = 0, 0
    for name in sorted(by_class):
        folders, entries = _list_entries(by_class[name])
        images = [entry for entry in entries if entry.name.rpartition(".")[2].lower() not in _NOT_IMAGES]
        inner_folders += len(folders)
        others += len(entries) - len(images)
        if not images and split == "train":
            raise DataError(
                _("The class folder '{path}' has no images.", path=printable_path(by_class[name])),
                hint=_("Put images in it, or delete the folder."),
            )
        inner = "" if Path(by_class[name]) == folder else f"{os.path.basename(by_class[name])}/"  # noqa: PTH119
        above, label = prefix + inner, classes.index(name)
        files += [ImageFile(above + entry.name, split, label, *_read_status(entry)) for entry in images]
    if others:
        notes.append(
            plural(
                "{count} file in the class folders of '{path}' is not an image by its name and was left out.",
                "{count} files in the class folders of '{path}' are not images by their names and were left out.",
                others,
                path=printable_path(folder),
            )
        )
    if inner_folders:
        notes.append(
            plural(
                "{count} folder inside the class folders of '{path}' was not read.",
                "{count} folders inside the class folders of '{path}' were not read.",
                inner_folders,
                path=printable_path(folder),
            )
        )
    if missing := [name for name in classes if name not in by_class]:
        notes.append(_("'{path}' lacks classes: {names}.", path=printable_path(folder), names=", ".join(missing)))
    return files


def _read_status(entry: os.DirEntry[str]) -> tuple[int, int, int]:
    """Return size, time of the content and time of any change. Errors are reported when the file is opened."""
    try:
        status = entry.stat()
    except OSError:
        return -1, 0, 0
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _layout() -> str:
    return _("expected a folder with a folder for each class, as in photos/cat/1.jpg and photos/dog/1.jpg")


def _suggest_inner_folder(root: Path) -> str | None:
    """Suggest the only sub-folder, where it looks like the data set itself, as in many unpacked archives."""
    folders = _list_entries(root)[0]
    if len(folders) == 1 and len(_list_entries(folders[0].path)[0]) > 1:
        return _("Did you mean '{path}'?", path=printable_path(folders[0].path))
    return None
