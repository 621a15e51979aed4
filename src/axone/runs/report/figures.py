"""The run's pictures, carried inside the page: small, checked, and unable to run or fetch anything.

A drawing (SVG) made by a run is shown through an image element, where browsers run no script and fetch
nothing. The one exception is the network's graph, whose text should be searchable and follow the page's
colors: it is put into the page itself, only when each of its elements and attributes is on a short list.
"""

from __future__ import annotations

import base64
import io
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from axone.figures.text import clean_text
from axone.messages import _
from axone.numbers import is_number

MOST_FRAMES = 12  # moments kept of a picture that was made at many epochs
LARGEST_PICTURE = 12_000_000  # bytes on the disk
LARGEST_DRAWING = 1_500_000  # bytes of an SVG
DEEPEST_DRAWING = 100  # elements within elements
MOST_PIXELS = 40_000_000
GOOD_WEIGHT = 90_000  # bytes above which a picture is compressed with a loss that the eye does not see
_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
_SVG = "http://www.w3.org/2000/svg"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_ELEMENTS = {
    *("svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "title"),
    *("desc", "defs", "marker", "linearGradient", "radialGradient", "stop", "clipPath", "style"),
}


@dataclass
class Frame:
    """A picture at one moment: `epoch` is None for the final one. Sizes are in pixels, 0 when unknown."""

    epoch: int | None
    address: str  # data:image/...
    width: int = 0
    height: int = 0


@dataclass
class Figure:
    """A picture with all its moments, oldest first, and what went wrong with it."""

    name: str
    title: str
    caption: str
    frames: list[Frame] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def gather(folder: Path, events: Iterable[dict[str, Any]]) -> list[Figure]:
    """Read the pictures that the events name, grouped by name in order of their first appearance."""
    groups: dict[str, dict[int | None, dict[str, Any]]] = {}
    for event in events:
        name = str(event.get("name") or event.get("title") or event["file"])
        epoch = int(event["epoch"]) if is_number(event.get("epoch")) else None
        groups.setdefault(name, {})[epoch] = event
    pictures = []
    for name, moments in groups.items():
        ordered = sorted(moments.items(), key=lambda moment: (moment[0] is None, moment[0] or 0))
        latest = ordered[-1][1]
        picture = Figure(name, str(latest.get("title") or name), str(latest.get("caption") or ""))
        for epoch, event in _spread(ordered, MOST_FRAMES):
            try:
                picture.frames.append(_frame(folder, event["file"], epoch))
            except _UnusableError as reason:
                picture.problems.append(f"{clean_text(event['file'], 200)}: {reason}")
        pictures.append(picture)
    return pictures


class _UnusableError(Exception):
    """A picture cannot be shown; the text says why."""


def _spread(items: list[Any], most: int) -> list[Any]:
    """Keep at most `most` items, evenly, with the first and the last."""
    if len(items) <= most:
        return items
    return [items[round(place * (len(items) - 1) / (most - 1))] for place in range(most)]


def _frame(folder: Path, file: str, epoch: int | None) -> Frame:
    content = _content(folder, file)
    suffix = Path(file).suffix.lower()
    if suffix == ".svg":
        if len(content) > LARGEST_DRAWING or _parsed(content) is None:
            raise _UnusableError(_("it is damaged"))
        return Frame(epoch, _address("svg+xml", content))
    if suffix not in _FORMATS:
        raise _UnusableError(_("it is not a picture that a page can show"))
    kind, content, width, height = _compressed(content, _FORMATS[suffix])
    return Frame(epoch, _address(kind, content), width, height)


def _content(folder: Path, file: str) -> bytes:
    """Read a file of the run; a name that leads out of the run's folder is refused."""
    try:
        path = (folder / file).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise _UnusableError(_("it lies outside the run's folder"))
        if not path.is_file():
            raise _UnusableError(_("it is missing"))
        if path.stat().st_size > LARGEST_PICTURE:
            raise _UnusableError(_("it is too large for this page"))
        return path.read_bytes()
    except (OSError, ValueError, RuntimeError):  # an unreadable file, a zero byte in a name, a loop of links
        raise _UnusableError(_("it cannot be read")) from None


def _address(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _compressed(content: bytes, expected: str) -> tuple[str, bytes, int, int]:
    """Check that a picture decodes whole; return it as whichever of itself and WebP weighs least."""
    from PIL import Image, features

    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(content), formats=[expected]) as image:
            warnings.simplefilter("ignore")
            if image.width * image.height > MOST_PIXELS:
                raise _UnusableError(_("it is too large for this page"))
            image.load()
            candidates = [(expected.lower(), content)]
            if features.check("webp") and max(image.size) < 16_000:
                full = image.convert("RGBA" if image.has_transparency_data else "RGB")
                candidates.append(("webp", _webp(full, lossless=True)))
                if min(len(bytes_) for _kind, bytes_ in candidates) > GOOD_WEIGHT:
                    candidates.append(("webp", _webp(full, quality=84)))
            kind, least = min(candidates, key=lambda candidate: len(candidate[1]))
            return kind, least, image.width, image.height
    except _UnusableError:
        raise
    except Exception:  # Pillow raises many kinds for a damaged file (OSError, SyntaxError, ValueError, ...)
        raise _UnusableError(_("it is damaged")) from None


def _webp(image: Any, **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, "WEBP", method=3, **options)
    return target.getvalue()


def inline_drawing(file: Path) -> tuple[str, str]:
    """Read an SVG to stand in the page itself: (markup, "") or ("", why it is not shown)."""
    try:
        content = _content(file.parent, file.name)
    except _UnusableError as reason:
        return "", str(reason)
    root = _parsed(content) if len(content) <= LARGEST_DRAWING else None
    if root is None or _depth(root) > DEEPEST_DRAWING:
        return "", _("it is damaged")
    if not all(_harmless(element) for element in root.iter()):
        return "", _("it holds something other than a plain drawing")
    if any(element.tag.endswith("style") for element in root.iter()):
        # Rules of its own would reach the rest of the page; as an image it keeps them to itself.
        return f'<img src="{_address("svg+xml", content)}" alt="">', ""
    for element in root.iter():
        # A page keeps its own ids, and links into the drawing stay inside it.
        for name, value in list(element.attrib.items()):
            if name == "id":
                element.set(name, "graph-" + value)
            elif name in ("href", _XLINK):
                del element.attrib[name]
                element.set("href", "#graph-" + value[1:])
            else:
                element.set(name, re.sub(r"url\(\s*['\"]?#([^)'\"]*)['\"]?\s*\)", r"url(#graph-\1)", value))
        for name, value in element.attrib.items():
            element.set(name, clean_text(value, LARGEST_DRAWING))
        element.text, element.tail = (
            text and clean_text(text, LARGEST_DRAWING) for text in (element.text, element.tail)
        )
        element.tag = element.tag.removeprefix("{" + _SVG + "}")
    return ElementTree.tostring(root, encoding="unicode"), ""


def _parsed(content: bytes) -> ElementTree.Element | None:
    """Parse an SVG, or return None. Entities are refused: they are how small XML grows huge."""
    if re.search(rb"<!(DOCTYPE|ENTITY)", content, re.IGNORECASE) or b"\0" in content:
        return None
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError, RecursionError):
        return None
    return root if root.tag in ("svg", f"{{{_SVG}}}svg") else None


def _depth(root: ElementTree.Element) -> int:
    """Count how deep elements lie in each other; writing them out takes a call for each level."""
    level, elements = 0, [root]
    while elements:
        level, elements = level + 1, [child for element in elements for child in element]
    return level


def _harmless(element: ElementTree.Element) -> bool:
    """Say whether an element and all its attributes are on the short list of what a drawing needs."""
    if not isinstance(element.tag, str) or element.tag.removeprefix("{" + _SVG + "}") not in _ELEMENTS:
        return False
    for name, value in element.attrib.items():
        local = name.rpartition("}")[2].lower()
        if local.startswith("on") or (name.startswith("{") and name not in (_XLINK, _SPACE)):
            return False
        if local == "href" and not value.startswith("#"):
            return False
        # A style or a fill may name a part of the drawing, url(#...), never an address; backslashes and
        # comments in CSS can spell `url` in other ways.
        told = value.lower()
        if "javascript:" in told or "expression(" in told or "\\" in told or "/*" in told:
            return False
        if re.search(r"url\((?!\s*['\"]?#)", told) or "image(" in told or "image-set(" in told:
            return False
        if local == "style" and "position" in told:
            return False
    return True
