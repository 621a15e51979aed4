"""`axone runs`: the list of runs; with --follow, the events of one run as they are written."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import suppress
from textwrap import shorten
from typing import TYPE_CHECKING

from axone.display import format_metrics, printable, say
from axone.messages import _
from axone.numbers import format_duration

if TYPE_CHECKING:
    from axone.runs.status import RunInfo

LONGEST_REASON = 120  # characters, in the list


def execute(options: argparse.Namespace) -> int:
    """List the runs, or follow one of them."""
    return _follow(options) if options.follow else _list(options)


def _list(options: argparse.Namespace) -> int:
    """Print the runs, the newest last. A damaged run is listed as such, with the reason."""
    from axone.runs.listing import list_runs

    runs = sorted(list_runs(options.runs_folder), key=lambda run: run.started)
    if options.json:
        rows = [
            {"run": str(r.path), "system": r.system, "status": r.status, "reason": r.reason, "results": r.done}
            for r in runs
        ]
        print(json.dumps({"runs": rows}))
        return 0
    if not runs:
        say(_("There are no runs in '{root}' yet. Begin with: axone train cnn", root=options.runs_folder))
    width = max((len(str(run.path)) for run in runs), default=0)
    for run in runs:
        results = printable(_format_results(run))
        if run.reason:  # `axone report RUN` has all of it
            results = shorten(results, LONGEST_REASON, placeholder=" …")
        print(f"{printable(run.path):{width}}  {_(run.status):10}  {results}")
    return 0


def _follow(options: argparse.Namespace) -> int:
    """Print the events of a run until no process writes it: as lines for people, or with --json as one object a line.

    A run that went back to a checkpoint is followed from there: with --json, an object of kind "rewind" says how many
    of the printed events still hold.
    """
    from axone.display import LogDisplay
    from axone.runs import folder
    from axone.runs.follow import follow
    from axone.runs.status import read_run

    path = folder.find(options.follow, options.runs_folder)
    if options.json:
        for event in follow(path):
            print(json.dumps(event), flush=True)
        return 0
    say(_("run: {path}", path=path), file=sys.stdout)
    epochs = read_run(path).settings.get("epochs")
    with LogDisplay(epochs if isinstance(epochs, int) else 1, file=sys.stdout) as display:
        for event in follow(path):
            with suppress(KeyError, TypeError, ValueError):  # an event that another version or another hand wrote
                display(event)
    run = read_run(path)
    say(f"{_(run.status)}  {_format_results(run)}".rstrip(), file=sys.stdout)
    return 0


def _format_results(run: RunInfo) -> str:
    done = run.done or {}
    metrics = format_metrics(done.get("test") or done.get("validation") or {}, run.facts)
    seconds = format_duration(done["seconds"]) if "seconds" in done else ""
    return run.reason or "  ".join(part for part in (metrics, seconds) if part)
