"""The error of a file that is not a usable recording."""

from __future__ import annotations

from pathlib import Path

from axone.data.paths import printable_path
from axone.errors import DataError
from axone.messages import _


class AudioError(DataError):
    """A file that is not a usable recording; `reason` says why, without the name of the file."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(_("'{path}' cannot be used: {reason}.", path=printable_path(path), reason=reason))
        self.reason = reason


class TooLongError(AudioError):
    """A recording that is longer than the limit, and may be usable otherwise."""
