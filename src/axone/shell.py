"""Words of commands that Axone prints, quoted so that they can be pasted into this system's shell."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterable


def quote(word: object) -> str:
    """Return a path or another value as one word for the shell: unchanged where it needs no quotes."""
    return join([str(word)])


def join(words: Iterable[str]) -> str:
    """Return a command of these words."""
    return subprocess.list2cmdline(list(words)) if os.name == "nt" else shlex.join(words)
