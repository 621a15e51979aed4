"""SVG drawings of a run, written into the page itself after a check of every element and attribute.

Most drawings are shown through an image element, where browsers run no script and make no request. The network's graph
is part of the page, so that its text can be searched and follows the page's colors; it may hold nothing but the
elements and attributes that a plain drawing needs.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from axone.figures.text import clean_text
from axone.messages import _
from axone.runs.report.elements import encode_address
from axone.runs.storage.reading import read_inside

LARGEST_DRAWING = 1_500_000  # bytes
DEEPEST_DRAWING = 100  # elements inside elements
_SVG = "http://www.w3.org/2000/svg"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_ELEMENTS = {
    *("svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "title"),
    *("desc", "defs", "marker", "linearGradient", "radialGradient", "stop", "clipPath", "style"),
}


def inline_svg(folder: Path, file: str) -> tuple[str, str]:
    """Read an SVG file of a run as a part of the page; return (markup, "") or ("", why it is not shown)."""
    try:
        content = read_inside(folder, file, LARGEST_DRAWING)
    except FileNotFoundError:
        return "", _("missing")
    except OSError:
        return "", _("it cannot be read")
    except ValueError as reason:
        return "", str(reason)
    root = parse_svg(content)
    if root is None or _measure_depth(root) > DEEPEST_DRAWING:
        return "", _("it is damaged")
    if not all(_is_harmless(element) for element in root.iter()):
        return "", _("it holds something other than a plain drawing")
    if any(element.tag.endswith("style") for element in root.iter()):
        # Style rules would apply to the rest of the page; inside an image they do not.
        return f'<img src="{encode_address("svg+xml", content)}" alt="">', ""
    for element in root.iter():
        # Prefixed ids do not collide with those of the page; references inside the drawing follow.
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


def parse_svg(content: bytes) -> ElementTree.Element | None:
    """Parse an SVG; return None when it is none. Entities are refused, because they can expand without limit."""
    if re.search(rb"<!(DOCTYPE|ENTITY)", content, re.IGNORECASE) or b"\0" in content:
        return None
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError, RecursionError):
        return None
    return root if root.tag in ("svg", f"{{{_SVG}}}svg") else None


def _measure_depth(root: ElementTree.Element) -> int:
    """Return how deep elements are nested; serializing them takes a recursive call per level."""
    level, elements = 0, [root]
    while elements:
        level, elements = level + 1, [child for element in elements for child in element]
    return level


def _is_harmless(element: ElementTree.Element) -> bool:
    """Return whether an element and all its attributes are on the list of what a plain drawing needs."""
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
        lowered = value.lower()
        if "javascript:" in lowered or "expression(" in lowered or "\\" in lowered or "/*" in lowered:
            return False
        if re.search(r"url\((?!\s*['\"]?#)", lowered) or "image(" in lowered or "image-set(" in lowered:
            return False
        if local == "style" and "position" in lowered:
            return False
    return True
