"""Axone makes every system of an introduction to deep learning real.

    import axone

    run = axone.train("cnn", epochs=5)
    run.predict("shoe.png")

Names are loaded on first use, so that `import axone` costs almost nothing.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

# Public name -> the module that holds it.
_PUBLIC = {
    "AxoneError": "axone.errors",
    "Run": "axone.use",
    "load": "axone.use",
    "network": "axone.network",
    "resume": "axone.train",
    "train": "axone.train",
}

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'axone' has no attribute {name!r}")
    value = getattr(importlib.import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


class _Package(ModuleType):
    """Keeps `axone.train` the function: importing the module of that name would put the module in its place."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _PUBLIC and isinstance(value, ModuleType):
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __dir__() -> list[str]:
    return [*globals(), *_PUBLIC]
