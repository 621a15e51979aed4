"""Read pieces that are on a grid already: a JSON file of splits, pieces, steps and pitches, as benchmarks use.

{"train": [[[74, 70, 65, 58], [74, 70, 65, 58], ...], ...], "valid": [...], "test": [...]}
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from axone.data.notes.folder import SPLITS
from axone.data.notes.score import PITCHES, Frame, Piece
from axone.data.paths import printable_path
from axone.errors import DataError
from axone.messages import _

MAX_BYTES = 64_000_000
BAR = 4  # steps: the format has no meter


def read_frames(path: Path) -> dict[str, list[Piece]]:
    """Return the pieces of each split: train, validation, test.

    Raises DataError, with the place in the file, for a file of another form.
    """
    name = printable_path(path)
    expected = _("expected an object with train, valid and test, each a list of pieces: lists of lists of pitches")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(_("'{path}' has more than {limit} bytes.", path=name, limit=MAX_BYTES))
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(_("'{path}' is not a JSON file: {error}", path=name, error=error), expected=expected) from None
    if not isinstance(content, dict) or not {"train"} <= content.keys() <= SPLITS.keys():
        raise DataError(_("'{path}' has no pieces by split.", path=name), expected=expected)
    pieces: dict[str, list[Piece]] = {"train": [], "validation": [], "test": []}
    for key, listed in content.items():
        if not isinstance(listed, list):
            raise DataError(_("'{path}' has no list of pieces for '{key}'.", path=name, key=key), expected=expected)
        for number, steps in enumerate(listed):
            frames = _check(steps)
            if frames is None:
                raise DataError(
                    _("'{path}': piece {number} of '{key}' is not a list of lists of pitches from 0 to 127.",
                      path=name, number=number + 1, key=key)
                )  # fmt: skip
            positions = tuple(step % BAR for step in range(len(frames)))
            pieces[SPLITS[key]].append(Piece(frames, positions, f"{key} {number + 1}", BAR))
    return pieces


def _check(steps: Any) -> tuple[Frame, ...] | None:
    """Return the frames of a piece, each sorted and without repeated pitches; None where they are something else."""
    if not isinstance(steps, list) or not steps:
        return None
    frames = []
    for step in steps:
        if not isinstance(step, list):
            return None
        if not all(type(pitch) in (int, float) and 0 <= pitch < PITCHES and pitch == int(pitch) for pitch in step):
            return None
        frames.append(tuple(sorted({int(pitch) for pitch in step}, reverse=True)))
    return tuple(frames)
