"""Two columns of text, as on help pages."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence

WIDEST_LEFT = 34  # characters of the left column; a longer flag has its meaning on the next line
NARROWEST_RIGHT = 30  # characters of the right column; on a narrower terminal its lines are not wrapped


def format_columns(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Return lines of two columns, the right one wrapped at the terminal's width where that is known."""
    width = min(max(len(left) for left, _right in rows), WIDEST_LEFT)
    right_width = shutil.get_terminal_size((10_000, 24)).columns - width - 4
    lines = []
    for left, right in rows:
        texts = (textwrap.wrap(right, right_width) if right_width >= NARROWEST_RIGHT else [right]) or [""]
        if len(left) > width:
            lines.append(f"  {left}")
            left = ""
        lines += [f"  {left if number == 0 else '':{width}}  {text}".rstrip() for number, text in enumerate(texts)]
    return lines
