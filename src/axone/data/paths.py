"""Paths of files as text for people."""

from __future__ import annotations

from pathlib import Path


def printable_path(path: str | Path) -> str:
    """Return a path as text that any terminal or file accepts: invalid bytes and control characters are escaped."""
    text = str(path).encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
