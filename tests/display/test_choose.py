"""The display follows from where the program runs."""

import sys

from axone.display import choose
from axone.display.display import Display
from axone.display.notebook import NotebookDisplay
from axone.display.terminal import LogDisplay, TerminalDisplay


def test_the_display_follows_from_where_the_program_runs(monkeypatch):
    assert type(choose.open_display(verbose=False)) is Display
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    assert isinstance(choose.open_display(), LogDisplay)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert isinstance(choose.open_display(), TerminalDisplay)
    monkeypatch.setattr(choose, "is_in_notebook", lambda: True)
    assert isinstance(choose.open_display(), NotebookDisplay)
