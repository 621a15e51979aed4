"""The transcript of one recording, with the moments of its symbols and the next best transcripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from axone.messages import _
from axone.numbers import format_percent
from axone.tasks.answers import NotebookAnswer, with_note


@dataclass(frozen=True)
class Transcript(NotebookAnswer):
    """What was recognized in one recording."""

    label: str  # the transcript
    probability: float  # of the transcript, among those that the search kept
    times: Sequence[float] = ()  # seconds at which each symbol of the likeliest path is likeliest
    transcripts: Sequence[tuple[str, float]] = ()  # the best ones with their probabilities, best first
    note: str = ""  # for people
    ranked: int = field(default=1, kw_only=True, repr=False, compare=False)  # transcripts in `text` and `to_json`

    def with_top(self, count: int) -> Transcript:
        """Return this answer with its `count` best transcripts in `text` and `to_json`."""
        return replace(self, ranked=count)

    def text(self) -> str:
        """Return the transcript; with `with_top`, the best ones and their probabilities."""
        if self.ranked == 1:
            return with_note(self.label or _("(nothing)"), self.note)
        listed = self.transcripts[: self.ranked]
        return with_note(
            ", ".join(f"{text or _('(nothing)')} {format_percent(share, 1)}" for text, share in listed), self.note
        )

    def to_json(self) -> dict[str, Any]:
        """Return the transcript, its probability, the moments of its symbols in seconds, and the best transcripts."""
        answer = {
            "label": self.label,
            "probability": self.probability,
            "times": list(self.times),
            "top": [list(each) for each in self.transcripts[: self.ranked]],
        }
        return {**answer, "note": self.note} if self.note else answer
