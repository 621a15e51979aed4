"""What `predict` and `generate` return for one input: the `Answer` protocol, and the answers that several tasks share.

A system may return any class with these methods. Classes of ours inherit from `Answer` explicitly, which gives them
the defaults: no files, no preview, nothing to rank.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, UInt8
from PIL import Image
from torch import Tensor

from axone.figures.figure import encode_png
from axone.figures.html import draw_bars, embed_image, join_parts, write_note, write_title
from axone.figures.text import escape
from axone.messages import _
from axone.numbers import format_number, format_percent

LISTED_CLASSES = 5  # in a notebook


@runtime_checkable
class Answer(Protocol):
    """The answer about one input, or one generated example.

    `output` says which part is the answer itself:

    - "text" (default): `text` is complete, and `files` are a supplement which is written only where `--out` asks for
      it. Classes, numbers and anomaly scores are such answers.
    - "files": the files are the answer, and are always written, by default into the run. Generated and restored
      images, generated rows and shapes are such answers.
    - "stream": as "files", and a text that is computed piece by piece: `axone generate` prints the `pieces` as they
      come, before the files are written. Generated texts are such answers.
    """

    output: ClassVar[Literal["text", "files", "stream"]] = "text"

    def text(self) -> str:
        """Return one line for people, in the language of the messages, with a note in parentheses where one is due."""
        raise NotImplementedError

    def colored_text(self) -> str:
        """Return the text for a terminal with colors, which may have several lines; by default it is `text`."""
        return self.text()

    def to_json(self) -> dict[str, Any]:
        """Return the same as values for `--json`: only dicts, lists, strings, numbers, booleans and None."""
        raise NotImplementedError

    def files(self) -> dict[str, bytes]:
        """Return the content of each file by its suffix (".png"); an empty dict for an answer that is text only."""
        return {}

    def pieces(self) -> Iterator[str]:
        """Yield the parts of a text while they are computed; nothing for an answer whose `output` is no stream."""
        return iter(())

    def preview(self) -> UInt8[np.ndarray, "height width channels"] | None:
        """Return a small image for a contact sheet of many answers, or None where the answer is not an image."""
        return None

    def with_top(self, count: int) -> Answer:
        """Return this answer with its `count` best possibilities in `text` and `to_json` (`axone predict --top`).

        An answer that does not rank possibilities returns itself.
        """
        return self


class NotebookAnswer(Answer):
    """The base of our answers, which a notebook shows as HTML; the answers of a user's own system need not be."""

    def _repr_html_(self) -> str:
        """Return the display in a notebook: the preview, where there is one, and the text."""
        pixels = self.preview()
        image = "" if pixels is None else embed_image(_to_image(pixels), self.text(), enlarge=True)
        return join_parts(image, escape(self.text()))


@dataclass(frozen=True)
class Prediction(NotebookAnswer):
    """The class of one input."""

    label: str
    probability: float
    probabilities: dict[str, float]  # class -> probability, the predicted class first, then the likeliest
    note: str = ""  # for people
    ranked: int = field(default=1, kw_only=True, repr=False, compare=False)  # classes in `text` and `to_json`
    # The image as the network reads it, where there are few inputs.
    pixels: UInt8[np.ndarray, "height width channels"] | None = field(
        default=None, kw_only=True, repr=False, compare=False
    )

    def top(self, count: int) -> list[tuple[str, float]]:
        """Return the `count` likeliest classes with their probabilities."""
        return list(self.probabilities.items())[:count]

    def with_top(self, count: int) -> Prediction:
        """Return this prediction with its `count` likeliest classes in `text` and `to_json`."""
        return replace(self, ranked=count)

    def text(self) -> str:
        """Return the classes with their probabilities, and the note."""
        classes = ", ".join(f"{label} {format_percent(share, 1)}" for label, share in self.top(self.ranked))
        return with_note(classes, self.note)

    def to_json(self) -> dict[str, Any]:
        """Return the class, its probability, the ranking, and the note where there is one."""
        answer = {"label": self.label, "probability": self.probability, "top": self.top(self.ranked)}
        return {**answer, "note": self.note} if self.note else answer

    def _repr_html_(self) -> str:
        """Return the display in a notebook: the image if available, the likeliest classes with bars, the note."""
        image = "" if self.pixels is None else embed_image(_to_image(self.pixels), self.label, enlarge=True)
        title = write_title(self.label, format_percent(self.probability, 1))
        return join_parts(image, title, draw_bars(self.top(max(self.ranked, LISTED_CLASSES))), write_note(self.note))


@dataclass(frozen=True)
class GeneratedImage(NotebookAnswer):
    """One image that a network generated, translated or reconstructed."""

    pixels: UInt8[np.ndarray, "height width channels"]
    label: str = ""  # the class that was asked for; "" for an image without one
    note: str = ""  # for people

    output = "files"

    @property
    def image(self) -> Image.Image:
        """The image for Pillow, gray or RGB."""
        return _to_image(self.pixels)

    def text(self) -> str:
        """Return the class and the size, and the note."""
        height, width, _channels = self.pixels.shape
        size = _("{width} x {height} pixels", width=width, height=height)
        return with_note(f"{self.label}, {size}" if self.label else size, self.note)

    def to_json(self) -> dict[str, str | int]:
        """Return the class, the size, and the note where there is one; the pixels are in the file."""
        height, width, channels = self.pixels.shape
        answer = {"label": self.label, "width": width, "height": height, "channels": channels}
        return {**answer, "note": self.note} if self.note else answer

    def files(self) -> dict[str, bytes]:
        """Return the image as a PNG file."""
        return {".png": encode_png(self.image)}

    def preview(self) -> UInt8[np.ndarray, "height width channels"]:
        """Return the pixels."""
        return self.pixels


@dataclass(frozen=True)
class GeneratedRow(NotebookAnswer):
    """One row of a table that a network generated or reconstructed."""

    values: dict[str, float | str | None]  # column -> value; None: missing
    label: str = ""

    output = "files"

    def text(self) -> str:
        """Return the columns and their values, without the missing ones."""
        written = {
            name: format_number(value) if isinstance(value, float) else value for name, value in self.values.items()
        }
        return ", ".join(f"{name} {value}" for name, value in written.items() if value is not None)

    def to_json(self) -> dict[str, Any]:
        """Return the values by column."""
        return {"values": self.values}

    def files(self) -> dict[str, bytes]:
        """Return the values as a JSON file."""
        return {".json": json.dumps(self.values, ensure_ascii=False, indent=1).encode() + b"\n"}


def _to_image(pixels: UInt8[np.ndarray, "height width channels"]) -> Image.Image:
    return Image.fromarray(pixels.squeeze(2) if pixels.shape[2] == 1 else pixels)


def with_note(text: str, note: str) -> str:
    """Return a text followed by its note in parentheses; the text alone where the note is empty."""
    return f"{text}  ({note})" if note else text


def quantize(pixels: Float[Tensor, "*batch channels height width"]) -> UInt8[Tensor, "*batch height width channels"]:
    """Convert pixels from 0 to 1 into bytes with channels last, on their device; values outside are clamped."""
    return pixels.float().movedim(-3, -1).clamp(0, 1).mul(255).round().to(torch.uint8)


def to_uint8(pixels: Float[Tensor, "*batch channels height width"]) -> UInt8[Tensor, "*batch height width channels"]:
    """Convert pixels as `quantize` does, and copy them to the processor's memory, without gradients."""
    return quantize(pixels.detach()).cpu()
