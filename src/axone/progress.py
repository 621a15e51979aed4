"""How long work says what it does: a text, and how much of it is done."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""`progress(text, done, total)`: what is being done, in the user's language, and how far it is; `total` 0: unknown."""


def ignore_progress(text: str, done: int, total: int) -> None:
    """Report nothing: the default of every function that takes a `progress`."""
