"""Axone makes every system of an introduction to deep learning real.

    import axone

    run = axone.train("cnn", epochs=5)
    run.predict("shoe.png")

Names are loaded on first use, so that `import axone` costs almost nothing.
"""

from __future__ import annotations

import importlib
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


def __dir__() -> list[str]:
    return [*globals(), *_PUBLIC]
