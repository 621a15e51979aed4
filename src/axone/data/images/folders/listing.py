"""List the images of a folder by name: `root/CLASS/*`, or `root/{train,val,test}/CLASS/*`; `root/*` without labels.

Class folders may have folders inside (`root/CLASS/monday/*`): the class is the first folder. No file is opened here.
Sizes and times are recorded, by which a later start recognizes a change. A folder with another layout is refused, with
a message for each mistake that says where images were found. `walk.py` says what is passed over.
"""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from axone.data.images.folders.layout import (
    SPLITS,
    describe_inner_folders,
    describe_loop,
    describe_loose_images,
    describe_places,
    expected_layout,
    require_classes,
    unknown_classes_error,
)
from axone.data.images.folders.walk import (
    Entry,
    Found,
    describe_others,
    is_image_name,
    leads_back,
    list_entries,
    walk,
)
from axone.data.paths import printable_path
from axone.errors import DataError
from axone.messages import _

_NORMAL = ("good", "normal", "ok")  # usual names of images without a fault
_ORDER = ("train", "validation", "test")


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
        unseen: The classes of the test or validation folder that training lacks, as the faults of anomaly detection.
    """

    root: Path
    classes: tuple[str, ...]
    splits: tuple[str, ...]
    files: list[ImageFile]
    notes: list[str] = field(default_factory=list)
    unseen: tuple[str, ...] = ()


def list_folder(root: Path, labeled: bool = True, *, whole: bool = False) -> Listing:
    """List the classes and files of a folder, in sorted order.

    Args:
        root: The folder.
        labeled: False: images need no class folder (they are then one class, with the name of the folder), and the
            test folder may have classes that training lacks, as train/good and test/crack.
        whole: Whether all of it will be evaluated, whatever its division: any split may be missing, one class is
            enough, and each split may have classes of its own.

    Raises:
        DataError: The folder is missing or empty, has no class folders, a single class, a class without images, or
            classes that training lacks.
        ResourceError: The folder may not be read.
    """
    if not root.exists():
        raise DataError(_("There is no folder '{path}' (from {here}).", path=printable_path(root), here=Path.cwd()))
    if not root.is_dir():
        raise DataError(_("'{path}' is a file.", path=printable_path(root)), expected=expected_layout())
    notes: list[str] = []
    split_folders = _find_splits(root, labeled, whole, notes)
    class_folders = {split: _find_classes(folder, notes) for split, folder in split_folders.items()}
    if not labeled:
        class_folders = _name_unlabeled(root, split_folders, class_folders)
    contents = {
        split: _walk_classes(split_folders[split], by_class, labeled and not whole and split == "train", notes)
        for split, by_class in class_folders.items()
    }
    first = next(iter(contents))  # "train", unless all of a folder without it is evaluated
    trained = tuple(sorted(contents[first]))
    classes = tuple(sorted(set().union(*contents.values())))
    unseen = tuple(name for name in classes if name not in trained)
    require_classes(root, split_folders[first], classes if whole else trained, labeled and not whole)
    if unseen and labeled and not whole:
        raise unknown_classes_error(root, split_folders, contents, trained)
    files: list[ImageFile] = []
    for split, by_class in contents.items():
        folder = split_folders[split]
        prefix = f"{folder.name}/" if folder != root else ""
        for name in sorted(by_class):
            place = class_folders[split][name]
            above = prefix if Path(place) == folder else f"{prefix}{os.path.basename(place)}/"  # noqa: PTH119
            label = classes.index(name)
            files += [
                ImageFile(above + path, split, label, *_read_status(entry)) for path, entry in by_class[name].images
            ]
        if not whole and (missing := [name for name in trained if name not in by_class]):
            notes.append(_("'{path}' lacks classes: {names}.", path=printable_path(folder), names=", ".join(missing)))
    return Listing(root, classes, tuple(contents), files, notes, unseen)


def _find_splits(root: Path, labeled: bool, whole: bool, notes: list[str]) -> dict[str, Path]:
    """Return the folder of each split: those named train, val and test, or the root itself as "train"."""
    folders, files = list_entries(root)
    if not folders and not files:
        raise DataError(_("The folder '{path}' is empty.", path=printable_path(root)), expected=expected_layout())
    named = sorted((_ORDER.index(SPLITS[f.name.lower()]), f.path) for f in folders if f.name.lower() in SPLITS)
    splits = {_ORDER[place]: Path(path) for place, path in named}
    only_splits = bool(splits) and len(named) == len(folders)
    if only_splits and "train" not in splits and not whole:
        raise DataError(
            _("'{path}' has no folder named train.", path=printable_path(root)) + " " + describe_places(root),
            expected=expected_layout(),
        )
    if not (only_splits and whole) and (
        "train" not in splits or not any(list_entries(splits["train"])[: 1 if labeled else 2])
    ):
        if folders and (loose := [file.name for file in files if is_image_name(file.name)]):
            notes.append(describe_loose_images(root, loose))
        return {"train": root}
    if ignored := [printable_path(folder.name) for folder in folders if folder.name.lower() not in SPLITS]:
        notes.append(_("Not read, besides train, val and test: {names}.", names=", ".join(ignored)))
    if len(splits) < len(named):
        names = ", ".join(printable_path(Path(path).name) for _place, path in named)
        raise DataError(
            _("'{path}' has two folders for one split: {names}.", path=printable_path(root), names=names),
            expected=_("expected one folder each for train, val and test"),
        )
    return splits


def _name_unlabeled(
    root: Path, split_folders: dict[str, Path], class_folders: dict[str, dict[str, str]]
) -> dict[str, dict[str, str]]:
    """Return the class folders of each split; training images without a class folder are of one class.

    It has the name of the root, or "good" where the other splits have class folders and one of them is called so.
    """
    first = next(iter(class_folders))
    if class_folders[first]:
        return class_folders
    others = {name for by_class in class_folders.values() for name in by_class}
    own = unicodedata.normalize("NFC", printable_path(root.resolve().name))
    name = next((name for name in _NORMAL if name in others), own)
    return {split: by_class or {name: str(split_folders[split])} for split, by_class in class_folders.items()}


def _find_classes(folder: Path, notes: list[str]) -> dict[str, str]:
    """Return the class folders by the name of the class: printable, with accents in one normal form."""
    folders: dict[str, str] = {}
    for entry in list_entries(folder)[0]:
        path = printable_path(entry.path)
        if leads_back(entry.path, (os.path.realpath(folder),)):
            notes.append(describe_loop(path))
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


def _walk_classes(folder: Path, by_class: dict[str, str], strict: bool, notes: list[str]) -> dict[str, Found]:
    """Return what is in each class folder of a split that has images, and say what is unusual.

    With `strict`, for classes to train on, raises DataError for a class folder without images or with splits inside.
    """
    contents = {name: walk(place) for name, place in by_class.items()}
    names = {name: os.path.basename(place) for name, place in by_class.items()}  # noqa: PTH119
    without = [name for name, each in contents.items() if not each.images]
    if strict and without:
        raise DataError(
            _("The class folder '{path}' has no images.", path=printable_path(by_class[without[0]]))
            + " "
            + describe_places(folder),
            hint=_("Put images in it, or delete the folder."),
        )
    if without and len(without) < len(by_class):
        left_out = ", ".join(printable_path(names[name]) for name in sorted(without))
        notes.append(_("Left out, because no image is in them: {names}.", names=left_out))
    contents = {name: each for name, each in contents.items() if each.images}
    if others := [f"{names[name]}/{path}" for name, each in sorted(contents.items()) for path in each.others]:
        notes.append(describe_others(others, folder))
    notes += [describe_loop(f"{by_class[name]}/{path}") for name, each in contents.items() for path in each.loops]
    if strict:
        notes += describe_inner_folders(folder, contents)
    return contents


def _read_status(entry: Entry) -> tuple[int, int, int]:
    """Return size, time of the content and time of any change. Errors are reported when the file is opened."""
    try:
        status = entry.stat()
    except OSError:
        return -1, 0, 0
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns
