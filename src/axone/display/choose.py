"""Which display there is: that of a notebook, of a terminal, of a log, or none."""

from __future__ import annotations

import sys

from axone.display.display import Display
from axone.display.notebook import NotebookDisplay, is_in_notebook
from axone.display.terminal import LogDisplay, TerminalDisplay


def open_display(verbose: bool = True) -> Display:
    """Return the display for where this program runs; one that shows nothing where it shall not be verbose."""
    if not verbose:
        return Display()
    if is_in_notebook():
        return NotebookDisplay()
    return TerminalDisplay() if sys.stderr.isatty() else LogDisplay()
