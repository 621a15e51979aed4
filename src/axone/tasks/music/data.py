"""Read the music that `--data` names, and make streams and facts of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from axone.data.notes.load import MusicData, load_music
from axone.data.notes.score import Piece
from axone.engine.context import IN_MEMORY, BuildContext
from axone.errors import DataError
from axone.messages import _, plural
from axone.tasks.music.settings import MusicSettings
from axone.tasks.music.stream import MusicStream

EVALUATION_BATCH = 16  # pieces that are measured together
FEW_PIECES = 50  # with fewer training pieces a network soon memorizes them


@dataclass(frozen=True)
class Music:
    """Pieces with their splits, ready to train on."""

    data: MusicData
    facts: dict[str, Any]
    notes: list[str]

    def pieces(self, split: str) -> list[Piece]:
        """Return the pieces of a split: train, validation, test."""
        return list(self.data.splits[split])

    def training_stream(self, settings: MusicSettings, objective: str) -> MusicStream:
        """Return shuffled excerpts of the training pieces in random keys."""
        return MusicStream(
            self.pieces("train"), objective, batch_size=settings.batch_size, excerpt=settings.excerpt,
            keys=(settings.lowest, settings.highest), seed=settings.seed,
        )  # fmt: skip

    def evaluation_stream(self, split: str, objective: str) -> MusicStream | None:
        """Return the whole pieces of a split in their own keys; None where there are none."""
        pieces = self.pieces(split)
        return MusicStream(pieces, objective, batch_size=EVALUATION_BATCH, shuffle=False) if pieces else None


def read_music(settings: MusicSettings, context: BuildContext) -> Music:
    """Read and split the pieces that `settings.data` names.

    Raises DataError, ResourceError.
    """
    if settings.data == IN_MEMORY:
        raise DataError(_("Music is read from files."), expected=_("expected a path or the name of a known set"))
    grid = int(context.facts["grid"]) if context.facts else settings.grid
    data = load_music(
        settings.data, grid, validation=settings.validation, seed=settings.seed, limit=settings.limit,
        progress=context.progress, whole=context.whole,
    )  # fmt: skip
    if context.whole:
        context.notify(
            plural("{count} piece is measured: {source}.", "All {count} pieces are measured: {source}.",
                   len(data.splits["test"]), source=data.source)
        )  # fmt: skip
    train = data.splits["train"] or data.splits["test"]
    notes = list(data.notes)
    if not context.whole and len(train) < FEW_PIECES:
        notes.append(
            _("With so few training pieces the network may memorize them: see the longest copy in the report.")
        )
    pitches = sorted(pitch for piece in train for frame in piece.frames for pitch in frame)
    tops = sorted(frame[0] for piece in train for frame in piece.frames if frame)
    bars = sorted(piece.bar for piece in train)
    sizes = sorted(len(frame) for piece in train for frame in piece.frames)
    facts = {
        "task": "music",
        "grid": data.grid,
        "bar": bars[len(bars) // 2],
        "pitches": [pitches[0], pitches[-1]],
        "melody": [tops[len(tops) // 100], tops[-1 - len(tops) // 100]],  # the range of the highest voice
        "most_notes": sizes[-1 - len(sizes) // 100],  # of a step, but for one in a hundred
    }
    return Music(data, facts, notes)
