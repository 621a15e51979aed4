"""The answers about motion: the next frames of a video as a film, the next positions of things as a table."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, UInt8

from axone.figures.animation import encode_gif
from axone.figures.contact_sheet import draw_contact_sheet
from axone.figures.figure import encode_png
from axone.figures.html import embed_image, join_parts
from axone.figures.text import escape
from axone.messages import _, plural
from axone.numbers import format_number
from axone.tasks.answers import NotebookAnswer, with_note
from axone.tasks.motion.drawings.films import draw_film
from axone.tasks.motion.drawings.paths import DrawnPath, draw_paths

MOST_IN_TEXT, MOST_DRAWN = 3, 12  # things
Pixels = UInt8[np.ndarray, "_ height width channels"]


@dataclass(frozen=True)
class PredictedFrames(NotebookAnswer):
    """The frames that follow a video."""

    past: Pixels  # the observed frames, as the network sees them
    future: Pixels
    note: str = ""

    output = "files"

    def text(self) -> str:
        """Return the number and the size of the frames, and the note."""
        count, height, width, _channels = self.future.shape
        text = plural("{count} frame of {width} x {height} pixels", "{count} frames of {width} x {height} pixels",
                      count, width=width, height=height)  # fmt: skip
        return with_note(text, self.note)

    def to_json(self) -> dict[str, Any]:
        """Return the number and the size of the frames; the pixels are in the files."""
        count, height, width, channels = self.future.shape
        answer: dict[str, Any] = {"frames": count, "width": width, "height": height, "channels": channels}
        return {**answer, "note": self.note} if self.note else answer

    def files(self) -> dict[str, bytes]:
        """Return a film of the observed and the predicted frames, and a sheet of the predicted ones."""
        past, future = (pixels.astype(np.float32) / 255 for pixels in (self.past, self.future))
        captions = [f"+{step}" for step in range(1, len(future) + 1)]
        sheet = draw_contact_sheet(self.future, captions, columns=10)
        return {".gif": encode_gif(draw_film(past, None, future)), ".png": encode_png(sheet)}

    def _repr_html_(self) -> str:
        """Return the display in a notebook: the film and the text."""
        past, future = (pixels.astype(np.float32) / 255 for pixels in (self.past, self.future))
        return join_parts(embed_image(draw_film(past, None, future), self.text()), escape(self.text()))

    def preview(self) -> UInt8[np.ndarray, "height width channels"]:
        """Return the first predicted frame."""
        return self.future[0]


class PredictedPath(NamedTuple):
    """The next positions of one thing, and what was observed of it."""

    thing: str
    times: Float[np.ndarray, " steps"]
    past: Float[np.ndarray, "observed 2"]
    future: Float[np.ndarray, "steps 2"]
    straight: Float[np.ndarray, "steps 2"]


@dataclass(frozen=True)
class PredictedTracks(NotebookAnswer):
    """The positions that follow in a table of tracks."""

    paths: Sequence[PredictedPath]
    columns: tuple[str, str, str, str]  # of thing, time, x and y
    has_dates: bool = False
    note: str = ""

    output = "files"

    def text(self) -> str:
        """Return the last predicted positions of the first things, and the note."""
        ends = [
            f"{path.thing or _('the one thing')} ({_short(path.future[-1, 0])}, {_short(path.future[-1, 1])})"
            for path in self.paths[:MOST_IN_TEXT]
        ]
        more = ", ..." if len(self.paths) > MOST_IN_TEXT else ""
        text = plural("{count} thing, after {steps} steps: {ends}", "{count} things, after {steps} steps: {ends}",
                      len(self.paths), steps=len(self.paths[0].future), ends=", ".join(ends) + more)  # fmt: skip
        return with_note(text, self.note)

    def to_json(self) -> dict[str, Any]:
        """Return time, x and y of every predicted position, by thing."""
        values = {path.thing: np.column_stack([path.times, path.future]).tolist() for path in self.paths}
        answer: dict[str, Any] = {"things": values}
        return {**answer, "note": self.note} if self.note else answer

    def files(self) -> dict[str, bytes]:
        """Return a table in the columns of the input, and a drawing of the first paths."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        named = [name for name in self.columns if name]
        writer.writerow(named)
        for path in self.paths:
            for time, (x, y) in zip(path.times.tolist(), path.future.tolist()):
                cells = [_guard(path.thing), self._write_time(time), f"{x:.6g}", f"{y:.6g}"]
                writer.writerow([cell for cell, name in zip(cells, self.columns) if name])
        return {".csv": stream.getvalue().encode(), ".svg": self._draw().encode()}

    def _repr_html_(self) -> str:
        """Return the display in a notebook: the drawing and the text."""
        return join_parts(embed_image(self._draw(), self.text()), escape(self.text()))

    def _draw(self) -> str:
        drawn = [DrawnPath(path.past, None, path.future, path.straight, path.thing) for path in self.paths[:MOST_DRAWN]]
        return draw_paths(drawn)

    def _write_time(self, time: float) -> str:
        if not self.has_dates:
            return f"{time:.10g}"
        moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=round(time, 3))
        return moment.isoformat(sep=" ")


def _short(value: float) -> str:
    return format_number(float(f"{value:.4g}"))


def _guard(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
