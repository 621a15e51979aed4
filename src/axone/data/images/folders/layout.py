"""What the layout of a folder of images means to people: errors that say what was expected and where images were found,
and sentences on what is unusual.
"""

from __future__ import annotations

from pathlib import Path

from axone.data.images.folders.walk import Found, count_by_folder, list_entries, name_some
from axone.data.paths import printable_path
from axone.errors import DataError
from axone.messages import _, plural
from axone.numbers import format_number
from axone.shell import quote

SPLITS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}


def require_classes(root: Path, folder: Path, classes: tuple[str, ...], labeled: bool) -> None:
    """Raise DataError unless there is a class; with `labeled`, unless there are two."""
    if not classes:
        raise DataError(
            _("'{path}' has no class folders.", path=printable_path(folder)) + " " + describe_places(root),
            expected=expected_layout(),
            hint=_suggest_inner_folder(root),
        )
    if labeled and len(classes) < 2:
        raise DataError(
            _("'{path}' has only one class: {name}.", path=printable_path(folder), name=classes[0])
            + " "
            + describe_places(root),
            expected=_("expected at least 2 classes, each in a folder of its own"),
            hint=_suggest_inner_folder(root) or (_suggest_autoencoder(root) if folder != root else None),
        )


def unknown_classes_error(
    root: Path, folders: dict[str, Path], contents: dict[str, dict[str, Found]], trained: tuple[str, ...]
) -> DataError:
    """Return the error of the first split with classes that training lacks."""
    split = next(split for split, by_class in contents.items() if set(by_class) - set(trained))
    return DataError(
        _(
            "'{path}' has classes that training lacks: {names}.",
            path=printable_path(folders[split]),
            names=", ".join(sorted(set(contents[split]) - set(trained))),
        ),
        expected=_("expected only: {names}", names=", ".join(trained)),
        hint=_suggest_autoencoder(root),
    )


def describe_inner_folders(folder: Path, contents: dict[str, Found]) -> list[str]:
    """Say what folders inside the class folders mean. Raises DataError where they are named train and test."""
    inner = {
        name: sorted({path.partition("/")[0] for path, _entry in each.images if "/" in path})
        for name, each in contents.items()
    }
    listed = sorted({name for names in inner.values() for name in names})
    if not listed:
        return []
    if all(name.lower() in SPLITS for name in listed):
        raise DataError(
            _("The class folders of '{path}' are divided inside: {names}.", path=printable_path(folder),
              names=", ".join(listed)),
            expected=_("expected the division above the classes, as in train/cat/1.jpg and test/cat/2.jpg"),
        )  # fmt: skip
    text = _("The class is the first folder ({classes}), also of images in folders inside it: {names}.",
             classes=name_some(sorted(contents)), names=name_some(listed))  # fmt: skip
    if max(map(len, inner.values())) > 1 and sum(map(len, inner.values())) == len(listed):  # none occurs twice
        text += " " + _("If these are the classes, move them up into '{path}'.", path=printable_path(folder))
    return [text]


def describe_loop(path: str) -> str:
    """Say that a link was left out."""
    return _("'{path}' is a link to a folder above it and was left out.", path=printable_path(path))


def describe_loose_images(root: Path, names: list[str]) -> str:
    """Say that images next to the class folders were left out."""
    return plural(
        "{count} image lies directly in '{path}', in no folder of a class, and was left out: {names}.",
        "{count} images lie directly in '{path}', in no folder of a class, and were left out: {names}.",
        len(names),
        path=printable_path(root),
        names=name_some(names),
    )


def describe_places(root: Path) -> str:
    """Say in which folders images were found."""
    counts = count_by_folder(root)
    if not counts:
        return _("There is no image in it.")
    places = [f"{place} ({format_number(count)})" for place, count in counts.items()]
    return _("Images were found in: {names}.", names=name_some(places))


def expected_layout() -> str:
    """Describe the usual layout."""
    return _("expected a folder with a folder for each class, as in photos/cat/1.jpg and photos/dog/1.jpg")


def _suggest_inner_folder(root: Path) -> str | None:
    """Suggest the only sub-folder, where it looks like the data set itself, as in many unpacked archives."""
    folders = list_entries(root)[0]
    if len(folders) == 1 and len(list_entries(folders[0].path)[0]) > 1:
        return _("Did you mean '{path}'?", path=printable_path(folders[0].path))
    return None


def _suggest_autoencoder(root: Path) -> str:
    command = f"axone train autoencoder --data {quote(root)}"
    return _("to find faults that training never saw, type: {command}", command=command)
