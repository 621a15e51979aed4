"""The errors that Axone raises on purpose, each with the exit code of the command line.

    AxoneError                 1   a bug of ours, when it is raised as itself
    ├── UsageError             2   a command, system or name that does not exist
    │   └── SettingsError      2   a setting that is unknown, of the wrong type or out of range
    ├── DataError              3   the user's data cannot be used as they are
    ├── RunError               4   a run folder or a checkpoint cannot be used
    │   ├── DamagedError       4   a file of the run is missing or is not what was written
    │   └── LockedError        4   another process is writing this run
    ├── ResourceError          5   disk, memory, device or port
    ├── DivergedError          6   the loss is no longer a number, after the allowed rollbacks
    ├── WorkerError            7   a process of ours died
    └── Stopped          130 / 143 the user (or the system) asked to stop; everything is saved

An error says what was given, what was expected, and what to type. It never shows a traceback unless
`--debug` asks for one.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class AxoneError(Exception):
    """Something that Axone can explain: `what` happened, what was `expected`, a `hint` to type."""

    exit_code = 1

    def __init__(self, what: str, *, expected: str | None = None, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.expected = expected
        self.hint = hint

    def __str__(self) -> str:
        return "\n".join(part for part in (self.what, self.expected, self.hint) if part)


class UsageError(AxoneError):
    """A command, a system or a name that does not exist."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting that is unknown, of the wrong type or out of range."""


class DataError(AxoneError):
    """The user's data cannot be used as they are."""

    exit_code = 3


class RunError(AxoneError):
    """A run folder or a checkpoint cannot be used."""

    exit_code = 4


class DamagedError(RunError):
    """A file of the run is missing, or is not what was written."""


class LockedError(RunError):
    """Another process is writing this run."""


class ResourceError(AxoneError):
    """Disk, memory, device or port: the machine lacks what was asked of it."""

    exit_code = 5


class DivergedError(AxoneError):
    """The loss is no longer a number, after the allowed rollbacks."""

    exit_code = 6


class WorkerError(AxoneError):
    """A process that Axone started died."""

    exit_code = 7


class Stopped(AxoneError):  # noqa: N818 - not a fault: the run is saved and can be resumed
    """The user or the system asked to stop; everything is saved."""

    def __init__(self, what: str, *, exit_code: int = 130, hint: str | None = None) -> None:
        super().__init__(what, hint=hint)
        self.exit_code = exit_code


class DataNote(UserWarning):
    """A warning that is a remark on data, such as an unknown column; the command line prints it as a plain line."""


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name nearest to a mistyped word, for "did you mean", or None."""
    matches = get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None
