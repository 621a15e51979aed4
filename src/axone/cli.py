"""The command line: `axone VERB ...`. Parsing only; the work of each verb is in `axone/commands/VERB.py`.

argparse splits the words, and every value stays text until `axone.settings` checks it, so that errors are the same
from the command line, from TOML and from Python, in both languages. Nothing here imports torch: help and lists
answer at once.
"""

from __future__ import annotations

import argparse
import importlib
import io
import json
import os
import re
import sys
import traceback
import warnings
from collections.abc import Sequence
from typing import NoReturn

from axone import messages
from axone.commands.parsing.usage import make_unknown_flag_error, make_usage_error, require_word_count
from axone.commands.parsing.verbs import COMMON, VERBS, Verb
from axone.errors import AxoneError, DataNote, UsageError, closest
from axone.messages import _


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see `axone.errors`)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal that only knows ASCII shows "?" for other characters
        sys.stdout.reconfigure(errors="replace")
    try:
        with messages.use_language(_find_language(words)):
            return _run(words)
    except UsageError as error:  # of --language itself
        return _report(error, "--json" in words)


def _run(words: list[str]) -> int:
    """Run one command; print its error, if any, and return the exit code."""
    debug, as_json = "--debug" in words, "--json" in words
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            code = _dispatch(words)
        sys.stdout.flush()
        return code
    except AxoneError as error:
        if debug:
            traceback.print_exc()
        return _report(error, as_json)
    except KeyboardInterrupt:
        return _report(AxoneError(_("Stopped.")), as_json, 130)
    except BrokenPipeError:  # the reader of the output has gone (`| head`): this is no error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if debug:
            traceback.print_exc()
        hint = _("type the same with --debug to see where, and please report it")
        text = _("This is a bug of Axone: {kind}: {error}", kind=type(error).__name__, error=error)
        return _report(AxoneError(text, hint=hint), as_json)


def _show_warning(message: Warning | str, category: type[Warning], *where: object, **rest: object) -> None:
    from axone.display import say

    say(message if issubclass(category, DataNote) else _("warning: {text}", text=message))


def _report(error: AxoneError, as_json: bool, code: int | None = None) -> int:
    """Print an error to standard error, and as an object with --json; return the exit code."""
    from axone.display import say

    code = error.exit_code if code is None else code
    say(error)
    if as_json:
        result = {"error": error.what, "expected": error.expected, "hint": error.hint, "exit_code": code}
        print(json.dumps(result), flush=True)
    return code


def _dispatch(words: list[str]) -> int:
    words = _move_verb_first(words)
    if not words or words[0] in ("-h", "--help", "help"):
        from axone.commands.help.pages import format_help

        print(format_help())
        return 0 if words else 2
    if words[0] == "--version":
        from importlib import metadata

        print("axone", metadata.version("axone"))
        return 0
    name, rest = words[0], words[1:]
    if name not in VERBS:
        raise UsageError(
            _("There is no command '{name}'.", name=name) + _suggest(name, VERBS),
            expected=_("commands: {names}", names=", ".join(VERBS)),
            hint=_("type: axone --help"),
        )
    if "-h" in rest or "--help" in rest:
        from axone.commands.help.pages import format_verb_help

        print(format_verb_help(name, rest))
        return 0
    options = _parse(name, VERBS[name], rest)
    return int(importlib.import_module(f"axone.commands.{name}").execute(options))


def _move_verb_first(words: list[str]) -> list[str]:
    """Move common flags from before the verb to the end: `axone --language fr list` is understood too."""
    rest, front = list(words), []
    has_value = {f"--{flag.name}": bool(flag.value) for flag in COMMON}
    while rest and rest[0].split("=")[0] in has_value:
        count = 2 if has_value[rest[0].split("=")[0]] and "=" not in rest[0] else 1
        front += rest[:count]
        rest = rest[count:]
    return rest + front if rest else []


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        if without := re.fullmatch(r"argument (--\S+): expected one argument", message):
            message = _("{flag} needs a value.", flag=without[1])
        raise UsageError(message, hint=_("type: axone {verb} --help", verb=self.prog))


def _parse(name: str, verb: Verb, rest: list[str]) -> argparse.Namespace:
    """Return the flags of a verb, its `words`, and the words that a system's settings will read (`settings`)."""
    parser = _Parser(prog=name, add_help=False, allow_abbrev=False)
    for flag in (*verb.flags, *COMMON):
        if flag.value:
            parser.add_argument(f"--{flag.name}")
        else:
            parser.add_argument(f"--{flag.name}", action="store_true")
    first: list[str] = []
    if verb.settings:  # the system or the run comes first: the words after it may be values of the system's flags
        if not rest or rest[0].startswith("-"):
            raise make_usage_error(name)
        first, rest = rest[:1], rest[1:]
    options, left = parser.parse_known_args(rest)
    if verb.settings:
        options.settings, left = left, first
    unknown = next((word for word in left if word.startswith("-") and word != "-"), None)
    # A run's system may have flags of its own, which the verb reads once the run is known: it has to come first.
    if unknown and not (verb.options and left[0] is not unknown):
        raise make_unknown_flag_error(name, unknown)
    if not unknown:
        require_word_count(name, left)
    options.words = left
    options.runs_folder = options.runs_folder or "runs"
    return options


def _find_language(words: list[str]) -> str | None:
    """Return the value of --language, wherever it is among the words; None without the flag. Raises UsageError."""
    for position, word in enumerate(words):
        value = word.partition("=")[2] if word.startswith("--language=") else None
        if word == "--language" and position + 1 < len(words):
            value = words[position + 1]
        if value is not None:
            if value not in messages.LANGUAGES:
                raise UsageError(
                    _("There is no language '{language}'.", language=value),
                    expected=_("expected one of: {choices}", choices=", ".join(messages.LANGUAGES)),
                )
            return value
    return None


def _suggest(word: str, known: Sequence[str] | dict[str, Verb]) -> str:
    near = closest(word, known)
    return " " + _("Did you mean '{near}'?", near=near) if near else ""
