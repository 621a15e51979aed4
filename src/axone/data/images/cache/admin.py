"""All caches of decoded images (see `format.py`): where they are, what each was made of, and how to remove them.

Nothing here needs torch, so `axone data` starts quickly.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from axone.data.datasets.store import cache_folder

FACTS = "cache.json"
LOCK = ".lock"  # one for each folder of images, held while its cache is built
TEMPORARY = "tmp-"  # prefix of a cache that is being built, or whose building was interrupted


def image_caches_folder() -> Path:
    """Return the folder of all caches of decoded images. It may not exist yet."""
    return cache_folder() / "images"


def list_states(place: Path) -> list[Path]:
    """Return the caches of one folder of images, the newest first."""
    try:
        states = [path for path in place.iterdir() if path.is_dir() and not path.name.startswith(TEMPORARY)]
        return sorted(states, key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return []


def list_caches() -> list[dict[str, Any]]:
    """Describe every cache: the folder that it was made of, images, size, channels, bytes on disk, path."""
    caches = []
    for place in sorted(image_caches_folder().glob("*")):
        for path in list_states(place):
            try:
                facts = json.loads((path / FACTS).read_bytes())
                entry = {name: facts[name] for name in ("folder", "images", "height", "width", "channels")}
                size = sum(file.stat().st_size for file in path.iterdir())
            except (OSError, ValueError, KeyError, TypeError):
                continue  # damaged, or being removed; `clear_caches` removes it too
            caches.append({**entry, "bytes": size, "path": str(path)})
    return caches


def clear_caches(root: Path | None = None) -> int:
    """Remove all caches except those of a folder whose cache is being built; return the bytes that were freed.

    Args:
        root: The folder of all caches of one kind; None: those of images.
    """
    freed = 0
    for place in (root or image_caches_folder()).glob("*"):
        try:
            with FileLock(place / LOCK, timeout=0):
                for path in [path for path in place.iterdir() if path.is_dir()]:
                    size = sum(file.stat().st_size for file in path.iterdir())
                    shutil.rmtree(path)
                    freed += size
        except (Timeout, OSError):
            continue
    return freed
