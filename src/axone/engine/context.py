"""What `build` of a system receives besides its settings: progress, data in memory, facts of a restored run, folders.

Settings are text that a run keeps. What cannot be kept, or differs from one call to the next, is here, in one
explicit argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axone.errors import DataError
from axone.messages import _
from axone.progress import Progress, ignore_progress

IN_MEMORY = "(from Python)"
"""The value of the setting `data` in a run whose data were passed in memory: a frame, an array, rows."""


def ignore_text(text: str) -> None:
    """Do nothing with a sentence."""


@dataclass(frozen=True)
class BuildContext:
    """The circumstances of one call of `build` (or of `complete`).

    Args:
        progress: Called as `progress(text, done, total)` while data are read or a helper network is trained.
        data: The data themselves when they were passed in memory; None when `settings.data` names them.
        facts: The facts of the run whose weights will be restored; None for a new training. With facts, new data
            are read as the run read its own, and initial weights need not be fetched.
        runs_folder: The folder in which other runs are found by name.
        whole: Whether the data are other data on which the run of `facts` is evaluated: all of them are then the test
            set, whatever their division, and `notify` is called with what is measured.
        notify: Called with sentences for people.
        typed: The names of the settings that were typed when a run was resumed.
        options: The options of `axone evaluate` for a system that declares some (EvaluateOptions); None otherwise.
    """

    progress: Progress = ignore_progress
    data: Any = None
    facts: Mapping[str, Any] | None = None
    runs_folder: Path = Path("runs")
    whole: bool = False
    notify: Callable[[str], None] = ignore_text
    options: Any = None
    typed: frozenset[str] = frozenset()

    def source(self, data: str) -> Any:
        """Return what the setting `data` stands for: the name itself, or the data that were passed in memory.

        Raises DataError when the run was trained on data in memory and none are passed now.
        """
        if data != IN_MEMORY:
            return data
        if self.data is None:
            raise DataError(
                _("This run was trained on data in memory, which its folder does not contain."),
                hint=_("pass the data again: axone.resume(run, data=...) or run.evaluate(data=...)"),
            )
        return self.data


def split_data(settings: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
    """Separate data in memory from settings that are text.

    Args:
        settings: Settings by name, as passed to `axone.train`; `data` may be a name, a path or an object.

    Returns:
        The settings with `data` as text, and the object (None when `data` is a name, a path or absent).
    """
    data = settings.get("data")
    if data is None or isinstance(data, str):
        return dict(settings), None
    if isinstance(data, Path):
        return {**settings, "data": str(data)}, None
    return {**settings, "data": IN_MEMORY}, data
