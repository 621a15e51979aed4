"""The measured result in a system's own header: a paragraph of its docstring, which this file writes.

Measured by benchmarks/accuracy_cnn.py: ...      in src/axone/systems/NAME.py
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path

SYSTEMS = Path(__file__).resolve().parent.parent / "src" / "axone" / "systems"


def paragraph(script: str, sentence: str) -> str:
    """Return the paragraph as it is written in the docstring."""
    return textwrap.fill(f"Measured by benchmarks/{script}.py: {sentence}", 118)


def find_paragraph(system: str, script: str) -> str | None:
    """Return the paragraph about a benchmark that the header of a system has now; None: it has none."""
    text = ast.get_docstring(ast.parse((SYSTEMS / f"{system}.py").read_text("utf-8")), clean=False) or ""
    match = re.search(_pattern(script), text)
    return match.group(0).rstrip() if match else None


def write(script: str, sentences: Mapping[str, str]) -> None:
    """Write the sentence about each system into its header, in the place of the previous one."""
    for system, sentence in sentences.items():
        path = SYSTEMS / f"{system}.py"
        text = path.read_text("utf-8")
        now = paragraph(script, sentence)
        if before := find_paragraph(system, script):
            text = text.replace(before, now, 1)
        else:
            end = text.index('"""', 3)
            text = text[:end].rstrip() + "\n\n" + now + "\n" + text[end:]
        path.write_text(text, "utf-8")


def _pattern(script: str) -> str:
    return rf"Measured by benchmarks/{re.escape(script)}\.py: (?:.+\n?)+?(?=\n|\"\"\"|$)"
