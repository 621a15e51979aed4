"""The run's figures and sounds, embedded in the page as data addresses: verified, images compressed."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axone.figures.text import clean_text
from axone.messages import _
from axone.numbers import is_number
from axone.runs.report.elements import encode_address
from axone.runs.report.svg import LARGEST_DRAWING, parse_svg
from axone.runs.storage.reading import read_inside

MOST_FRAMES = 12  # of a figure that was made at many epochs
LARGEST_FILE = 12_000_000  # bytes
MOST_PIXELS = 40_000_000
MOST_ANIMATED_PIXELS = 200_000_000  # of all frames of an animation
LARGEST_SOUND = 2_000_000  # bytes
LOSSLESS_SIZE = 90_000  # bytes above which an image is compressed with a loss that is not visible
_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


@dataclass
class Frame:
    """A figure at one epoch; `epoch` is None for the final one. Sizes are in pixels, 0 when unknown."""

    epoch: int | None
    address: str  # data:image/..., or data:audio/... of a sound
    width: int = 0
    height: int = 0
    is_sound: bool = False


@dataclass
class EmbeddedFigure:
    """A figure at all its epochs, oldest first, and why some of them cannot be shown."""

    name: str
    title: str
    caption: str
    frames: list[Frame] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def embed_figures(folder: Path, events: Iterable[dict[str, Any]]) -> list[EmbeddedFigure]:
    """Read the figures that events name, grouped by name in the order of their first appearance."""
    groups: dict[str, dict[int | None, dict[str, Any]]] = {}
    for event in events:
        name = str(event.get("name") or event.get("title") or event["file"])
        epoch = int(event["epoch"]) if is_number(event.get("epoch")) else None
        groups.setdefault(name, {})[epoch] = event
    figures = []
    for name, epochs in groups.items():
        ordered = sorted(epochs.items(), key=lambda item: (item[0] is None, item[0] or 0))
        latest = ordered[-1][1]
        figure = EmbeddedFigure(name, str(latest.get("title") or name), str(latest.get("caption") or ""))
        for epoch, event in _thin(ordered, MOST_FRAMES):
            try:
                figure.frames.append(_embed(folder, event["file"], epoch))
            except ValueError as reason:
                figure.problems.append(f"{clean_text(event['file'], 200)}: {reason}")
        figures.append(figure)
    return figures


def _thin(items: list[Any], most: int) -> list[Any]:
    """Return `most` items at most, at even distances, with the first and the last."""
    if len(items) <= most:
        return items
    return [items[round(place * (len(items) - 1) / (most - 1))] for place in range(most)]


def _embed(folder: Path, file: str, epoch: int | None) -> Frame:
    """Read one file. Raises ValueError, with the reason, when the page cannot show it."""
    try:
        content = read_inside(folder, file, LARGEST_FILE)
    except (FileNotFoundError, IsADirectoryError):
        raise ValueError(_("missing")) from None
    except OSError:
        raise ValueError(_("it cannot be read")) from None
    suffix = Path(file).suffix.lower()
    if suffix == ".svg":
        if len(content) > LARGEST_DRAWING or parse_svg(content) is None:
            raise ValueError(_("it is damaged"))
        return Frame(epoch, encode_address("svg+xml", content))
    if suffix == ".gif":
        width, height = _check_animation(content)
        return Frame(epoch, encode_address("gif", content), width, height)
    if suffix == ".wav":
        # Browsers decode sounds in a process of their own; what is checked is that it is one, and not a page.
        if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
            raise ValueError(_("it is damaged"))
        if len(content) > LARGEST_SOUND:
            raise ValueError(_("too large"))
        return Frame(epoch, encode_address("wav", content, "audio"), is_sound=True)
    if suffix not in _FORMATS:
        raise ValueError(_("it is not an image that a page can show"))
    kind, content, width, height = _compress(content, _FORMATS[suffix])
    return Frame(epoch, encode_address(kind, content), width, height)


def _check_animation(content: bytes) -> tuple[int, int]:
    """Decode all frames of an animation, and return their width and height. Raises ValueError, with the reason."""
    from PIL import Image, ImageSequence

    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(content), formats=["GIF"]) as image:
            warnings.simplefilter("ignore")
            pixels = 0
            for frame in ImageSequence.Iterator(image):
                pixels += image.width * image.height
                if pixels > MOST_ANIMATED_PIXELS:
                    break
                frame.load()
            else:
                return image.width, image.height
    except Exception:  # as below
        raise ValueError(_("it is damaged")) from None
    raise ValueError(_("too large"))


def _compress(content: bytes, expected: str) -> tuple[str, bytes, int, int]:
    """Decode an image completely; return the smallest of the file itself and its WebP versions, and its size."""
    from PIL import Image, features

    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(content), formats=[expected]) as image:
            warnings.simplefilter("ignore")
            fits = image.width * image.height <= MOST_PIXELS
            if fits:
                image.load()
                candidates = [(expected.lower(), content)]
                if features.check("webp") and max(image.size) < 16_000:
                    full = image.convert("RGBA" if image.has_transparency_data else "RGB")
                    candidates.append(("webp", _encode_webp(full, lossless=True)))
                    if min(len(data) for _kind, data in candidates) > LOSSLESS_SIZE:
                        candidates.append(("webp", _encode_webp(full, quality=84)))
                kind, smallest = min(candidates, key=lambda candidate: len(candidate[1]))
                return kind, smallest, image.width, image.height
    except Exception:  # Pillow raises many kinds for a damaged file (OSError, SyntaxError, ValueError, ...)
        raise ValueError(_("it is damaged")) from None
    raise ValueError(_("too large"))


def _encode_webp(image: Any, **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, "WEBP", method=3, **options)
    return target.getvalue()
