"""What `train` and `resume` print at the end: the results of a run, and the commands that use its model."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from axone.display import format_metrics, say
from axone.messages import _
from axone.numbers import format_duration
from axone.shell import quote

if TYPE_CHECKING:
    from axone.use import Run


def print_results(run: Run, options: argparse.Namespace) -> None:
    """Print the results of a finished run, the address of its report, and the commands that use its model."""
    from axone.runs.example_input import example_input

    results = {**run.results, "run": str(run.path)}
    seconds = _("{seconds} of training", seconds=format_duration(results["seconds"]))
    if results.get("validation"):
        say(_("validation: {metrics}", metrics=format_metrics(results["validation"], run.facts)) + f"  ({seconds})")
    if results.get("test"):
        say(_("test: {metrics}", metrics=format_metrics(results["test"], run.facts)))
    say(_("report: {path}", path=(run.path / "report.html").resolve().as_uri()))
    verbs = run.system.list_verbs(run.settings)
    path, own = quote(run.path), f" --system {quote(run.system.path)}" if run.system.own else ""
    if "predict" in verbs:
        say(_("use it: axone predict {run} {input}", run=path, input=quote(example_input(run.facts))) + own)
    if "generate" in verbs:
        say(_("generate examples: axone generate {run} --count 16", run=path) + own)
    if options.json:
        print(json.dumps(results))
