"""An input of `predict` with a name of its own, such as a series of a file, which is printed before its answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NamedInput:
    """The base of inputs with a name, which are one of several in a file."""

    name: str
