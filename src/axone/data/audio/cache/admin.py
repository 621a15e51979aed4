"""All caches of decoded or generated recordings: where they are, what each was made of. Nothing here needs torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from axone.data.datasets.store import cache_folder
from axone.data.images.cache.admin import FACTS, list_states


def audio_caches_folder() -> Path:
    """Return the folder of all caches of recordings. It may not exist yet."""
    return cache_folder() / "audio"


def list_audio_caches() -> list[dict[str, Any]]:
    """Describe every cache: what it was made of, recordings, their seconds and rate, bytes on disk, path."""
    caches = []
    for place in sorted(audio_caches_folder().glob("*")):
        for path in list_states(place):
            try:
                facts = json.loads((path / FACTS).read_bytes())
                entry = {name: facts[name] for name in ("source", "recordings", "seconds", "rate")}
                size = sum(file.stat().st_size for file in path.iterdir())
            except (OSError, ValueError, KeyError, TypeError):
                continue  # damaged, or being removed
            caches.append({**entry, "bytes": size, "path": str(path)})
    return caches
