"""The command line: `axone VERB ...`. Parsing only; each verb's work is in `axone/commands`.

argparse reads the words and every value stays text until `axone.settings` checks it, so that an error looks the
same from the command line, from TOML and from Python, in both languages. Nothing here imports torch: help and
lists answer at once.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import sys
import traceback
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from axone import messages
from axone.errors import AxoneError, UsageError, closest
from axone.messages import _, mark


@dataclass(frozen=True)
class Flag:
    """One flag of a verb: its name, the word for its value ("" for a switch), its help."""

    name: str
    value: str
    help: str


@dataclass(frozen=True)
class Verb:
    """One verb: what follows it, what it does, and the function that does it."""

    usage: str
    help: str
    function: str  # "module:function" in axone.commands
    flags: tuple[Flag, ...] = ()
    words: str = "*"  # how many words it takes, as argparse counts: "*", "+", "?", "1", "0"
    settings: bool = False  # takes a system's settings as further flags


COMMON = (
    Flag("runs-folder", "FOLDER", mark("where runs are kept (default: runs)")),
    Flag("language", "en|fr", mark("language of the messages (default: the system's)")),
    Flag("json", "", mark("one JSON object on the last line of standard output")),
    Flag("debug", "", mark("show the traceback of an error")),
)
OWN = Flag("system", "FILE.py", mark("the file of your own system, for its runs"))
TRAIN = (
    Flag("config", "FILE.toml", mark("settings from a file; flags win over it")),
    Flag("name", "NAME", mark("name of the run (default: the date and two words)")),
)
NETWORK = (
    Flag("input", "1x28x28", mark("shape of one input: channels x height x width")),
    Flag("classes", "N", mark("number of classes")),
    Flag("svg", "FILE", mark("draw the network into a file")),
    Flag("source", "FILE", mark("write the network as a Python file that needs torch alone")),
)

VERBS = {
    "list": Verb("", mark("list the systems"), "look:list_systems", words="0"),
    "graph": Verb(
        "SYSTEM|RUN|FILE.json",
        mark("show a network without training it"),
        "look:graph",
        (*NETWORK, OWN),
        "1",
        settings=True,
    ),
    "train": Verb("SYSTEM|FILE.py", mark("train a system"), "training:train", TRAIN, "1", settings=True),
    "resume": Verb("RUN", mark("go on with a stopped run, exactly where it was"), "training:resume", (OWN,), "1", True),
    "evaluate": Verb(
        "RUN",
        mark("measure a run on its test data, or on others"),
        "answer:evaluate",
        (Flag("data", "DATA", mark("other data to measure on")), OWN),
        "1",
    ),
    "predict": Verb(
        "RUN INPUT...",
        mark("ask a run about files, folders, or - (a list on standard input)"),
        "answer:predict",
        (
            Flag("top", "N", mark("show the N likeliest classes")),
            Flag("out", "FILE|FOLDER", mark("where pictures that it makes are kept (default: answers/ in the run)")),
            OWN,
        ),
        "+",
    ),
    "generate": Verb(
        "RUN",
        mark("let a run make something new"),
        "make:generate",
        (
            Flag("count", "N", mark("make so many (default: 16)")),
            Flag("class", "NAME", mark("of this class (default: all of them in turn)")),
            Flag("seed", "N", mark("start of the random draw: the same gives the same (default: 0)")),
            Flag("out", "FOLDER", mark("where they are kept (default: samples/ in the run)")),
            OWN,
        ),
        "1",
    ),
    "explain": Verb(
        "RUN IMAGE...",
        mark("show which pixels, maps and training pictures an answer rests on"),
        "explain:explain",
        (
            Flag("class", "NAME", mark("explain this class (default: the likeliest)")),
            Flag("layer", "NAME", mark("show the maps of this layer (default: the last that has some)")),
            Flag("nearest", "N", mark("show so many training pictures like it (default: 8; 0: none)")),
            Flag("out", "FOLDER", mark("where the pictures are kept (default: explanations/ in the run)")),
            OWN,
        ),
        "+",
    ),
    "runs": Verb("", mark("list the runs"), "look:runs", words="0"),
    "report": Verb(
        "RUN",
        mark("write the report page of a run again, and say where it is"),
        "look:report",
        (Flag("open", "", mark("open it in the browser")),),
        "1",
    ),
    "data": Verb(
        "[get NAME | clear]",
        mark("list the data sets at hand, get one, or clear decoded pictures"),
        "data:data",
        (Flag("out", "FILE.csv", mark("where a table is written (default: NAME.csv, here)")),),
        words="*",
    ),
    "check": Verb("", mark("tell what this machine offers and what Axone will use"), "look:check", words="0"),
    "new": Verb("NAME", mark("write a commented starting file for a system of your own"), "new:new", words="1"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see `axone.errors`)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if hasattr(sys.stdout, "reconfigure"):  # a terminal that knows only ASCII gets "?" for the rest
        sys.stdout.reconfigure(errors="replace")
    debug, as_json = "--debug" in words, "--json" in words
    try:
        messages.use(_language(words))
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            code = _dispatch(words)
        sys.stdout.flush()
        return code
    except AxoneError as error:
        if debug:
            traceback.print_exc()
        return _tell(error, as_json)
    except KeyboardInterrupt:
        return _tell(AxoneError(_("Stopped.")), as_json, 130)
    except BrokenPipeError:  # the reader of our output is gone (`| head`): nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if debug:
            traceback.print_exc()
        hint = _("type the same with --debug to see where, and please report it")
        text = _("This is a bug of Axone: {kind}: {error}", kind=type(error).__name__, error=error)
        return _tell(AxoneError(text, hint=hint), as_json)


def _show_warning(message: Warning | str, *where: object, **rest: object) -> None:
    from axone.display import say

    say(_("warning: {text}", text=message))


def _tell(error: AxoneError, as_json: bool, code: int | None = None) -> int:
    from axone.display import say

    code = error.exit_code if code is None else code
    say(error)
    if as_json:
        report = {"error": error.what, "expected": error.expected, "hint": error.hint, "exit_code": code}
        print(json.dumps(report), flush=True)
    return code


def _verb_first(words: list[str]) -> list[str]:
    """Move flags that stand before the verb behind it: `axone --language fr list` is understood too."""
    rest, front = list(words), []
    valued = {f"--{flag.name}": bool(flag.value) for flag in COMMON}
    while rest and rest[0].split("=")[0] in valued:
        count = 2 if valued[rest[0].split("=")[0]] and "=" not in rest[0] else 1
        front += rest[:count]
        rest = rest[count:]
    return rest + front if rest else []


def _dispatch(words: list[str]) -> int:
    words = _verb_first(words)
    if not words or words[0] in ("-h", "--help", "help"):
        print(help_page())
        return 0 if words else 2
    if words[0] == "--version":
        from importlib import metadata

        print("axone", metadata.version("axone"))
        return 0
    name, rest = words[0], words[1:]
    if name not in VERBS:
        near = closest(name, VERBS)
        raise UsageError(
            _("There is no command '{name}'.", name=name)
            + (" " + _("Did you mean '{near}'?", near=near) if near else ""),
            expected=_("commands: {names}", names=", ".join(VERBS)),
            hint=_("type: axone --help"),
        )
    verb = VERBS[name]
    if "-h" in rest or "--help" in rest:
        print(verb_help(name, rest))
        return 0
    module, function = verb.function.split(":")
    options = _parse(name, verb, rest)
    return getattr(importlib.import_module(f"axone.commands.{module}"), function)(options) or 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        if without := re.fullmatch(r"argument (--\S+): expected one argument", message):
            message = _("{flag} needs a value.", flag=without[1])
        raise UsageError(message, hint=_("type: axone {verb} --help", verb=self.prog))


def _parse(name: str, verb: Verb, rest: list[str]) -> argparse.Namespace:
    parser = _Parser(prog=name, add_help=False, allow_abbrev=False)
    for flag in (*verb.flags, *COMMON):
        if flag.value:
            parser.add_argument(f"--{flag.name}")
        else:
            parser.add_argument(f"--{flag.name}", action="store_true")
    usage = _("usage: axone {verb} {words}", verb=name, words=verb.usage)
    first: list[str] = []
    if verb.settings:  # the word comes first: what follows may be values of flags that only the system knows
        if not rest or rest[0].startswith("-"):
            raise UsageError(usage, hint=_("type: axone {verb} --help", verb=name))
        first, rest = rest[:1], rest[1:]
    known, left = parser.parse_known_args(rest)
    if verb.settings:
        known.settings = left
        left = first
    unknown = next((word for word in left if word.startswith("-") and word != "-"), None)
    if unknown:
        near = closest(unknown.lstrip("-").split("=")[0], [flag.name for flag in (*verb.flags, *COMMON)])
        raise UsageError(
            _("'{verb}' has no flag {flag}.", verb=name, flag=unknown)
            + (" " + _("Did you mean '{near}'?", near="--" + near) if near else ""),
            hint=_("type: axone {verb} --help", verb=name),
        )
    fits = {"*": True, "+": len(left) >= 2, "1": len(left) == 1, "0": not left}[verb.words]
    if not fits:
        raise UsageError(usage, hint=_("type: axone {verb} --help", verb=name))
    known.words = left
    known.runs_folder = known.runs_folder or "runs"
    return known


def _language(words: list[str]) -> str | None:
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


def help_page() -> str:
    """Return the page of `axone --help`."""
    width = max(len(f"{name} {verb.usage}") for name, verb in VERBS.items())
    lines = [_("Every system of an introduction to deep learning, made real."), "", _("usage: axone COMMAND ..."), ""]
    lines += [f"  {f'{name} {verb.usage}':{width}}  {_(verb.help)}" for name, verb in VERBS.items()]
    lines += ["", *_flags(COMMON), "", _("Begin with: axone train cnn. Help on a system: axone train cnn --help")]
    return "\n".join(lines)


def verb_help(name: str, rest: list[str]) -> str:
    """Return the help of a verb; for `train SYSTEM --help`, with the settings of the system."""
    verb = VERBS[name]
    lines = [_("usage: axone {verb} {words}", verb=name, words=verb.usage), "", _(verb.help), ""]
    lines += _flags((*verb.flags, *COMMON))
    system = rest[0] if rest and not rest[0].startswith("-") else None
    if verb.settings and system and name in ("train", "graph"):
        from axone import catalogue
        from axone.commands.settings_help import settings_help

        lines += ["", settings_help(catalogue.find(system))]
    elif verb.settings:
        lines += ["", _("and the settings of the system: axone train cnn --help")]
    return "\n".join(lines)


def _flags(flags: Sequence[Flag]) -> list[str]:
    shown = [(f"--{flag.name} {flag.value}".strip(), _(flag.help)) for flag in flags]
    width = max(len(left) for left, _right in shown)
    return [f"  {left:{width}}  {right}" for left, right in shown]
