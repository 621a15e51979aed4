"""The checkpoints of a finished run: what is needed to use it and to go on with it, once.

While a run is trained, each slot keeps its predecessor, so that a damaged checkpoint costs one interval. A finished
run is not written any more: "best" is what is used, "last" is what `axone resume RUN --epochs N` continues from, and
each is the other's reserve. Where both hold the same bytes, they share them on the disk.
"""

from __future__ import annotations

import os
from pathlib import Path

from axone.errors import AxoneError
from axone.runs import checkpoints
from axone.runs.storage import files
from axone.runs.storage.manifest import CHECKPOINTS, read_manifest

SLOTS = ("best", "last")


def compact_checkpoints(folder: Path) -> None:
    """Remove the previous checkpoints of a run, and let equal files of "best" and "last" share their bytes.

    Only the process that wrote the run may call it. A file system without hard links keeps both files.
    """
    for slot in SLOTS:
        checkpoints.remove_previous(folder, slot)
    best, last = (folder / CHECKPOINTS / slot for slot in SLOTS)
    try:
        is_equal = read_manifest(best)[0][checkpoints.WEIGHTS] == read_manifest(last)[0][checkpoints.WEIGHTS]
    except (ValueError, KeyError, OSError):  # there is no best checkpoint, or it is damaged: nothing is shared
        return
    if is_equal:
        _share(last / checkpoints.WEIGHTS, best / checkpoints.WEIGHTS)


def _share(source: Path, target: Path) -> None:
    temporary = files.temporary_path(target)
    try:
        os.link(source, temporary)
        files.rename(temporary, target)
        files.sync_folder(target.parent)
    except (OSError, AxoneError):
        files.discard(temporary)
