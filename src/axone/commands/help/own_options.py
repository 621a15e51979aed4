"""The flags that a run's system has for a verb of its own, on the page of `axone generate RUN --help`."""

from __future__ import annotations

from collections.abc import Sequence

from axone import catalogue
from axone.catalogue import SystemFile
from axone.commands.help.columns import format_columns
from axone.commands.help.settings import format_flag, format_meaning
from axone.errors import AxoneError
from axone.messages import _
from axone.settings import describe


def format_own_options(verb: str, words: Sequence[str]) -> list[str]:
    """Return the lines on the further flags of a verb: those of the system that a word names, or where to see them.

    Args:
        verb: "generate", "predict", "evaluate", "explain" or "play".
        words: What was typed after the verb: a run, or the name of a system, first.
    """
    file = _find_system(words)
    if file is None:
        return [_("and the flags of the run's system: axone {verb} RUN --help", verb=verb)]
    options_class = catalogue.read_options_class(file, verb)
    if options_class is None:
        return [_("The system '{name}' has no further flags for {verb}.", name=file.name, verb=verb)]
    rows = [(format_flag(option), format_meaning(option)) for option in describe(options_class)]
    return [_("flags of the system '{name}'", name=file.name), *format_columns(rows)]


def _find_system(words: Sequence[str]) -> SystemFile | None:
    """Return the system of the run, or of the name, that is the first word; None for another word or none."""
    from axone.runs import folder
    from axone.runs.status import read_run

    first = words[0] if words and not words[0].startswith("-") else None
    runs_folder = words[words.index("--runs-folder") + 1] if "--runs-folder" in words[:-1] else "runs"
    if first is None:
        return None
    try:
        return catalogue.find_builtin(first)
    except AxoneError:
        pass
    try:
        return catalogue.find_builtin(str(read_run(folder.find(first, runs_folder)).environment.get("system")))
    except AxoneError:  # a run that is not there, or one of a user's own system, whose file was not typed
        return None
