"""Find the images below a folder, and pass over all other files: the same for training and for `predict`.

Passed over without a word is what operating systems and archives leave in folders: hidden files (also ._photo.jpg),
Thumbs.db, desktop.ini, .DS_Store, __MACOSX. Files that are no images by their names, such as labels.csv, are
listed separately, so that they can be reported. No file is opened here.
"""

from __future__ import annotations

import os
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from axone.data.paths import printable_path
from axone.errors import ResourceError
from axone.messages import _, plural

_LITTER = {"thumbs.db", "desktop.ini", "__macosx", "icon\r", "ehthumbs.db", "@eadir", "$recycle.bin"}
_NOT_IMAGES = {"txt", "csv", "tsv", "json", "jsonl", "xml", "md", "rst", "yaml", "yml", "toml", "log", "py", "ini",
               "html", "htm", "db", "bak", "tmp", "lock", "sh", "ipynb"}  # fmt: skip
_DOCUMENTS = {"license", "licence", "readme", "copying", "authors", "sha256sums", "md5sums", "makefile"}
MAX_NAMED = 5

Entry = os.DirEntry[str]


class Found(NamedTuple):
    """The files below a folder.

    Args:
        images: The files that may be images, each with its path relative to the folder, with "/" between folders.
        others: The relative paths of files that are no images by their names.
        empty: The relative paths of folders without any file.
        loops: The relative paths of links that lead to a folder above them.
    """

    images: list[tuple[str, Entry]]
    others: list[str]
    empty: list[str]
    loops: list[str]


def list_entries(folder: Path | str) -> tuple[list[Entry], list[Entry]]:
    """Return the sub-folders and the other entries of a folder, sorted by name, without litter.

    Raises ResourceError for a folder that may not be read.
    """
    folders: list[Entry] = []
    others: list[Entry] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.name.startswith(".") and entry.name.lower() not in _LITTER:
                    (folders if _is_folder(entry) else others).append(entry)
    except PermissionError:
        path = printable_path(folder)
        raise ResourceError(
            _("The folder '{path}' may not be read by this user.", path=path),
            hint=_("Give yourself the permission to read it, or move it away."),
        ) from None
    for group in (folders, others):
        group.sort(key=attrgetter("name"))
    return folders, others


def is_image_name(name: str) -> bool:
    """Return whether a file may be an image by its name. Most extensions may be anything: the content decides."""
    return name.lower() not in _DOCUMENTS and name.rpartition(".")[2].lower() not in _NOT_IMAGES


def walk(folder: Path | str) -> Found:
    """Return the files below a folder, at any depth: those of the folder itself first, then sub-folder by sub-folder.

    Raises ResourceError for a folder that may not be read.
    """
    content = Found([], [], [], [])
    _walk(str(folder), "", (os.path.realpath(folder),), content)
    return content


def list_images(folder: Path) -> tuple[list[Path], list[str]]:
    """Return the images below a folder, sorted by their paths, and the relative paths of other files."""
    content = walk(folder)
    return sorted(folder / name for name, _entry in content.images), sorted(content.others)


def describe_others(others: list[str], folder: Path) -> str:
    """Return a sentence on files that are no images by their names, for people."""
    return plural(
        "{count} file in '{path}' is not an image by its name and was left out: {names}.",
        "{count} files in '{path}' are not images by their names and were left out: {names}.",
        len(others),
        path=printable_path(folder),
        names=name_some(others),
    )


def name_some(names: list[str]) -> str:
    """Return the first names of a list, for a message."""
    listed = ", ".join(printable_path(name) for name in names[:MAX_NAMED])
    return listed + (", ..." if len(names) > MAX_NAMED else "")


def count_by_folder(folder: Path) -> dict[str, int]:
    """Return how many images there are directly in each folder below a folder, by its relative path ("." itself)."""
    counts: dict[str, int] = {}
    for name, _entry in walk(folder).images:
        place = name.rpartition("/")[0] or "."
        counts[place] = counts.get(place, 0) + 1
    return counts


def leads_back(link: str, above: tuple[str, ...]) -> bool:
    """Return whether a folder, perhaps a link, is one of the folders `above` it, or above the first of them.

    Args:
        link: The folder.
        above: The real paths of the folders through which it was reached, the outermost first.
    """
    target = os.path.realpath(link)
    return target in above or above[0].startswith(target.rstrip(os.sep) + os.sep)


def _walk(path: str, prefix: str, above: tuple[str, ...], content: Found) -> None:
    folders, others = list_entries(path)
    for entry in others:
        name = prefix + entry.name
        if is_image_name(entry.name):
            content.images.append((name, entry))
        else:
            content.others.append(name)
    if not folders and not others:
        content.empty.append(prefix.rstrip("/"))
    for entry in folders:
        name = prefix + entry.name
        if leads_back(entry.path, above):
            content.loops.append(name)
        else:
            _walk(entry.path, name + "/", (*above, os.path.realpath(entry.path)), content)


def _is_folder(entry: Entry) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False
