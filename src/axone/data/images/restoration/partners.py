"""Pair the images of two folders by name: clean/house.png and noisy/house.jpg."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from axone.data.images.folders.listing import Listing
from axone.data.paths import printable_path
from axone.errors import DataError
from axone.messages import _, plural

MAX_NAMED = 5


def find_partners(clean: Listing, noisy: Listing) -> list[Path]:
    """Return the noisy file of each clean one.

    Raises DataError unless names, without their endings, are unique in each folder and the same in both.
    """
    clean_keys, noisy_keys = ([_key(file.name) for file in each.files] for each in (clean, noisy))
    for listing, keys in ((clean, clean_keys), (noisy, noisy_keys)):
        _require_unique(listing, keys)
    expected = _("expected pairs, as in clean/house.png and noisy/house.png")
    if not set(clean_keys) & set(noisy_keys):
        raise DataError(
            _(
                "No image in '{clean}' has one of the same name in '{noisy}'.",
                clean=printable_path(clean.root),
                noisy=printable_path(noisy.root),
            ),
            expected=expected,
        )
    for here, other, missing in (
        (clean, noisy, sorted(set(clean_keys) - set(noisy_keys))),
        (noisy, clean, sorted(set(noisy_keys) - set(clean_keys))),
    ):
        if missing:
            raise DataError(
                plural(
                    "{count} image in '{here}' has no partner in '{there}': {names}.",
                    "{count} images in '{here}' have no partners in '{there}': {names}.",
                    len(missing),
                    here=printable_path(here.root),
                    there=printable_path(other.root),
                    names=list_some(missing),
                ),
                expected=expected,
            )
    files = dict(zip(noisy_keys, noisy.files))
    return [noisy.root / files[key].name for key in clean_keys]


def _require_unique(listing: Listing, keys: Sequence[str]) -> None:
    if len(set(keys)) < len(keys):
        repeated = sorted({key for key in keys if keys.count(key) > 1})
        raise DataError(
            _(
                "'{path}' has two images of one name: {names}.",
                path=printable_path(listing.root),
                names=list_some(repeated),
            ),
            hint=_("Rename one of them: pairs are found by name, without the ending."),
        )


def _key(name: str) -> str:
    folder, _slash, file = name.rpartition("/")
    return f"{folder}/{file.rpartition('.')[0] or file}"


def list_some(names: Sequence[str]) -> str:
    """Return the first names of a list, for a message."""
    listed = ", ".join(printable_path(name.lstrip("/")) for name in names[:MAX_NAMED])
    return listed + (", ..." if len(names) > MAX_NAMED else "")
