"""The display of a notebook: one output cell that is updated."""

from __future__ import annotations

import sys
import time
from html import escape
from typing import Any

from axone.display.display import Display
from axone.display.text import printable

MOST_LINES = 40  # of one output; the lines between the first and the last ones are left out
UPDATE_SECONDS = 0.25


def is_in_notebook() -> bool:
    """Return whether this program runs in the kernel of a notebook."""
    find_shell = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return hasattr(find_shell() if find_shell else None, "kernel")


class NotebookDisplay(Display):
    """All lines in one output of the cell, the live line last. Front ends without HTML get plain text."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.line = ""
        self.handle: Any = None
        self.sent_at = float("-inf")

    def print_line(self, line: str) -> None:
        """Add a line."""
        self.lines += printable(line).split("\n")
        self.line = ""
        self._send()

    def update(self, line: str, task: str = "") -> None:
        """Replace the live line, at most four times a second."""
        self.line = printable(line)
        if time.perf_counter() - self.sent_at > UPDATE_SECONDS:
            self._send()

    def close(self) -> None:
        """Remove the live line."""
        if self.line:
            self.line = ""
            self._send()

    def text(self) -> str:
        """Return the output as plain text."""
        lines = self.lines
        if len(lines) > MOST_LINES:
            half = MOST_LINES // 2
            lines = [*lines[:half], "...", *lines[-half:]]
        return "\n".join([*lines, self.line] if self.line else lines)

    def _send(self) -> None:
        from IPython.display import display  # type: ignore[import-not-found, unused-ignore]

        self.sent_at = time.perf_counter()
        text = self.text()
        html = f'<pre style="white-space:pre-wrap;margin:0">{escape(text)}</pre>'
        bundle = {"text/plain": text, "text/html": html}
        if self.handle is None:
            self.handle = display(bundle, raw=True, display_id=True)
        else:
            self.handle.update(bundle, raw=True)
