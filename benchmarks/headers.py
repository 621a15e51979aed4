"""The measured result in a system's own header, written here and by nobody's hand.

Measured by benchmarks/accuracy_cnn.py: ...      a paragraph of the docstring of src/axone/systems/NAME.py
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path

SYSTEMS = Path(__file__).resolve().parent.parent / "src" / "axone" / "systems"


def paragraph(script: str, sentence: str) -> str:
    """Return the paragraph as it stands in the docstring."""
    return textwrap.fill(f"Measured by benchmarks/{script}.py: {sentence}", 118)


def standing(system: str, script: str) -> str | None:
    """Return what the header of a system says about a benchmark now."""
    text = ast.get_docstring(ast.parse((SYSTEMS / f"{system}.py").read_text("utf-8")), clean=False) or ""
    found = re.search(_pattern(script), text)
    return found.group(0).rstrip() if found else None


def write(script: str, sentences: Mapping[str, str]) -> None:
    """Put the sentence about each system into its header, in the place of the one before."""
    for system, sentence in sentences.items():
        path = SYSTEMS / f"{system}.py"
        text = path.read_text("utf-8")
        now = paragraph(script, sentence)
        if before := standing(system, script):
            text = text.replace(before, now, 1)
        else:
            end = text.index('"""', 3)
            text = text[:end].rstrip() + "\n\n" + now + "\n" + text[end:]
        path.write_text(text, "utf-8")


def _pattern(script: str) -> str:
    return rf"Measured by benchmarks/{re.escape(script)}\.py: (?:.+\n?)+?(?=\n|\"\"\"|$)"
