"""Words of the command line that several verbs read: whole numbers, shapes, inputs of a model."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axone.display import say
from axone.errors import UsageError
from axone.messages import _

if TYPE_CHECKING:
    from axone.use import Run


IMAGE_AXES = 3  # channels, height and width


def parse_whole_number(text: str, flag: str, low: int, high: int | None = None) -> int:
    """Return the whole number, from `low` to `high` (None: no upper limit), that was typed after a flag.

    Raises UsageError.
    """
    if text.isdecimal() and low <= int(text) and (high is None or int(text) <= high):
        return int(text)
    limits = _("at least {limit}", limit=low) if high is None else _("{low} to {high}", low=low, high=high)
    raise UsageError(
        _("{name} cannot be '{value}'.", name=flag, value=text[:80]),
        expected=_("expected {wanted}", wanted=_("a whole number") + ", " + limits),
    )


def parse_shape(text: str, flag: str) -> tuple[int, ...]:
    """Return the shape that was typed after a flag: "3x224x224" is (3, 224, 224). Raises UsageError."""
    sizes = text.lower().split("x")
    if not all(size.isdecimal() and 0 < int(size) <= 100_000 for size in sizes):
        raise UsageError(
            _("{name} cannot be '{value}'.", name=flag, value=text[:80]),
            expected=_("expected channels x height x width, for example 3x224x224"),
        )
    return tuple(map(int, sizes))


def list_inputs(run: Run, words: Iterable[str]) -> list[tuple[str, Any]]:
    """List the inputs that words name, each with the name to print for it.

    A word is a file, a folder (all files below it that the system reads), a row of a table, a text, or - for words on
    standard input. Which files of a folder of images are no images is said.
    Raises UsageError when there is no input at all, DataError for a table that cannot be read.
    """
    from axone.tasks.named_input import NamedInput

    named: list[tuple[str, Any]] = []
    reads_images = run.system.read_inputs is None or len(run.facts.get("input", ())) == IMAGE_AXES
    for word in _expand_standard_input(words):
        inputs, single = run.read_inputs(word)
        if reads_images:
            _say_left_out(word)
        for number, item in enumerate(inputs, 1):
            if isinstance(item, Path):
                name = str(item)
            elif isinstance(item, NamedInput):
                name = f"{word}, {item.name}"
            else:
                name = f"{word}, " + _("row {number}", number=number)
            named.append((word if single else name, item))
    if not named:
        raise UsageError(_("There is no input: no file was named or found."))
    return named


def list_files(words: Iterable[str]) -> list[Path]:
    """List the files that words name: files, folders (all images below them), - for names on standard input.

    Raises UsageError when there is none.
    """
    from axone.tasks.images.inputs import read_inputs

    files = []
    for word in _expand_standard_input(words):
        files += read_inputs(word, {})[0]
        _say_left_out(word)
    if not files:
        raise UsageError(_("There is no input: no file was named or found."))
    return files


def _say_left_out(word: str) -> None:
    """Print which files of a folder are passed over. `reverse=FOLDER` is a folder too, for some systems."""
    from axone.tasks.images.inputs import describe_left_out

    for note in describe_left_out(word.removeprefix("reverse=")):
        say(note)


def _expand_standard_input(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        if word == "-":
            yield from (line.rstrip("\r\n") for line in sys.stdin if line.strip())
        else:
            yield word
