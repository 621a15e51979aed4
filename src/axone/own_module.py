"""Executing a Python file of the user's own, whose path they typed: a system or a world. Never one that a run names."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType


def execute_file(path: Path) -> ModuleType:
    """Execute a file and return it as a module. Raises whatever the file raises, SystemExit too."""
    spec = importlib.util.spec_from_file_location(f"axone_own_{path.stem}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up here
    spec.loader.exec_module(module)
    return module


def find_line(error: BaseException, path: Path) -> int | None:
    """Return the line of a file in which an exception was raised, or through which it passed; None for another one."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if frame.filename == str(path)), None)
