"""`axone predict` and `axone evaluate`: ask a run, or measure it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axone.commands.keep import keep, stem
from axone.commands.whole_number import whole_number
from axone.display import figures, printable, say
from axone.errors import AxoneError, DataError, UsageError
from axone.messages import _, plural

if TYPE_CHECKING:
    from axone.tasks.answers import Answer


def predict(options: argparse.Namespace) -> int:
    """Answer about files, folders and listed names; unreadable ones are told apart, and make the exit code 3."""
    top = whole_number(options.top, "--top", 1) if options.top else 1

    from axone.use import load

    run = load(options.words[0], system=options.system, runs_folder=options.runs_folder)
    named = named_inputs(run, options.words[1:])
    answers = run.answers([given for _name, given in named])
    place = _place(options.out, len(named))
    taken: set[str] = set()
    rows: list[dict[str, Any]] = []
    for (name, _given), answer in zip(named, answers, strict=True):
        if isinstance(answer, AxoneError):
            say(answer)
            rows.append({"input": name, "error": answer.what})
            continue
        answer = answer.with_top(top)
        shown, found = answer.text(), answer.to_json()
        kept = _kept(answer, run.path, place, Path(name).stem, taken)
        if kept:
            shown, found["files"] = f"{shown} -> {', '.join(map(str, kept))}", list(map(str, kept))
        elif options.out:
            raise UsageError(
                _("The system '{name}' answers in words: there is nothing to write.", name=run.system.name)
            )
        if not options.json:
            print(printable(f"{name}: {shown}"))
        rows.append({"input": name, **found})
    failed = sum("error" in row for row in rows)
    if failed:
        say(plural("{count} input could not be used.", "{count} inputs could not be used.", failed))
    if options.json:
        print(json.dumps({"run": str(run.path), "predictions": rows}))
    return DataError.exit_code if failed else 0


def _place(out: str | None, inputs: int) -> tuple[str | None, str]:
    """Return the folder for what is written, and the file's stem where `out` names one file."""
    if out is None or not Path(out).suffix:
        return out, ""
    if inputs > 1:
        raise UsageError(
            _("{count} answers do not fit into the one file '{path}'.", count=inputs, path=out),
            hint=_("give a folder: --out cleaned/"),
        )
    return str(Path(out).parent), Path(out).stem


def _kept(answer: Answer, run: Path, place: tuple[str | None, str], name: str, taken: set[str]) -> list[Path]:
    """Write an answer's files, and return their paths. Files that supplement a text are written only with --out."""
    out, begin = place
    if out is None and answer.output == "text":
        return []
    begin = begin or stem(name, taken)
    return [keep(run, "answers", out, begin + end, content) for end, content in answer.files().items()]


def evaluate(options: argparse.Namespace) -> int:
    """Measure a run."""
    from axone.use import load

    run = load(options.words[0], system=options.system, runs_folder=options.runs_folder)
    parts = run.evaluate(options.data)
    for name, metrics in parts.items():
        if metrics:
            say(f"{_(name)}: {figures(metrics)}")
    if options.json:
        results = {**run.standing, "run": str(run.path), "data": options.data or run.settings.data, **parts}
        print(json.dumps(results))
    return 0


def named_inputs(run: Any, words: list[str]) -> list[tuple[str, Any]]:
    """List what words name, each with its name: files, folders, rows of a table, and - for words on standard input."""
    named: list[tuple[str, Any]] = []
    for word in _listed(words):
        inputs, one = run.inputs(word)
        for number, given in enumerate(inputs, 1):
            file = str(given) if isinstance(given, Path) else f"{word}, " + _("row {number}", number=number)
            named.append((word if one else file, given))
    return _some(named)


def input_paths(words: list[str]) -> list[Path]:
    """List the files that words name: files, folders (all below them), and - for names on standard input."""
    from axone.use import as_inputs

    return _some([path for word in _listed(words) for path in as_inputs(word)[0]])


def _listed(words: list[str]) -> list[str]:
    """Put the lines of standard input in place of each -."""
    listed: list[str] = []
    for word in words:
        listed += [line.rstrip("\r\n") for line in sys.stdin if line.strip()] if word == "-" else [word]
    return listed


def _some(found: list[Any]) -> list[Any]:
    if not found:
        raise UsageError(_("There is nothing to answer about: no file was given or found."))
    return found
