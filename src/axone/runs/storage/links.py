"""Symbolic links that lead out of a run's folder: Axone writes none and follows none.

A run may come from anyone. A link in it could make Axone read a private file as if it were part of the run, or
append events to a file of the user's.
"""

from __future__ import annotations

import os
from pathlib import Path

from axone.errors import RunError
from axone.messages import _


def links_out_of(folder: Path | str) -> list[str]:
    """Return the links inside a folder whose targets lie outside it, relative to the folder, sorted.

    The folder itself may be a link, and links from one of its files to another are allowed.
    """
    root = Path(folder).resolve()
    links, folders = [], [str(root)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        if not _resolve(Path(entry.path)).is_relative_to(root):
                            links.append(Path(entry.path).relative_to(root).as_posix())
                    elif entry.is_dir():
                        folders.append(entry.path)
        except OSError:  # not there, removed meanwhile, or not readable: nothing is read from it either
            continue
    return sorted(links)


def require_no_links_out(folder: Path | str) -> None:
    """Raise RunError, naming the first, when links in a run's folder lead out of it."""
    if links := links_out_of(folder):
        raise RunError(
            _("'{link}' in the run '{run}' is a link to a place outside the run.", link=links[0], run=folder),
            hint=_(
                "a run holds no such links: put the file itself in its place, if you trust where the run comes from"
            ),
        )


def _resolve(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a loop of links leads nowhere, and so out of the folder
        return Path("/")
