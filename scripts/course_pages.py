"""Figures and generated parts of the course's pages: what the scripts that write them share."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"
LANGUAGES = ("en", "fr")


def page_of(name: str, language: str) -> Path:
    """Return the file of a page of the course in a language."""
    return DOCS / "course" / ("" if language == "en" else language) / f"{name}.md"


def image_link(language: str, name: str) -> str:
    """Return the path of a figure as a page in this language writes it."""
    return f"{'../images' if language == 'en' else '../../images'}/course/{language}/{name}.svg"


def save(language: str, name: str, drawing: str) -> None:
    """Write one figure."""
    folder = DOCS / "images" / "course" / language
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.svg").write_text(drawing + "\n", "utf-8")


def insert(page: Path, name: str, text: str) -> None:
    """Replace the text between the two markers of a part of a page."""
    pattern = rf"(<!-- written: {name} -->\n).*?(<!-- end -->)"
    written, count = re.subn(
        pattern, lambda match: f"{match[1]}{text}\n{match[2]}", page.read_text("utf-8"), flags=re.DOTALL
    )
    if count != 1:
        raise SystemExit(f"{page} has {count} pairs of markers for {name!r}")
    page.write_text(written, "utf-8")
