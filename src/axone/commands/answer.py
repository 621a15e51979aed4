"""`axone predict` and `axone evaluate`: ask a run, or measure it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from axone.display import figures, printable, say
from axone.errors import AxoneError, DataError, UsageError
from axone.messages import _, plural


def predict(options: argparse.Namespace) -> int:
    """Answer about files, folders and listed names; unreadable ones are told apart, and make the exit code 3."""
    top = _count(options.top) if options.top else 1
    paths = _paths(options.words[1:])

    from axone.use import load

    run = load(options.words[0], system=options.system, runs_folder=options.runs_folder)
    answers = run.answers(paths)
    rows: list[dict[str, Any]] = []
    for path, answer in zip(paths, answers, strict=True):
        if isinstance(answer, AxoneError):
            say(answer)
            rows.append({"input": str(path), "error": answer.what})
            continue
        ranked = answer.top(top)
        if not options.json:
            shown = ", ".join(f"{label} {chance:.1%}" for label, chance in ranked)
            print(f"{printable(path)}: {shown}")
        rows.append({"input": str(path), "label": answer.label, "probability": answer.probability, "top": ranked})
    failed = sum("error" in row for row in rows)
    if failed:
        say(plural("{count} input could not be used.", "{count} inputs could not be used.", failed))
    if options.json:
        print(json.dumps({"run": str(run.path), "predictions": rows}))
    return DataError.exit_code if failed else 0


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


def _paths(words: list[str]) -> list[Path]:
    from axone.use import files_below

    paths: list[Path] = []
    for word in words:
        if word == "-":
            paths += [Path(line.rstrip("\r\n")) for line in sys.stdin if line.strip()]
        elif Path(word).is_dir():
            paths += files_below(Path(word))
        else:
            paths.append(Path(word))
    if not paths:
        raise UsageError(_("There is nothing to predict: no file was given or found."))
    return paths


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(
            _("{name} cannot be '{value}'.", name="--top", value=text),
            expected=_("expected {wanted}", wanted=_("a whole number") + ", " + _("at least {limit}", limit=1)),
        )
    return int(text)
