"""The texts that have a name in Axone: the sources of Python's standard library, present everywhere, and a download."""

from __future__ import annotations

import sysconfig
from pathlib import Path

from axone.data.datasets.store import DatasetFile, DatasetSpec
from axone.errors import DataError
from axone.messages import _, mark

PYTHON = "python"
# Parts of the standard library that are long tables, or tests.
_LEFT_OUT = {"test", "tests", "idlelib", "lib2to3", "encodings", "pydoc_data", "turtledemo", "distutils"}

TEXTS: dict[str, DatasetSpec] = {
    "shakespeare": DatasetSpec(
        name="shakespeare",
        summary=mark("a million characters of Shakespeare's plays (Tiny Shakespeare)"),
        license="public domain",
        homepage="https://github.com/karpathy/char-rnn",
        files=(
            DatasetFile(
                "input.txt",
                (
                    "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
                    "https://github.com/karpathy/char-rnn/raw/master/data/tinyshakespeare/input.txt",
                ),
                "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
                1_115_394,
            ),
        ),
    ),
}


def find_python_sources() -> Path:
    """Return the folder of the standard library's sources. Raises DataError where Python was installed without."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    if not (folder / "argparse.py").is_file():
        raise DataError(
            _("Python's standard library has no source files in '{folder}'.", folder=folder),
            hint=_("name a text: --data FILE_OR_FOLDER"),
        )
    return folder


def is_python_source(name: str) -> bool:
    """Return whether a file of the standard library, by its relative path, is one of those that are learned from."""
    return name.endswith(".py") and not _LEFT_OUT & set(name.split("/"))
