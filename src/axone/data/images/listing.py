"""List the pictures of a folder by name: `root/CLASS/*`, or `root/{train,val,test}/CLASS/*`; `root/*` without labels.

No file is opened here; its size and times are noted, by which a later start tells whether it has changed.
A folder that is not laid out so is refused, each mistake with its own sentence; what operating systems leave
in folders (.DS_Store, Thumbs.db, __MACOSX, hidden files) is passed over.
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

_PARTS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}
_ORDER = ("train", "validation", "test")
_LITTER = {"thumbs.db", "desktop.ini", "__macosx", "icon\r"}
_NOT_PICTURES = {"txt", "csv", "tsv", "json", "jsonl", "xml", "md", "yaml", "yml", "log", "py", "ini"}


class ImageFile(NamedTuple):
    """A file that may be a picture: where it lies, what it shows, and what the file system says of it."""

    name: str  # from the root on, with "/" between folders
    part: str  # "train", "validation" or "test"
    label: int  # number of the class
    size: int  # bytes; -1 where the system cannot say, as for a link that leads nowhere
    modified: int  # nanoseconds since 1970: when its content was written
    changed: int  # the same: when anything about it was, also by whoever set `modified` back (not on Windows)


@dataclass
class Listing:
    """The names found in a folder, before any file is opened."""

    root: Path
    classes: tuple[str, ...]
    splits: tuple[str, ...]  # "train" and perhaps "validation", "test", some of them without files
    files: list[ImageFile]  # part by part, class by class, by name: the same order on every machine
    notes: list[str] = field(default_factory=list)


def list_folder(root: Path, labeled: bool = True) -> Listing:
    """List classes and files, in sorted order.

    Where no labels are needed (not `labeled`), pictures that lie in no class folder make up one class, which bears
    the folder's name. Raises DataError when the folder is missing, empty, without class folders, with a single
    class, with an empty class, or with classes that training lacks; ResourceError when it may not be read.
    """
    if not root.exists():
        raise DataError(_("There is no folder '{path}' (from {here}).", path=printable_path(root), here=Path.cwd()))
    if not root.is_dir():
        raise DataError(_("'{path}' is a file.", path=printable_path(root)), expected=_layout())
    folders, files = _entries(root)
    if not folders and not files:
        raise DataError(_("The folder '{path}' is empty.", path=printable_path(root)), expected=_layout())
    named = sorted((_ORDER.index(_PARTS[f.name.lower()]), f.path) for f in folders if f.name.lower() in _PARTS)
    parts = {_ORDER[place]: Path(path) for place, path in named}
    notes: list[str] = []
    if parts and len(named) == len(folders) and "train" not in parts:
        raise DataError(_("'{path}' has no folder named train.", path=printable_path(root)), expected=_layout())
    if "train" in parts and any(_entries(parts["train"])[: 1 if labeled else 2]):
        unread = [printable_path(folder.name) for folder in folders if folder.name.lower() not in _PARTS]
        if unread:
            notes.append(_("Beside train, val and test, not read: {names}.", names=", ".join(unread)))
        if len(parts) < len(named):
            names = ", ".join(printable_path(Path(path).name) for _place, path in named)
            raise DataError(
                _("'{path}' has two folders for one part: {names}.", path=printable_path(root), names=names),
                expected=_("expected one folder each for train, val and test"),
            )
    else:
        parts = {"train": root}
    found = {part: _classes(folder, notes) for part, folder in parts.items()}
    if not labeled and not found["train"]:
        name = unicodedata.normalize("NFC", printable_path(root.resolve().name))
        found = {part: {name: str(folder)} for part, folder in parts.items()}
    classes = tuple(sorted(found["train"]))
    if not classes:
        raise DataError(
            _("'{path}' has no class folders.", path=printable_path(parts["train"])),
            expected=_layout(),
            hint=_inner(root),
        )
    if labeled and len(classes) < 2:
        raise DataError(
            _("'{path}' has one class only: {name}.", path=printable_path(parts["train"]), name=classes[0]),
            expected=_("at least 2 classes are needed, each a folder of its own"),
            hint=_inner(root),
        )
    listing = Listing(root, classes, tuple(found), [], notes)
    for part, by_class in found.items():
        unknown = sorted(set(by_class) - set(classes))
        if unknown:
            raise DataError(
                _(
                    "'{path}' has classes that training lacks: {names}.",
                    path=printable_path(parts[part]),
                    names=", ".join(unknown),
                ),
                expected=_("expected only: {names}", names=", ".join(classes)),
            )
        prefix = parts[part].name + "/" if parts[part] != root else ""
        listing.files += _files(parts[part], prefix, by_class, classes, part, notes)
    return listing


def _entries(folder: Path | str) -> tuple[list[os.DirEntry[str]], list[os.DirEntry[str]]]:
    """Return the sub-folders and the other entries, sorted, without what systems leave behind."""
    folders: list[os.DirEntry[str]] = []
    others: list[os.DirEntry[str]] = []
    try:
        with os.scandir(folder) as found:
            for entry in found:
                if not entry.name.startswith(".") and entry.name.lower() not in _LITTER:
                    (folders if _is_folder(entry) else others).append(entry)
    except PermissionError:
        raise ResourceError(
            _("The folder '{path}' may not be read by this user.", path=printable_path(folder)),
            hint=_("Give yourself the right to read it, or move it away."),
        ) from None
    for entries in (folders, others):
        entries.sort(key=attrgetter("name"))
    return folders, others


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads back to itself
        return False


def _classes(folder: Path, notes: list[str]) -> dict[str, str]:
    """Return the class folders by the name of the class: as a screen can show it, accents in one spelling."""
    found: dict[str, str] = {}
    for entry in _entries(folder)[0]:
        if entry.is_symlink() and _leads_back(entry.path, folder):
            notes.append(
                _("'{path}' is a link back to a folder above it and was left out.", path=printable_path(entry.path))
            )
            continue
        name = unicodedata.normalize("NFC", printable_path(entry.name))
        if name in found:
            raise DataError(
                _(
                    "'{path}' has two class folders whose names look alike: {name}.",
                    path=printable_path(folder),
                    name=name,
                ),
                hint=_("Rename one of them, or put their pictures together."),
            )
        found[name] = entry.path
    return found


def _leads_back(link: str, folder: Path) -> bool:
    target, here = os.path.realpath(link), os.path.realpath(folder)
    return here == target or here.startswith(target.rstrip(os.sep) + os.sep)


def _files(
    folder: Path, prefix: str, by_class: dict[str, str], classes: tuple[str, ...], part: str, notes: list[str]
) -> list[ImageFile]:
    found = []
    other, deeper = 0, 0
    for name in sorted(by_class):
        folders, files = _entries(by_class[name])
        pictures = [entry for entry in files if entry.name.rpartition(".")[2].lower() not in _NOT_PICTURES]
        deeper += len(folders)
        other += len(files) - len(pictures)
        if not pictures and part == "train":
            raise DataError(
                _("The class folder '{path}' has no pictures.", path=printable_path(by_class[name])),
                hint=_("Put pictures in it, or delete the folder."),
            )
        inner = "" if Path(by_class[name]) == folder else f"{os.path.basename(by_class[name])}/"  # noqa: PTH119
        above, label = prefix + inner, classes.index(name)
        found += [ImageFile(above + entry.name, part, label, *_status(entry)) for entry in pictures]
    if other:
        notes.append(
            plural(
                "{count} file in the class folders of '{path}' is no picture by its name and was left out.",
                "{count} files in the class folders of '{path}' are no pictures by their names and were left out.",
                other,
                path=printable_path(folder),
            )
        )
    if deeper:
        notes.append(
            plural(
                "{count} folder within the class folders of '{path}' was not read.",
                "{count} folders within the class folders of '{path}' were not read.",
                deeper,
                path=printable_path(folder),
            )
        )
    missing = [name for name in classes if name not in by_class]
    if missing:
        notes.append(_("'{path}' lacks classes: {names}.", path=printable_path(folder), names=", ".join(missing)))
    return found


def _status(entry: os.DirEntry[str]) -> tuple[int, int, int]:
    """Return size, time of the content and time of any change; whoever opens the file will say what is wrong."""
    try:
        status = entry.stat()
    except OSError:
        return -1, 0, 0
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _layout() -> str:
    return _("expected a folder with a folder for each class, as in photos/cat/1.jpg and photos/dog/1.jpg")


def _inner(root: Path) -> str | None:
    """Suggest the one sub-folder that looks like the data set itself, as unpacked archives often have it."""
    folders = _entries(root)[0]
    if len(folders) == 1 and len(_entries(folders[0].path)[0]) > 1:
        return _("Did you mean '{path}'?", path=printable_path(folders[0].path))
    return None
