"""The import of PyTorch, which takes a second or more, with a line that says so."""

from __future__ import annotations

import sys

from axone.display import open_display
from axone.messages import _


def load_torch() -> None:
    """Import PyTorch. On a slow disk this takes long, and nothing else could say why."""
    if "torch" in sys.modules:
        return
    with open_display() as display:
        display.progress(_("loading PyTorch"))
        import torch  # noqa: F401
