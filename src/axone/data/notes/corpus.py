"""Music that comes with the library music21 (extra `music`): Bach's chorales, and masses and motets of Palestrina.

Parsing takes seconds to minutes, so that the notes are kept in Axone's cache.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from axone.data.datasets.store import cache_folder
from axone.data.notes.formats.musicxml import MusicXmlError, parse_with_music21, require_music21
from axone.data.notes.score import Meter, Note, Score
from axone.messages import _
from axone.progress import Progress

CHORALES, PALESTRINA = "bach-chorales", "palestrina"
NAMES = (CHORALES, PALESTRINA)
VOICES = 4  # parts of a chorale; the corpus also has other works of Bach
MOST_QUARTERS = 400  # of a chorale
PALESTRINA_PIECES = 200  # evenly spaced among more than a thousand movements
_VERSION = 1  # of what is kept in the cache


def read_corpus(name: str, progress: Progress) -> list[tuple[str, Score]]:
    """Return the pieces of a composer, each with its name.

    Args:
        name: One of `NAMES`.
        progress: Counts pieces.

    Raises ResourceError where music21 is not installed.
    """
    music21 = require_music21()
    path = cache_folder() / "notes" / f"{name}-{music21.__version__}-{_VERSION}.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        return [(str(key), _from_json(value)) for key, value in json.loads(path.read_bytes())]
    pieces = _parse(name, list_corpus(name, music21), progress)
    _write(path, json.dumps([(key, _to_json(score)) for key, score in pieces]).encode())
    return pieces


def list_corpus(name: str, music21: Any) -> list[Path]:
    """Return the files of a part of the corpus, sorted."""
    composer, suffix = ("bach", ".mxl") if name == CHORALES else ("palestrina", ".krn")
    paths = sorted(Path(path) for path in music21.corpus.getComposer(composer) if Path(path).suffix == suffix)
    return paths if name == CHORALES else paths[:: max(1, len(paths) // PALESTRINA_PIECES)]


def _parse(name: str, paths: Sequence[Path], progress: Progress) -> list[tuple[str, Score]]:
    pieces = []
    for number, path in enumerate(paths):
        progress(_("reading music (the first time only)"), number, len(paths))
        with suppress(MusicXmlError):
            score = parse_with_music21(path)
            if name != CHORALES or is_chorale(score):
                pieces.append((path.stem, score))
    progress(_("reading music (the first time only)"), len(paths), len(paths))
    return pieces


def is_chorale(score: Score) -> bool:
    """Return whether a score has the four voices of a chorale, and its length."""
    return len({note.part for note in score.notes}) == VOICES and score.quarters <= MOST_QUARTERS


def _to_json(score: Score) -> dict[str, Any]:
    return {
        "notes": [note[:4] for note in score.notes],
        "meters": score.meters,
        "tempo": score.tempo,
        "upbeat": score.upbeat,
        "title": score.title,
    }


def _from_json(value: dict[str, Any]) -> Score:
    return Score(
        tuple(Note(*note) for note in value["notes"]),
        tuple(Meter(*meter) for meter in value["meters"]),
        float(value["tempo"]),
        float(value["upbeat"]),
        str(value["title"]),
    )


def _write(path: Path, data: bytes) -> None:
    """Write a file of the cache atomically; without a writable cache the corpus is parsed again next time."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        temporary.write_bytes(data)
        temporary.replace(path)
