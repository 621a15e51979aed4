"""All packs of the cache (see `pack.py`): where they lie, what each was made of, and how to be rid of them.

Nothing here needs torch: `axone data` answers at once.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from axone.data.datasets.store import cache_folder

FACTS = "pack.json"
LOCK = ".lock"  # in each place, held by whoever makes a pack there
TEMPORARY = "tmp-"  # a pack that is being made, or that nobody finished


def image_caches_folder() -> Path:
    """Return the folder of all packs (it need not exist yet)."""
    return cache_folder() / "packs"


def list_states(place: Path) -> list[Path]:
    """List the packs of a place, the newest first."""
    try:
        found = [path for path in place.iterdir() if path.is_dir() and not path.name.startswith(TEMPORARY)]
        return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return []


def list_caches() -> list[dict[str, Any]]:
    """Describe every pack: the folder it was made of, pictures, side, channels, bytes on disk, path."""
    found = []
    for place in sorted(image_caches_folder().glob("*")):
        for path in list_states(place):
            try:
                facts = json.loads((path / FACTS).read_bytes())
                entry = {name: facts[name] for name in ("folder", "pictures", "side", "channels")}
                size = sum(file.stat().st_size for file in path.iterdir())
            except (OSError, ValueError, KeyError, TypeError):
                continue  # damaged, or just being removed: `clear` takes it too
            found.append({**entry, "bytes": size, "path": str(path)})
    return found


def clear_caches() -> int:
    """Remove all packs, but those of a place where one is being made; return the bytes that were freed."""
    freed = 0
    for place in image_caches_folder().glob("*"):
        try:
            with FileLock(place / LOCK, timeout=0):
                for path in [path for path in place.iterdir() if path.is_dir()]:
                    size = sum(file.stat().st_size for file in path.iterdir())
                    shutil.rmtree(path)
                    freed += size
        except (Timeout, OSError):
            continue
    return freed
